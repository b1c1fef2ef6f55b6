"""One table and one JSON shape for everything that is measured (`assistant/evaluation/README.md` documents it)."""

from __future__ import annotations

import functools
import json
import math
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Peer", "Report", "Row", "machine", "percent", "reported", "show_report"]


@dataclass(frozen=True)
class Peer:
    """The same figure of another program, measured in the same run."""

    name: str
    value: float
    """in the unit of its row"""


@dataclass(frozen=True)
class Row:
    """One figure."""

    metric: str
    value: float
    """NaN where nothing could be measured"""
    unit: str = ""
    at_most: float | None = None
    """goal of a figure that should be small"""
    at_least: float | None = None
    """goal of a figure that should be large"""
    peer: Peer | None = None

    @property
    def missed(self) -> bool:
        """Whether there is a goal and the figure does not reach it."""
        low = self.at_least is not None and not self.value >= self.at_least
        return low or (self.at_most is not None and not self.value <= self.at_most)

    def to_json(self) -> dict[str, Any]:
        """Returns plain values; NaN becomes null."""
        bounds = {"at_most": self.at_most, "at_least": self.at_least}
        goal = {name: bound for name, bound in bounds.items() if bound is not None} or None
        peer = {"name": self.peer.name, "value": _plain(self.peer.value)} if self.peer else None
        return {"metric": self.metric, "value": _plain(self.value), "unit": self.unit, "goal": goal, "peer": peer}


@dataclass(frozen=True)
class Report:
    """The result of one measurement."""

    name: str
    """the command, such as "bench turn" """
    data: str
    """what was measured on, and how much of it"""
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    """lines for people: what was left out, what was confused"""

    @property
    def missed(self) -> bool:
        """Whether any row misses its goal."""
        return any(row.missed for row in self.rows)

    def value(self, metric: str) -> float:
        """Returns the value of a row; raises `KeyError` where there is no such row."""
        return {row.metric: row.value for row in self.rows}[metric]

    def to_json(self) -> dict[str, Any]:
        """Returns the documented shape."""
        rows = [row.to_json() for row in self.rows]
        return {"name": self.name, "data": self.data, "machine": machine(), "rows": rows, "notes": list(self.notes)}


def percent(metric: str, share: float, *, at_most: float | None = None, at_least: float | None = None) -> Row:
    """Makes a row of a share from 0 to 1; goals are percentages."""
    return Row(metric, 100.0 * share, "%", at_most, at_least)


def machine() -> dict[str, Any]:
    """Returns the processor, the number of cores that this process may use, and Python's version."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": platform.python_version(),
    }


def show_report(report: Report) -> None:
    """Prints a report as a table; goals and peers have a column where any row has one."""
    from rich.console import Console
    from rich.table import Table

    goals, peers = any(_goal(row) for row in report.rows), any(row.peer for row in report.rows)
    table = Table(report.name, "value", *["goal"] * goals, *["peer"] * peers, box=None, pad_edge=False)
    for row in report.rows:
        cells = [row.metric, _amount(row.value, row.unit)]
        cells += [_goal(row)] * goals + [_beside(row)] * peers
        table.add_row(*cells, style="yellow" if row.missed else "")
    here = machine()
    console = Console(markup=False)
    console.print(table)
    for line in (*report.notes, f"{report.data}; {here['cores']} cores, {here['processor']}, Python {here['python']}"):
        console.print(line, highlight=False, soft_wrap=True)


def reported(measure: Callable[..., Report]) -> Callable[..., None]:
    """Makes the callback of a command out of a function that returns a report: adds ``--json`` and ``--check``."""
    import click

    @click.option("--check", is_flag=True, help="End with code 1 if a goal is missed.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @functools.wraps(measure)
    def run(*args: Any, check: bool, as_json: bool, **options: Any) -> None:
        report = measure(*args, **options)
        if as_json:
            click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
        else:
            show_report(report)
        if check and report.missed:
            click.get_current_context().exit(1)

    return run


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _amount(value: float, unit: str) -> str:
    if math.isnan(value):
        return "-"
    digits = 0 if float(value).is_integer() or abs(value) >= 1000 else 1 if unit == "%" or abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


def _goal(row: Row) -> str:
    bounds = [("at most", row.at_most), ("at least", row.at_least)]
    goal = " and ".join(f"{name} {_amount(bound, '')}" for name, bound in bounds if bound is not None)
    return f"{goal}: {'missed' if row.missed else 'reached'}" if goal else ""


def _beside(row: Row) -> str:
    if row.peer is None:
        return ""
    ratio = f", {row.peer.value / row.value:.1f} times" if row.value > 0 and row.unit != "%" else ""
    return f"{row.peer.name}: {_amount(row.peer.value, row.unit)}{ratio}"
