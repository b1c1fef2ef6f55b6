"""Measures the tone head on speakers that it has not learned from, and on calm voices that must not alarm it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.metrics import area_under_roc
from assistant.settings import Settings
from assistant.speech.tone import DIMENSIONS, save_tone, tone_file
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress
from assistant.training.tone import Voices, fit_tone, read_corpora
from assistant.types import FloatArray

__all__ = ["evaluate_tone", "measure_tone", "train_tone"]

ALARM = 0.8
"""probability at which a plugin may act on a dimension"""


def evaluate_tone(settings: Settings, progress: StepProgress, data: Path | None, calm: Sequence[Path]) -> Report:
    """Measures the folders of `read_corpora`."""
    return measure_tone(*read_corpora(data, calm, settings, progress))


def train_tone(
    settings: Settings, progress: StepProgress, data: Path | None, calm: Sequence[Path], out: Path | None
) -> Report:
    """Measures the folders of `read_corpora` and writes what is learned from all of them."""
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
