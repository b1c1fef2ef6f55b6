"""`assistant train` from end to end: features, voices, shared space, detectors, strategies, report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.encoders import MultilingualEncoder, StatisticsEncoder, VisionEncoder, create_encoders
from assistant.encoders.checkpoints import locate, read_weights
from assistant.encoders.vision import imagenet_names
from assistant.fusion.class_space import ClassSpace
from assistant.fusion.kinds import KINDS
from assistant.fusion.pictures import PictureScorer
from assistant.fusion.projection import ANCHOR, SharedSpace, unit
from assistant.fusion.shipped import save_weights
from assistant.fusion.sound_space import SoundSpace
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.terminal.report import Row, percent
from assistant.terminal.steps import StepProgress
from assistant.training.alignment import contrast, place_classes, recall_at, ridge
from assistant.training.detectors import is_everyday, train_detectors
from assistant.training.episodes import Episode, Subject, World, make_episode
from assistant.training.features import FeatureStore, PictureFeatures
from assistant.training.imagined import Classifier, imagine
from assistant.training.learning import learn, predict
from assistant.training.sentences import (
    ASKING,
    POINTING,
    SAYINGS,
    SHOWING,
    ask_about,
    captions_of,
    make_utterances,
)
from assistant.training.sources import Clip, draw_pictures, read_clip_art
from assistant.training.spoken import VOICES, fit_sound, hear
from assistant.training.strategies import FORWARD
from assistant.types import FloatArray

__all__ = ["train"]

CLIPS = 2400
HELD_OUT_CLIPS = 300
DRAWN = {"xray": 180, "skin": 180, "receipt": 260, "exercise": 360, "damage": 320, "page": 150, "scene": 260}
"""how many pictures of each kind are drawn"""
PER_CLASS = 2
"""imagined photographs of each of the thousand everyday objects"""
UTTERANCES, HELD_OUT_UTTERANCES = 3000, 200
"""sentences spoken aloud, and how many of them only check what was learnt"""
SPOKEN_THINGS = 1000
"""classes asked about aloud, besides"""
LEAST_GOODS = np.array([0.1], np.float32)
"""probability of goods below which a picture shows damage the less surely; chosen on half of the pictures"""
EPISODES, HELD_OUT_EPISODES = 8000, 1500
LEAST_PICTURES = 6
"""a keyword becomes a pretended intent when so many drawings carry it"""
VISION = "efficientnet-lite0"


@dataclass(frozen=True, eq=False)
class _Material:
    store: FeatureStore
    clips: list[Clip]
    clip_art: PictureFeatures
    captions: FloatArray
    drawn: Mapping[str, PictureFeatures]


def train(out: Path, work: Path, *, seed: int, epochs: int, progress: StepProgress) -> list[Row]:
    """Makes all weights of the fusion, writes them to `out`, and returns how good they are on what was held out.

    Args:
        out: folder of the weights.
        work: folder of features and checkpoints; an interrupted run goes on from there.
        seed: of everything random. The same seed gives the same weights on the same machine.
        epochs: of each strategy.
        progress: told how far it is.

    Raises:
        InputError: the public-domain clip art is not in the data folder.
        DeviceError: a voice is not installed.
        ModelUnavailable: an encoder's weights cannot be had.
    """
    material = _gather(work, seed, progress)
    rows: list[Row] = []
    classifier = Classifier.from_weights(_arrays(VISION))
    covariance = np.cov(material.clip_art.pooled.T).astype(np.float32)
    imagined = imagine(classifier, covariance, PER_CLASS, np.random.default_rng(seed))
    names = material.store.sentences(ANCHOR, "everyday-names", [f"a photo of a {name}" for name in imagenet_names()])
    maps = _align(material, classifier, imagined, names, seed, rows, progress)
    captions = _class_captions(material, names)
    classes = place_classes(classifier, captions)
    pictures = _detectors(material, imagined, names)
    space = SharedSpace(maps, ClassSpace(classes))
    seen = space.project_pooled(VISION, material.clip_art.pooled[-HELD_OUT_CLIPS:])
    rows += _recalls("clip art found by way of classes", material.captions[-HELD_OUT_CLIPS:], seen)
    sound = _sound(material, work, seed, rows, progress)
    scorer = PictureScorer(space, pictures)
    world = _world(material, scorer)
    rng = np.random.default_rng(seed)
    episodes = [make_episode(world, rng) for _ in range(EPISODES + HELD_OUT_EPISODES)]
    strategies = _strategies(episodes, work, seed, epochs, rows, progress)
    save_weights("projection", _flat(maps) | classes, out)
    # What we draw as damaged is too plain to be taken for goods, so this is for real pictures only.
    save_weights("pictures", pictures | {"goods": LEAST_GOODS}, out)
    save_weights("sound", sound, out)
    for name, weights in strategies.items():
        save_weights(name, weights, out)
    return rows


def _recalls(name: str, queries: FloatArray, items: FloatArray) -> list[Row]:
    first, tenth = recall_at(queries, items)
    return [percent(f"{name}, R@1", first), percent(f"{name}, R@10", tenth)]


def _gather(work: Path, seed: int, progress: StepProgress) -> _Material:
    encoders = {encoder.name: encoder for encoder in create_encoders(Settings())}
    texts = {ANCHOR: encoders[ANCHOR], "use": MultilingualEncoder()}
    store = FeatureStore(work, VisionEncoder(), StatisticsEncoder(), texts, progress)
    clips = read_clip_art(CLIPS, seed)
    clip_art = store.pictures(f"clip-art-{seed}", len(clips), lambda: (clip.open() for clip in clips))
    drawn = {
        kind: store.pictures(f"{kind}-{seed}", count, lambda k=kind, n=count: draw_pictures(k, n, seed, clips))  # type: ignore[misc]
        for kind, count in DRAWN.items()
    }
    captions = store.sentences(ANCHOR, f"captions-{seed}", [clip.caption for clip in clips])
    return _Material(store, clips, clip_art, captions, drawn)


def _arrays(model: str) -> dict[str, FloatArray]:
    tensors = read_weights(locate(model) / "model.safetensors")
    return {key: np.asarray(value, np.float32) for key, value in tensors.items() if key.startswith(("_fc", "_bn1"))}


def _align(
    material: _Material,
    classifier: Classifier,
    imagined: tuple[FloatArray, np.ndarray],
    names: FloatArray,
    seed: int,
    rows: list[Row],
    progress: StepProgress,
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """The map of pictures starts as the classifier followed by the names of its classes, which needs no pictures."""
    centred = names - names.mean(axis=0)
    weight = 0.1 * centred.T @ (classifier.weight - classifier.weight.mean(axis=0))
    bias = 0.1 / 15.0 * (classifier.bias - classifier.bias.mean()) @ centred
    start = (weight.astype(np.float32), bias.astype(np.float32))
    photos, labels = imagined
    train_clips, held = slice(0, -HELD_OUT_CLIPS), slice(-HELD_OUT_CLIPS, None)
    seen = unit(np.concatenate([material.clip_art.pooled[train_clips], photos]).astype(np.float32))
    targets = np.concatenate([material.captions[train_clips], names[labels]])
    groups = np.concatenate([len(names) + np.arange(len(seen) - len(labels)), labels])
    pictures = contrast(start, seen, targets, groups, epochs=2, seed=seed, progress=progress)
    captions = [clip.caption for clip in material.clips]
    use = ridge(material.store.sentences("use", f"captions-{seed}", captions), material.captions, 1.0)
    space = SharedSpace({VISION: pictures})
    seen = space.project(VISION, material.clip_art.pooled[held])
    rows += _recalls("clip art found by its caption", material.captions[held], seen)
    return {VISION: pictures, "use": use}


def _sound(
    material: _Material, work: Path, seed: int, rows: list[Row], progress: StepProgress
) -> dict[str, FloatArray]:
    """The map of spoken clips, learnt from our own sentences in several voices."""
    texts = make_utterances(UTTERANCES, seed)
    texts = [*texts, *ask_about(imagenet_names()[:SPOKEN_THINGS], seed)]
    heard = hear(texts, VOICES, SpeechRecognizer(language="en"), work / "spoken", "speaking and listening", progress)
    said = material.store.sentences(ANCHOR, f"utterances-{seed}-{len(texts)}", texts)
    held = slice(UTTERANCES - HELD_OUT_UTTERANCES, UTTERANCES)
    learnt = [index for index in range(len(texts)) if not held.start <= index < held.stop]
    sound = fit_sound([heard[index] for index in learnt], said[learnt])
    placed = np.stack([SoundSpace(sound)(clip) for clip in heard[held]])
    rows += _recalls("sentence found by its sound", placed, said[held])
    return sound


def _class_captions(material: _Material, names: FloatArray) -> FloatArray:
    """(1000, 384): each class's name and the captions its photographs may have, in equal parts."""
    captions = captions_of(imagenet_names())
    lines = sorted({line for group in captions for line in group})
    vectors = dict(zip(lines, material.store.sentences(ANCHOR, "class-captions", lines), strict=True))
    return unit(names) + unit(np.stack([np.mean([vectors[line] for line in group], axis=0) for group in captions]))


def _detectors(
    material: _Material, imagined: tuple[FloatArray, np.ndarray], names: FloatArray
) -> dict[str, FloatArray]:
    everyday = np.array([is_everyday(clip) for clip in material.clips])
    phrases = [phrase for kind in KINDS.values() for phrase in kind]
    owners = [index for index, kind in enumerate(KINDS.values()) for _ in kind]
    vectors = material.store.sentences(ANCHOR, "kinds", phrases)
    clips = PictureFeatures(*(part[everyday] for part in material.clip_art.parts))
    arrays = train_detectors(material.drawn, clips, imagined, (vectors, owners))
    return arrays | {"background": names[::2], "zero_shot": np.array([2.0, 4.0], np.float32)}


def _world(material: _Material, scorer: PictureScorer) -> World:
    words = Counter(word for clip in material.clips if is_everyday(clip) for word in set(clip.keywords))
    keywords = [word for word, count in sorted(words.items()) if count >= LEAST_PICTURES and word.isalpha()]
    pictures = [material.clip_art, *(material.drawn[kind] for kind in KINDS), material.drawn["scene"]]
    starts = np.cumsum([0, *(len(part.pooled) for part in pictures)])
    numbers = np.concatenate([part.statistics for part in pictures])
    sentences: list[str] = list(POINTING)
    subjects: list[Subject] = []
    showing = [form.format(word) for word in keywords for form in SHOWING]
    shown = material.store.sentences(ANCHOR, f"showing-{len(keywords)}", showing).reshape(
        len(keywords), len(SHOWING), -1
    )
    for index, kind in enumerate(KINDS):
        rows = tuple(range(len(sentences), len(sentences) + len(SAYINGS[kind])))
        sentences += SAYINGS[kind]
        phrases = scorer.weights["phrase.vectors"][scorer.weights["phrase.kind"] == index]
        subjects.append(Subject(kind, rows, phrases, tuple(range(starts[index + 1], starts[index + 2]))))
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
    return World(subjects, pointing, everyday, rows_of_words, unit(pooled), patches, seen, numbers, scorer)


def _strategies(
    episodes: list[Episode], work: Path, seed: int, epochs: int, rows: list[Row], progress: StepProgress
) -> dict[str, dict[str, FloatArray]]:
    train_on, held = episodes[:EPISODES], episodes[EPISODES:]
    trained: dict[str, dict[str, FloatArray]] = {}
    for name in FORWARD:
        fixed = trained["late"] if name == "attention" else {}
        checkpoint = work / f"{name}-{seed}-{epochs}.safetensors"
        trained[name] = learn(
            name, train_on, epochs=epochs, seed=seed, fixed=fixed, checkpoint=checkpoint, progress=progress
        )
        right = predict(name, trained[name] | fixed, held) == np.array([episode.label for episode in held])
        situations = np.array([episode.situation for episode in held])
        groups = {str(situation): right[situations == situation] for situation in np.unique(situations)}
        rows += [percent(f"{name}: {situation}", float(group.mean())) for situation, group in groups.items()]
        rows.append(percent(f"{name}: all", float(right.mean())))
    return trained


def _flat(maps: Mapping[str, tuple[FloatArray, FloatArray]]) -> dict[str, FloatArray]:
    parts = {f"{name}.weight": weight for name, (weight, _) in maps.items()}
    return parts | {f"{name}.bias": bias for name, (_, bias) in maps.items()}
