"""Trains the tone head, and measures it on speakers that it has not learned from and on calm voices.

It learns from acted emotional speech, with read speech of other voices as what calm people sound like. The emotional
recordings are one studio's and one language's: alone, they teach that any other microphone sounds angry.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError
from assistant.evaluation.metrics import area_under_roc, mean
from assistant.inputs.audio_file import read_audio
from assistant.intents.logistic import fit_logistic
from assistant.settings import Settings, cache_dir
from assistant.speech import SpeechRecognizer
from assistant.speech.tone import DIMENSIONS, Tone, frame_features, save_tone, tone_file
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import data_folder, read_table
from assistant.types import FloatArray, content_hash

__all__ = ["Voices", "evaluate_tone", "fit_tone", "measure_tone", "read_corpora", "read_voices", "train_tone"]

ACTED = "emotion_emodb"
CALM = ("speech_librispeech_resemblyzer", "speech_zh_aishell3_biaobei")
STRANGE = ("speech_misc_gold",)
"""read and plain speech that is never learned from"""

AROUSED = ("anger", "anxiety/fear", "happiness")
DISTRESSED = ("anxiety/fear", "sadness")
NEUTRAL = "neutral"
STRENGTH = 0.1
"""C of the logistic regression"""
LONGEST = 28.0
"""seconds; longer recordings are left out"""
ALARM = 0.8
"""probability at which a plugin may act on a dimension"""


def evaluate_tone(settings: Settings, progress: StepProgress, data: Path | None, calm: Sequence[Path]) -> Report:
    """Measures the folders of `read_corpora`."""
    return measure_tone(*read_corpora(data, calm, settings, progress))


def train_tone(
    settings: Settings, progress: StepProgress, data: Path | None, calm: Sequence[Path], out: Path | None
) -> Report:
    """Measures on the folders of `read_corpora`, and writes the weights learned from all of them."""
    acted, quiet, strange = read_corpora(data, calm, settings, progress)
    report = measure_tone(acted, quiet, strange)
    save_tone(fit_tone(acted, quiet), out or tone_file())
    return replace(report, name="train tone", notes=[f"Written: {out}" if out else f"Installed: {tone_file()}"])


def measure_tone(acted: Voices, calm: Sequence[Voices], strange: Sequence[Voices] = ()) -> Report:
    """Leaves one acted speaker out at a time; of calm voices, every second one.

    Args:
        calm: read speech that training may use.
        strange: read speech that no fold learns from.
    """
    scores = np.zeros((len(acted.speakers), len(DIMENSIONS)), np.float32)
    quiet: list[FloatArray] = []
    speakers = np.array(acted.speakers)
    for turn, speaker in enumerate(sorted(set(acted.speakers))):
        halves = [(voices, voices.second_half() == turn % 2) for voices in calm]
        tone = fit_tone(acted.of(speakers != speaker), [voices.of(~left_out) for voices, left_out in halves])
        scores[speakers == speaker] = tone.read(acted.features[speakers == speaker])
        if turn < 2:  # either half of the calm voices once
            quiet += [tone.read(voices.features[left_out]) for voices, left_out in halves if left_out.any()]
    quiet += [fit_tone(acted, calm).read(voices.features) for voices in strange]
    alarms = np.concatenate(quiet) if quiet else np.zeros((0, len(DIMENSIONS)), np.float32)
    rows: list[Row] = []
    for name, score, has, alarm in zip(DIMENSIONS, scores.T, acted.labels.T, alarms.T, strict=True):
        rows += [
            percent(f"{name}: AUROC", area_under_roc(score[has], score[~has])),
            percent(f"{name}: found at {ALARM}", mean(score[has] > ALARM)),
            percent(f"{name}: false alarms, acted speech", mean(score[~has] > ALARM)),
            percent(f"{name}: false alarms, read speech", mean(alarm > ALARM)),
        ]
    return Report("evaluate tone", f"{len(scores)} acted recordings, {len(alarms)} of read speech", rows)


@dataclass(frozen=True, eq=False)
class Voices:
    """Recordings as the head sees them."""

    features: FloatArray
    """(n, d)"""
    speakers: tuple[str, ...]
    emotions: tuple[str, ...]

    @property
    def labels(self) -> NDArray[np.bool_]:
        """(n, 3): whether each of `DIMENSIONS` is there."""
        rows = [(e in AROUSED, e == "anger", e in DISTRESSED) for e in self.emotions]
        return np.array(rows, np.bool_).reshape(-1, len(DIMENSIONS))

    def second_half(self) -> NDArray[np.int64]:
        """(n,): 0 for every second speaker, from the second on, and 1 for the others."""
        order = {speaker: place for place, speaker in enumerate(sorted(set(self.speakers)))}
        return np.array([1 - order[speaker] % 2 for speaker in self.speakers])

    def of(self, chosen: NDArray[np.bool_]) -> Voices:
        """Returns some of them."""
        rows = np.flatnonzero(chosen).tolist()
        return Voices(self.features[rows], *(tuple(part[i] for i in rows) for part in (self.speakers, self.emotions)))


def read_corpora(
    data: Path | None, calm: Sequence[Path], settings: Settings, progress: StepProgress
) -> tuple[Voices, list[Voices], list[Voices]]:
    """Reads the voices to learn from and to measure with: acted, calm, and calm ones that are never learned from.

    Args:
        data: folder of acted speech; `ACTED` in ``ASSISTANT_DATA`` by default.
        calm: folders of read speech; those of `CALM` that are there by default.
    """
    acted = data_folder(ACTED, data, "Where are the recordings? Name a folder")
    root = Path(os.environ.get("ASSISTANT_DATA", "nowhere"))
    beside, strange = ([root / name for name in names if (root / name).is_dir()] for names in (CALM, STRANGE))
    found = [[read_voices(folder, settings, progress) for folder in group] for group in (calm or beside, strange)]
    return read_voices(acted, settings, progress), found[0], found[1]


def read_voices(folder: Path, settings: Settings, progress: StepProgress) -> Voices:
    """Encodes every recording of a folder; the results stay in the cache folder.

    Its ``manifest.csv`` has file, speaker and emotion; where the emotion is missing, it is neutral.
    """
    rows = read_table(folder / "manifest.csv", "file")
    recognizer = SpeechRecognizer.from_settings(settings)
    kept = cache_dir() / "training" / "tone" / settings.speech.model
    kept.mkdir(parents=True, exist_ok=True)
    found: list[tuple[FloatArray, str, str]] = []
    for row in tracked(progress, f"listening to {folder.name}", rows):
        heard = _features(folder / row["file"], kept, recognizer)
        if heard is not None:
            found.append((heard, f"{folder.name}/{row.get('speaker', '')}", row.get("emotion") or NEUTRAL))
    if not found:
        raise InputError(f"{folder} holds no recording with speech")
    matrix = np.stack([features for features, _, _ in found])
    return Voices(matrix, tuple(speaker for _, speaker, _ in found), tuple(emotion for _, _, emotion in found))


def _features(path: Path, kept: Path, recognizer: SpeechRecognizer) -> FloatArray | None:
    clip = read_audio(path, LONGEST)
    if clip.duration > LONGEST:
        return None
    file = kept / f"{content_hash(clip.digest)[:24]}.npy"
    if file.is_file():
        features: FloatArray = np.load(file, allow_pickle=False)
    else:
        heard = frame_features(recognizer.encode(clip), clip)
        features = np.zeros(0, np.float32) if heard is None else heard
        np.save(file, features, allow_pickle=False)
    return features if len(features) else None


def fit_tone(acted: Voices, calm: Sequence[Voices] = ()) -> Tone:
    """Fits the head: one logistic regression per dimension, both sides of each weighing the same.

    Args:
        calm: read speech; together it weighs as much as the acted speech that lacks the dimension.
    """
    features, labels = (np.concatenate([getattr(v, part) for v in (acted, *calm)]) for part in ("features", "labels"))
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-4
    scaled = ((features - middle) / spread).astype(np.float32)
    is_calm = np.arange(len(features)) >= len(acted.speakers)
    columns = []
    for label in labels.T:
        share = np.zeros(len(features), np.float32)
        groups = [(label, 0.5), (~label & ~is_calm, 0.25 if is_calm.any() else 0.5), (is_calm, 0.25)]
        for group, weight in groups:
            share[group] = weight * len(features) / max(1, group.sum())
        fitted = fit_logistic(scaled, label.astype(np.int64), 2, STRENGTH, row_weights=share)
        columns.append(fitted[:, 1] - fitted[:, 0])
    weights = np.stack(columns, axis=1)
    return Tone(middle, spread, weights[:-1].copy(), weights[-1].copy())
