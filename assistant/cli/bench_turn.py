"""``assistant bench turn``: how fast the assistant is, and whether that is fast enough."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from assistant.cli.machine import machine, machine_line

if TYPE_CHECKING:
    from assistant.cli.measuring import Measurement

__all__: list[str] = []


@click.command()
@click.option("--runs", default=20, show_default=True, type=click.IntRange(1), help="Times each thing is measured.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def turn(runs: int, as_json: bool) -> None:
    """Measure start-up, typed turns, turns with a photo, memory and transcription."""
    from assistant.cli.measuring import measure_help, measure_prompt, measure_speech, measure_turns
    from assistant.settings import load_settings

    settings = load_settings()
    with contextlib.redirect_stdout(sys.stderr):
        measurements = [measure_help(runs), measure_prompt(runs)]
        measurements += asyncio.run(measure_turns(settings, runs))
        measurements.append(measure_speech(settings))
    if as_json:
        figures = [asdict(figure) | {"passed": figure.passed} for figure in measurements]
        click.echo(json.dumps({"machine": machine(), "figures": figures}, indent=2))
    else:
        _show(measurements)


def _show(measurements: list[Measurement]) -> None:
    from rich.table import Table

    from assistant.terminal.render import make_console

    console = make_console()
    table = Table("what", "median", "worst", "goal", "runs", "", box=None, pad_edge=False)
    for figure in measurements:
        table.add_row(
            figure.what,
            f"{figure.value:.0f} {figure.unit}",
            f"{figure.worst:.0f}",
            f"{figure.goal:.0f}",
            str(figure.runs),
            "pass" if figure.passed else "miss",
            style="" if figure.passed else "yellow",
        )
    console.print(table)
    console.print(machine_line(), style="dim")
