"""``assistant bench intents``: ours and what people would pick instead, on the same files in the same run."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.machine import machine, machine_line

if TYPE_CHECKING:
    from assistant.evaluation.contest import Standing
    from assistant.evaluation.labelled import Row

__all__: list[str] = []

CSV = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--train", type=CSV, required=True, help="CSV with text and label: the examples.")
@click.option("--test", type=CSV, required=True, help="CSV with text and label.")
@click.option("--oos", type=CSV, help="CSV of turns that belong to no intent.")
@click.option("--peers", is_flag=True, help="Compare with the peers that are installed; nothing is installed.")
@click.option("--steps", default=0, type=click.IntRange(0), help="SetFit's most steps, to try it; all by default.")
@click.option("--minutes", default=60.0, show_default=True, type=click.FloatRange(0.1), help="Most for a contender.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--plots", type=click.Path(file_okay=False, path_type=Path), help="Folder to draw a plot in.")
def intents(
    train: Path,
    test: Path,
    oos: Path | None,
    peers: bool,
    steps: int,
    minutes: float,
    as_json: bool,
    plots: Path | None,
) -> None:
    """Measure learning and recognising intents, beside the peers that are installed.

    Each contender runs in a process of its own, one after the other, with the same encoder's weights and
    the same number of threads.
    """
    from rich.console import Console

    from assistant.evaluation.contest import compete, line_up
    from assistant.settings import load_settings

    if plots is not None:
        from assistant.evaluation.plots import prepare_folder

        prepare_folder(plots)
    examples, rows = _read(train, test, oos)
    names, told = line_up(peers)
    with Console(stderr=True).status("") as status:
        standings, failures = compete(
            names, examples, rows, load_settings(), steps=steps, minutes=minutes, say=status.update
        )
    if steps and "setfit" in names:
        told.append(
            f"SetFit was stopped after {steps} steps; its accuracy and training time are not those of a whole run"
        )
    drawn = _draw(standings, plots)
    if as_json:
        report = {"train": str(train), "test": str(test), "oos": str(oos) if oos else None, "machine": machine()}
        figures = [standing.to_json() for standing in standings]
        click.echo(json.dumps(report | {"standings": figures, "notes": [*told, *failures]}, indent=2))
    else:
        _show(standings, [*told, *failures, *(f"Drawn: {path}" for path in drawn)])


def _read(train: Path, test: Path, oos: Path | None) -> tuple[list[Row], list[Row]]:
    from dataclasses import replace

    from assistant.evaluation.labelled import examples_of, read_rows, require_known, seen_before

    examples, warnings = examples_of(read_rows(train, check_files=False))
    rows = read_rows(test, check_files=False)
    require_known(rows, {row.label for row in examples})
    for line in [*warnings, *seen_before(examples, rows)][:5]:
        click.echo(line, err=True)
    rows += [replace(row, label="none") for row in read_rows(oos, check_files=False)] if oos else []
    return examples, rows


def _draw(standings: Sequence[Standing], folder: Path | None) -> list[Path]:
    if folder is None or not standings:
        return []
    from assistant.evaluation.peer_plot import draw_standings

    return [draw_standings(standings, folder / "peers.png")]


def _show(standings: Sequence[Standing], notes: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", "accuracy", "AUROC", "training", "a turn", "memory", box=None, pad_edge=False)
    for one in standings:
        auroc = "-" if math.isnan(one.oos_auroc) else f"{100 * one.oos_auroc:.1f} %"
        table.add_row(
            one.title,
            f"{100 * one.accuracy:.1f} %",
            auroc,
            f"{one.train_seconds:.1f} s",
            f"{one.turn_ms:.1f} ms",
            f"{one.megabytes:.0f} MB",
        )
    Console().print(table)
    for line in notes:
        click.echo(line)
    click.echo(machine_line())
