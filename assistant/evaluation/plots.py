"""Pictures of figures, drawn with matplotlib where it is installed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import StorageError, UserError
from assistant.evaluation.metrics import confusions, reliability, risk_coverage
from assistant.evaluation.outcomes import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "draw_confusion",
    "draw_reliability",
    "draw_risk_coverage",
    "new_figure",
    "prepare_folder",
    "save",
]

MOST_SHOWN = 20
"""intents that a confusion matrix shows: those that are confused most"""
OTHERS = "any other"
COLOURS = ("#1b6ca8", "#d1495b", "#66a182", "#edae49", "#6b4c9a", "#8d6e63")


def prepare_folder(folder: Path) -> None:
    """Make the folder of plots, and see that they can be drawn, before anything is measured.

    Raises:
        UserError: matplotlib is not installed, or the folder cannot be made.
    """
    new_figure(1.0, 1.0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"Cannot make the folder {folder}: {error.strerror}") from error


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, inches; drawn without any display.

    Raises:
        UserError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UserError(
            "Plots need matplotlib, which is not installed; pip install 'multimodal-assistant[plots]'"
        ) from error
    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, path: Path) -> Path:
    """Write a figure as PNG.

    Raises:
        StorageError: it cannot be written.
    """
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
            figure.savefig(path, dpi=120, bbox_inches="tight")
    except OSError as error:
        raise StorageError(f"Cannot write {path}: {error.strerror}") from error
    return path


# Confusion matrix


def draw_confusion(outcomes: Sequence[Outcome], path: Path) -> Path:
    """Right intents against predicted ones, in per cent of each right intent; of many, those confused most."""
    truth = [outcome.label for outcome in outcomes if outcome.label]
    best = [outcome.best for outcome in outcomes if outcome.label]
    names = _most_confused(truth, best)
    shares = _shares(truth, best, names)
    size = 3.5 + 0.42 * len(names)
    figure = new_figure(size + 2.2, size)
    axes = figure.subplots()
    whole = len(set(truth)) <= len(names)
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=100.0)
    for row, column in zip(*np.nonzero(np.round(shares)), strict=True):
        value = shares[row, column]
        colour = "white" if value > 55 else "#7a0016" if row != column else "black"
        axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=8, color=colour)
    columns = names if whole else [*names, OTHERS]
    axes.set_xticks(range(len(columns)), [_short(name) for name in columns], rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(names)), [_short(name) for name in names], fontsize=8)
    axes.set_xlabel("predicted")
    axes.set_ylabel("right")
    part = "" if whole else f", the {len(names)} of {len(set(truth))} intents confused most"
    axes.set_title(f"Confusion matrix, % of each right intent's turns{part}", fontsize=10)
    return save(figure, path)


def _most_confused(truth: Sequence[str], best: Sequence[str]) -> list[str]:
    """The intents to show; the two of a confused pair stand beside each other."""
    names = sorted(set(truth) | set(best))
    if len(names) <= MOST_SHOWN:
        return names
    chosen: dict[str, None] = {}
    for right, wrong, _ in confusions(truth, best):
        if len(chosen.keys() | {right, wrong}) <= MOST_SHOWN:
            chosen |= {right: None, wrong: None}
    for name in names:  # hardly any are confused
        if len(chosen) < MOST_SHOWN:
            chosen.setdefault(name)
    return list(chosen)


def _shares(truth: Sequence[str], best: Sequence[str], names: Sequence[str]) -> np.ndarray[Any, Any]:
    """(k, k), or (k, k + 1) where something else was predicted; per cent of each row."""
    place = {name: index for index, name in enumerate(names)}
    counts = np.zeros((len(names), len(names) + 1))
    for (right, guess), count in Counter(zip(truth, best, strict=True)).items():
        if right in place:
            counts[place[right], place.get(guess, len(names))] += count
    shares: np.ndarray[Any, Any] = 100.0 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    return shares if len(set(truth) | set(best)) > len(names) else shares[:, :-1]


def _short(name: str, most: int = 34) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


# Calibration and selection


def draw_reliability(outcomes: Sequence[Outcome], path: Path) -> Path:
    """Accuracy against confidence, before and after the temperature, and how many turns each bin holds."""
    ours = [outcome for outcome in outcomes if outcome.label]
    words = [outcome.words for outcome in ours if outcome.words is not None]
    series = {
        "before the temperature": ([w.raw for w in words], [w.right for w in words]),
        "calibrated": ([o.confidence for o in ours], [o.right for o in ours]),
    }
    figure = new_figure(5.2, 6.2)
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--", label="perfect")
    for index, (name, (sure, right)) in enumerate(series.items()):
        if sure:
            _reliability_curve(axes, below, name, np.array(sure), np.array(right, np.bool_), index)
    axes.set_ylabel("accuracy")
    axes.legend(loc="lower right", fontsize=9)
    axes.set_title("Reliability: how often what is claimed is true", fontsize=10)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    below.set_xlabel("confidence")
    below.set_ylabel("turns")
    return save(figure, path)


def _reliability_curve(
    axes: Axes, below: Axes, name: str, sure: np.ndarray[Any, Any], right: np.ndarray[Any, Any], index: int
) -> None:
    filled = reliability(sure, right)
    error = sum(b.count * abs(b.confidence - b.accuracy) for b in filled) / len(sure)
    colour, centres = COLOURS[1 - index], [(b.low + b.high) / 2 for b in filled]
    label = f"{name}, error {100 * error:.1f} %"
    axes.plot([b.confidence for b in filled], [b.accuracy for b in filled], "o-", color=colour, label=label, ms=4)
    places = [centre + (index - 0.5) * 0.026 for centre in centres]
    below.bar(places, [b.count for b in filled], width=0.024, color=colour)


def draw_risk_coverage(conditions: Mapping[str, Sequence[Outcome]], path: Path) -> Path:
    """Errors among the turns that are answered, when only the surest are; nobody's turns count as errors."""
    figure = new_figure(6.2, 4.4)
    axes = figure.subplots()
    for index, (name, outcomes) in enumerate(conditions.items()):
        sure = np.array([outcome.confidence * outcome.in_scope for outcome in outcomes])
        coverage, risk = risk_coverage(sure, np.array([outcome.right for outcome in outcomes], np.bool_))
        style = "-" if index < len(COLOURS) else "--"
        axes.plot(100 * coverage, 100 * risk, style, color=COLOURS[index % len(COLOURS)], label=name)
    axes.set_xlabel("turns answered, %, the surest first")
    axes.set_ylabel("of these wrong, %")
    axes.set_xlim(0, 100)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    axes.set_title("Risk and coverage", fontsize=10)
    return save(figure, path)
