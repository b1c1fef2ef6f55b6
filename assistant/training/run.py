"""`assistant train` from end to end: features, voices, shared space, detectors, strategies, report."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.encoders.checkpoints import locate, read_weights
from assistant.encoders.factory import create_encoders
from assistant.encoders.vision import imagenet_names
from assistant.fusion.class_space import ClassSpace
from assistant.fusion.picture_kinds import KindDetector, roots, write_detector
from assistant.fusion.pictures import PictureScorer
from assistant.fusion.projection import ANCHOR, SharedSpace, unit
from assistant.fusion.shipped import WEIGHTS, save_weights
from assistant.fusion.sound_space import SoundSpace
from assistant.settings import Settings, cache_dir, shipped_dir
from assistant.speech import SpeechRecognizer
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress
from assistant.training.alignment import Classifier, contrast, place_classes, recall_rows, ridge, synthesize
from assistant.training.drawn import Clip, DrawnKind, draw_pictures, read_clip_art, read_drawn_kinds
from assistant.training.episodes import Episode, Subject, World, make_episode
from assistant.training.features import FeatureStore, PictureFeatures
from assistant.training.learning import FORWARD, learn, predict
from assistant.training.picture_kinds import EVERYDAY, Samples, fit_detector
from assistant.training.sentences import ASKING, POINTING, SHOWING, ask_about, captions_of, make_utterances
from assistant.training.spoken import VOICES, fit_sound, hear
from assistant.types import FloatArray

__all__ = ["train"]

CLIPS = 2400
HELD_OUT_CLIPS = 300
EVERYDAY_DRAWN = {"page": 150, "scene": 260}
"""number of everyday pictures drawn"""
MOST_DRAWN = 1000
"""most pictures drawn of one kind"""
EVERYDAY_KEPT = 60
"""vectors of each class of everyday pictures that are kept for users' own detectors"""
PER_CLASS = 2
"""synthetic photographs of each of the thousand everyday objects"""
UTTERANCES, HELD_OUT_UTTERANCES = 3000, 200
"""sentences spoken aloud, and how many of them only check what was learnt"""
SPOKEN_THINGS = 1000
"""classes asked about aloud, besides"""
EPISODES, HELD_OUT_EPISODES = 8000, 1500
LEAST_PICTURES = 6
"""a keyword becomes a pretended intent when so many drawings carry it"""
VISION = "efficientnet-lite0"
PARTS = ("weight", "bias")
"""arrays of a map into the shared space"""


@dataclass(frozen=True, eq=False)
class _Material:
    """The training material, and the figures found on the way."""

    seed: int
    work: Path
    progress: StepProgress
    rows: list[Row]
    """figures of what was held out"""
    store: FeatureStore
    clips: list[Clip]
    clip_art: PictureFeatures
    captions: FloatArray
    kinds: list[DrawnKind]
    drawn: Mapping[str, PictureFeatures]

    def everyday_clips(self) -> list[int]:
        """Rows of the clip art that is of no kind."""
        clips = enumerate(self.clips)
        return [row for row, clip in clips if not any(k.may_be(f"{clip.caption} {clip.path.name}") for k in self.kinds)]


def train(settings: Settings, progress: StepProgress, seed: int, epochs: int, out: Path, fresh: bool) -> Report:
    """Fits all weights of the fusion, writes them to `out`, and returns their figures on held-out data.

    Args:
        seed: random seed. The same seed gives the same weights on the same machine.
        out: folder of the weights.
        fresh: whether to delete what earlier runs have encoded.
    """
    work = cache_dir() / "training"
    if fresh:
        shutil.rmtree(work, ignore_errors=True)
    material = _gather(work, seed, progress)
    tensors = read_weights(locate(VISION) / "model.safetensors")
    last = {key: np.asarray(value, np.float32) for key, value in tensors.items() if key.startswith(("_fc", "_bn1"))}
    classifier = Classifier.from_weights(last)
    covariance = np.cov(material.clip_art.pooled.T).astype(np.float32)
    synthetic = synthesize(classifier, covariance, PER_CLASS, np.random.default_rng(seed))
    names = material.store.sentences(ANCHOR, "everyday-names", [f"a photo of a {name}" for name in imagenet_names()])
    maps = _align(material, classifier, synthetic, names)
    captions = _class_captions(material, names)
    classes = place_classes(classifier, captions)
    samples = _samples(material, synthetic)
    detector = _detector(material, samples)
    pictures = {"background": names[::2], "zero_shot": np.array([2.0, 4.0], np.float32)}
    space = SharedSpace(maps, ClassSpace(classes))
    seen = space.project_pooled(VISION, material.clip_art.pooled[-HELD_OUT_CLIPS:])
    material.rows.extend(recall_rows("clip art found by way of classes", material.captions[-HELD_OUT_CLIPS:], seen))
    sound = _sound(material)
    # Drawings are too plain to be recognized as objects, so what a kind's pictures show counts for real pictures only.
    scorer = PictureScorer([detector.whatever_is_shown()], space, pictures)
    world = _world(material, detector, scorer)
    rng = np.random.default_rng(seed)
    episodes = [make_episode(world, rng) for _ in range(EPISODES + HELD_OUT_EPISODES)]
    strategies = _strategies(material, episodes, epochs)
    flat = {f"{name}.{part}": array for name, pair in maps.items() for part, array in zip(PARTS, pair, strict=True)}
    save_weights("projection", flat | classes, out)
    save_weights("pictures", pictures, out)
    _write_detectors(material.kinds, detector, samples, out)
    save_weights("sound", sound, out)
    for name, weights in strategies.items():
        save_weights(name, weights, out)
    return _listed(out, Report("train: held out", f"seed {seed}, {epochs} epochs", material.rows))


def _gather(work: Path, seed: int, progress: StepProgress) -> _Material:
    store = FeatureStore(work, {encoder.name: encoder for encoder in create_encoders(Settings())}, progress)
    clips = read_clip_art(CLIPS, seed)
    clip_art = store.pictures(f"clip-art-{seed}", len(clips), lambda: (clip.open() for clip in clips))
    kinds = read_drawn_kinds()
    counts = {kind.kind.name: kind.drawn for kind in kinds} | EVERYDAY_DRAWN
    drawn = {
        kind: store.pictures(f"{kind}-{seed}", count, lambda k=kind, n=count: draw_pictures(k, n, seed, clips))  # type: ignore[misc]
        for kind, count in ((kind, min(count, MOST_DRAWN)) for kind, count in counts.items())
    }
    captions = store.sentences(ANCHOR, f"captions-{seed}", [clip.caption for clip in clips])
    return _Material(seed, work, progress, [], store, clips, clip_art, captions, kinds, drawn)


def _align(
    material: _Material, classifier: Classifier, synthetic: tuple[FloatArray, np.ndarray], names: FloatArray
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """The map of pictures starts as the classifier followed by the names of its classes, which needs no pictures."""
    centred = names - names.mean(axis=0)
    weight = 0.1 * centred.T @ (classifier.weight - classifier.weight.mean(axis=0))
    bias = 0.1 / 15.0 * (classifier.bias - classifier.bias.mean()) @ centred
    start = (weight.astype(np.float32), bias.astype(np.float32))
    photos, labels = synthetic
    train_clips, held = slice(0, -HELD_OUT_CLIPS), slice(-HELD_OUT_CLIPS, None)
    seen = unit(np.concatenate([material.clip_art.pooled[train_clips], photos]).astype(np.float32))
    targets = np.concatenate([material.captions[train_clips], names[labels]])
    groups = np.concatenate([len(names) + np.arange(len(seen) - len(labels)), labels])
    pictures = contrast(start, seen, targets, groups, epochs=2, seed=material.seed, progress=material.progress)
    captions = [clip.caption for clip in material.clips]
    use = ridge(material.store.sentences("use", f"captions-{material.seed}", captions), material.captions, 1.0)
    space = SharedSpace({VISION: pictures})
    seen = space.project(VISION, material.clip_art.pooled[held])
    material.rows.extend(recall_rows("clip art found by its caption", material.captions[held], seen))
    return {VISION: pictures, "use": use}


def _sound(material: _Material) -> dict[str, FloatArray]:
    """The map of spoken clips, learnt from our own sentences in several voices."""
    seed, folder = material.seed, material.work / "spoken"
    sayings = [saying for drawn in material.kinds for saying in drawn.sayings]
    texts = make_utterances(UTTERANCES, seed, sayings)
    texts = [*texts, *ask_about(imagenet_names()[:SPOKEN_THINGS], seed)]
    recognizer, step = SpeechRecognizer(language="en"), "speaking and listening"
    heard = hear(texts, VOICES, recognizer, folder, step, material.progress)
    said = material.store.sentences(ANCHOR, f"utterances-{seed}-{len(texts)}", texts)
    held = slice(UTTERANCES - HELD_OUT_UTTERANCES, UTTERANCES)
    learnt = [index for index in range(len(texts)) if not held.start <= index < held.stop]
    sound = fit_sound([heard[index] for index in learnt], said[learnt])
    placed = np.stack([SoundSpace(sound)(clip) for clip in heard[held]])
    material.rows.extend(recall_rows("sentence found by its sound", placed, said[held]))
    return sound


def _class_captions(material: _Material, names: FloatArray) -> FloatArray:
    """(1000, 384): each class's name and the captions its photographs may have, in equal parts."""
    captions = captions_of(imagenet_names())
    lines = sorted({line for group in captions for line in group})
    vectors = dict(zip(lines, material.store.sentences(ANCHOR, "class-captions", lines), strict=True))
    return unit(names) + unit(np.stack([np.mean([vectors[line] for line in group], axis=0) for group in captions]))


def _samples(material: _Material, synthetic: tuple[FloatArray, np.ndarray]) -> Samples:
    """Pictures of every kind and everyday ones; synthetic photographs of a kind's objects count for the kind."""
    photos, labels = synthetic
    everyday = material.everyday_clips()
    pooled = {name: [features.pooled] for name, features in material.drawn.items()}
    plain = np.ones(len(labels), np.bool_)
    for drawn in material.kinds:
        shown = np.isin(labels, drawn.kind.objects)
        pooled[drawn.kind.name].append(photos[shown])
        plain &= ~shown
    names = [*(drawn.kind.name for drawn in material.kinds), *EVERYDAY]
    pooled |= {"drawing": [material.clip_art.pooled[everyday]], "photo": [photos[plain]]}
    numbers = {name: features.statistics for name, features in material.drawn.items()}
    numbers["drawing"] = material.clip_art.statistics[everyday]
    vectors = {name: roots(np.concatenate(pooled[name])) for name in names}
    return Samples(vectors, {name: numbers[name] for name in names if name in numbers})


def _detector(material: _Material, samples: Samples) -> KindDetector:
    """One detector of all kinds, so that each knows the others too."""
    kinds = [drawn.kind for drawn in material.kinds]
    phrases = [phrase for kind in kinds for phrase in kind.phrases]
    vectors = material.store.sentences(ANCHOR, "kinds", phrases)
    ends = np.cumsum([len(kind.phrases) for kind in kinds])[:-1]
    return fit_detector(kinds, samples, np.split(vectors, ends))


def _write_detectors(kinds: list[DrawnKind], detector: KindDetector, samples: Samples, out: Path) -> None:
    """Each plugin's own kinds in a file for its folder, and everyday pictures for users' own detectors."""
    for plugin in sorted({drawn.plugin for drawn in kinds}):
        names = [drawn.kind.name for drawn in kinds if drawn.plugin == plugin]
        write_detector(out / "plugins" / plugin / "picture_kinds.safetensors", detector.only(names))
    kept = {name: samples.vectors[name] for name in EVERYDAY}
    kept = {name: rows[:: max(1, len(rows) // EVERYDAY_KEPT)] for name, rows in kept.items()}
    save_weights("everyday", kept, out / "training")


def _world(material: _Material, detector: KindDetector, scorer: PictureScorer) -> World:
    words = Counter(word for row in material.everyday_clips() for word in set(material.clips[row].keywords))
    keywords = [word for word, count in sorted(words.items()) if count >= LEAST_PICTURES and word.isalpha()]
    kinds = [material.drawn[drawn.kind.name] for drawn in material.kinds]
    pictures = [material.clip_art, *kinds, material.drawn["scene"]]
    starts = np.cumsum([0, *(len(part.pooled) for part in pictures)])
    numbers = np.concatenate([part.statistics for part in pictures])
    sentences: list[str] = list(POINTING)
    subjects: list[Subject] = []
    showing = [form.format(word) for word in keywords for form in SHOWING]
    shown = material.store.sentences(ANCHOR, f"showing-{len(keywords)}", showing).reshape(
        len(keywords), len(SHOWING), -1
    )
    for index, drawn in enumerate(material.kinds):
        rows = tuple(range(len(sentences), len(sentences) + len(drawn.sayings)))
        sentences += drawn.sayings
        own = tuple(range(starts[index + 1], starts[index + 2]))
        subjects.append(Subject(drawn.kind.name, rows, detector.phrases_of(index), own))
    for word, phrases in zip(keywords, shown, strict=True):
        rows = tuple(range(len(sentences), len(sentences) + len(ASKING)))
        sentences += [form.format(word) for form in ASKING]
        own = tuple(i for i, clip in enumerate(material.clips) if word in clip.keywords)
        subjects.append(Subject(word, rows, phrases, own))
    tokens, pooled = material.store.words(ANCHOR, f"sayings-{len(sentences)}", sentences)
    patches = np.concatenate([scorer.space.project(VISION, part.tokens.astype(np.float32)) for part in pictures])
    everyday = tuple(range(starts[-2], starts[-1]))
    rows_of_words = unit(tokens.astype(np.float32))
    seen = np.concatenate([part.pooled for part in pictures])
    pointing = tuple(range(len(POINTING)))
    return World(subjects, pointing, everyday, rows_of_words, unit(pooled), patches, seen, numbers, scorer, len(kinds))


def _strategies(material: _Material, episodes: list[Episode], epochs: int) -> dict[str, dict[str, FloatArray]]:
    train_on, held = episodes[:EPISODES], episodes[EPISODES:]
    labels = np.array([episode.label for episode in held])
    situations = np.array([episode.situation for episode in held])
    trained: dict[str, dict[str, FloatArray]] = {}
    for name in FORWARD:
        fixed = trained["late"] if name == "attention" else {}
        trained[name] = learn(
            name, train_on, epochs=epochs, seed=material.seed, fixed=fixed, progress=material.progress
        )
        right = predict(name, trained[name] | fixed, held) == labels
        groups = {str(situation): right[situations == situation] for situation in np.unique(situations)}
        groups["all"] = right
        material.rows.extend(percent(f"{name}: {group}", float(of.mean())) for group, of in groups.items())
    return trained


def _listed(out: Path, report: Report) -> Report:
    """The report with a line for each file and its checksum; ``report.json`` beside the files holds all figures."""
    ours = {"plugins": shipped_dir("plugins"), "training": Path(__file__).parent / "weights"}
    sums, lines = {}, []
    for path in sorted(out.rglob("*.safetensors")):
        file, (first, *rest) = path.relative_to(out), path.relative_to(out).parts
        shipped = ours[first].joinpath(*rest) if rest else WEIGHTS / first
        same = ", as shipped" if shipped.is_file() and shipped.read_bytes() == path.read_bytes() else ""
        sums[file.as_posix()] = digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"{file.as_posix()}  {path.stat().st_size / 1e3:.1f} kB  sha256 {digest[:12]}…{same}")
    (out / "report.json").write_text(json.dumps(report.to_json() | {"sha256": sums}, indent=2) + "\n", "utf-8")
    return replace(report, notes=[*lines, f"All figures are in {out / 'report.json'}."])
