"""The figures of the intent decision as a person reads them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.machine import machine_line

if TYPE_CHECKING:
    from assistant.evaluation.labelled import Row

__all__ = ["show_runs"]

SHOWN = (
    ("accuracy", "accuracy"),
    ("macro_f1", "macro F1"),
    ("decided_rightly", "decided rightly"),
    ("ece_before", "calibration error before temperature"),
    ("ece", "calibration error after temperature"),
    ("oos_auroc", "out-of-scope AUROC"),
    ("oos_recall", "out-of-scope recall, 95 % kept"),
    ("accuracy_at_threshold", "accuracy at the threshold"),
    ("recall_at_threshold", "out-of-scope recall at the threshold"),
    ("coverage", "conformal coverage"),
    ("set_size", "mean set size"),
    ("decide_ms", "decision, ms"),
)
OF_CONTROLS = ("turns", "accuracy", "macro_f1", "decided_rightly", "oos_auroc")
PLAIN = ("turns", "set_size", "decide_ms")
"""figures that are no shares"""
MOST_CONFUSED = 5


def show_runs(runs: Sequence[dict[str, Any]], rows: Sequence[Row]) -> None:
    """Print what `assistant evaluate intents` found: figures of one or more runs as mean and spread."""
    from rich.console import Console
    from rich.table import Table

    from assistant.evaluation.labelled import NOBODY

    fitted = runs[0]["fit"]
    nobodys = sum(row.label in NOBODY for row in rows)
    click.echo(f"{fitted['intents']} intents, {fitted['examples']} examples; {len(rows)} turns, {nobodys} nobody's.")
    click.echo(
        f"Trained in {fitted['seconds']:.2f} s, {fitted['seconds_with_encoding']:.2f} s with encoding;"
        f" a turn takes {runs[0]['turn_ms']:.1f} ms with encoding."
    )
    names = [figures["name"] for figures in runs[0]["figures"]]
    table = Table("", names[0], box=None, pad_edge=False)
    for key, title in SHOWN:
        table.add_row(title, _cell(runs, 0, key))
    Console().print(table)
    if len(names) > 1:
        _show_controls(runs, names)
    if confused := runs[0]["confused"][:MOST_CONFUSED]:
        told = "; ".join(f"{one['right']} as {one['predicted']}, {one['turns']} times" for one in confused)
        click.echo(f"Confused most: {told}")
    click.echo(machine_line())


def _show_controls(runs: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    titles = dict(SHOWN) | {"turns": "turns", "oos_auroc": "AUROC"}
    table = Table("control", *(titles[key] for key in OF_CONTROLS), box=None, pad_edge=False)
    for column, name in enumerate(names):
        table.add_row(name, *(_cell(runs, column, key) for key in OF_CONTROLS))
    Console().print(table)


def _cell(runs: Sequence[dict[str, Any]], column: int, key: str) -> str:
    values = [value for run in runs if (value := run["figures"][column][key]) is not None]
    if not values:
        return "-"
    if key == "turns":
        return str(values[0])
    scale, unit = (1.0, "") if key in PLAIN else (100.0, " %")
    spread = f" ± {scale * statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{scale * statistics.fmean(values):.2f}{spread}{unit}"
