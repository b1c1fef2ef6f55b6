"""``assistant bench stream``: hours of sound through the voice loop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import click

from assistant.cli.machine import machine, machine_line

__all__: list[str] = []


@click.command()
@click.option("--hours", default=4.0, show_default=True, type=click.FloatRange(0.01), help="Hours of sound.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of real recordings; without it the English voice speaks.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def stream(hours: float, data: Path | None, as_json: bool) -> None:
    """Let hours of sound pass through the voice loop, faster than real time: does it grow, and does it lose any?"""
    from assistant.evaluation.stream import measure_stream
    from assistant.settings import load_settings

    with contextlib.redirect_stdout(sys.stderr):
        measured = asyncio.run(measure_stream(load_settings(), hours, data))
    if as_json:
        click.echo(json.dumps({"machine": machine(), **measured.to_json()}, indent=2))
    else:
        click.echo(f"{measured}\n{machine_line()}")
