"""A picture of how contenders did."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.evaluation.contest import Standing
from assistant.evaluation.plots import COLOURS, new_figure, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_standings"]

PANELS: tuple[tuple[str, Callable[[Standing], float], bool], ...] = (
    ("accuracy, %", lambda one: 100 * one.accuracy, False),
    ("out-of-scope AUROC, %", lambda one: 100 * one.oos_auroc, False),
    ("training, s", lambda one: one.train_seconds, True),
    ("a turn, ms", lambda one: one.turn_ms, True),
    ("memory, MB", lambda one: one.megabytes, False),
)
"""title, figure, and whether its axis is logarithmic"""


def draw_standings(standings: Sequence[Standing], path: Path) -> Path:
    """Bars, a panel for each figure; ours stand out."""
    panels = [panel for panel in PANELS if any(not math.isnan(panel[1](one)) for one in standings)]
    figure = new_figure(4.0 + 2.2 * len(panels), 1.4 + 0.42 * len(standings))
    ours = [COLOURS[0] if one.name.startswith("assistant") else "#a8b0b8" for one in standings]
    drawn = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, figure_of, logarithmic) in zip(drawn, panels, strict=True):
        values = [figure_of(one) for one in standings]
        bars = axes.barh([one.title for one in standings], values, color=ours)
        axes.bar_label(
            bars, [f"{value:.0f}" if value >= 100 else f"{value:.3g}" for value in values], padding=3, fontsize=8
        )
        axes.set_title(title, fontsize=10)
        _scale(axes, [value for value in values if not math.isnan(value)], title, logarithmic)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    drawn[0].invert_yaxis()
    return save(figure, path)


def _scale(axes: Axes, values: Sequence[float], title: str, logarithmic: bool) -> None:
    """Room for the numbers at the ends of the bars."""
    if not logarithmic:
        axes.set_xlim(0, 1.3 * max(values))
        if "%" in title:
            axes.set_xticks([0, 25, 50, 75, 100])
        return
    from matplotlib.ticker import NullFormatter

    low = 10.0 ** math.floor(math.log10(max(min(values), 1e-3) / 1.5))
    axes.set_xscale("log")
    axes.set_xlim(low, max(values) * (max(values) / low) ** 0.35)
    axes.xaxis.set_minor_formatter(NullFormatter())
