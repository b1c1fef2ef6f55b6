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
from assistant.evaluation.metrics import area_under_roc
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
    alarms: list[FloatArray] = []
    speakers = np.array(acted.speakers)
    for turn, speaker in enumerate(sorted(set(acted.speakers))):
        learned, left = zip(*(_halves(voices, turn % 2) for voices in calm), strict=True) if calm else ((), ())
        tone = fit_tone(acted.of(speakers != speaker), learned)
        scores[speakers == speaker] = tone.read(acted.features[speakers == speaker])
        if turn < 2:  # either half of the calm voices once
            alarms += [tone.read(voices.features) for voices in left if len(voices.speakers)]
    alarms += [fit_tone(acted, calm).read(voices.features) for voices in strange]
    quiet = np.concatenate(alarms) if alarms else np.zeros((0, len(DIMENSIONS)), np.float32)
    columns = zip(DIMENSIONS, scores.T, acted.labels.T, quiet.T, strict=True)
    rows = [row for name, score, has, alarm in columns for row in _figures(name, score, has, alarm)]
    return Report("evaluate tone", f"{len(scores)} acted recordings, {len(quiet)} of read speech", rows)


def _halves(voices: Voices, which: int) -> tuple[Voices, Voices]:
    """By speaker: those to learn from, and the others."""
    order = sorted(set(voices.speakers))
    mine = np.array([order.index(speaker) % 2 == which for speaker in voices.speakers])
    return voices.of(mine), voices.of(~mine)


def _figures(name: str, scores: FloatArray, has: NDArray[np.bool_], quiet: FloatArray) -> list[Row]:
    """Always answering the same gives a recall of one half."""
    said = scores > 0.5
    recall = 0.5 * float(said[has].mean() + (~said[~has]).mean())
    return [
        percent(f"{name}: AUROC", area_under_roc(scores[has], scores[~has])),
        percent(f"{name}: unweighted average recall", recall),
        percent(f"{name}: found at {ALARM}", float((scores[has] > ALARM).mean())),
        percent(f"{name}: false alarms, acted speech", float((scores[~has] > ALARM).mean())),
        percent(f"{name}: false alarms, read speech", float((quiet > ALARM).mean()) if len(quiet) else float("nan")),
    ]


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

    def of(self, chosen: NDArray[np.bool_]) -> Voices:
        """Some of them."""
        rows = np.flatnonzero(chosen).tolist()
        return Voices(self.features[rows], *(tuple(part[i] for i in rows) for part in (self.speakers, self.emotions)))

    def joined(self, other: Voices) -> Voices:
        """Both."""
        features = np.concatenate([self.features, other.features])
        return Voices(features, self.speakers + other.speakers, self.emotions + other.emotions)


def read_corpora(
    data: Path | None, calm: Sequence[Path], settings: Settings, progress: StepProgress
) -> tuple[Voices, list[Voices], list[Voices]]:
    """Reads the voices to learn from and to measure with: acted, calm, and calm ones that are never learned from.

    Args:
        data: folder of acted speech; `ACTED` in ``ASSISTANT_DATA`` by default.
        calm: folders of read speech; those of `CALM` that are there by default.
    """
    root = os.environ.get("ASSISTANT_DATA", "")
    beside, strange = (
        [folder for name in names if root and (folder := Path(root) / name).is_dir()] for names in (CALM, STRANGE)
    )

    def read(folders: Sequence[Path]) -> list[Voices]:
        return [read_voices(folder, settings, progress) for folder in folders]

    (acted,) = read([data_folder(ACTED, data, "Where are the recordings? Name a folder")])
    return acted, read(calm or beside), read(strange)


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
    """Fit the head: one logistic regression per dimension, both sides of each weighing the same.

    Args:
        calm: read speech; together it weighs as much as the acted speech that lacks the dimension.
    """
    voices = acted
    for more in calm:
        voices = voices.joined(more)
    mean, spread = voices.features.mean(axis=0), voices.features.std(axis=0) + 1e-4
    scaled = ((voices.features - mean) / spread).astype(np.float32)
    is_calm = np.arange(len(voices.speakers)) >= len(acted.speakers)
    columns = [_column(scaled, label, is_calm) for label in voices.labels.T]
    weights = np.stack(columns, axis=1)
    return Tone(mean, spread, weights[:-1].copy(), weights[-1].copy())


def _column(x: FloatArray, label: NDArray[np.bool_], is_calm: NDArray[np.bool_]) -> FloatArray:
    share = np.zeros(len(x), np.float32)
    groups = [(label, 0.5), (~label & ~is_calm, 0.25 if is_calm.any() else 0.5), (is_calm, 0.25)]
    for group, weight in groups:
        if group.any():
            share[group] = weight * len(x) / group.sum()
    fitted = fit_logistic(x, label.astype(np.int64), 2, STRENGTH, row_weights=share)
    return fitted[:, 1] - fitted[:, 0]
