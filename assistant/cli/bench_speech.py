"""``assistant bench speech``: how fast and how rightly short commands are understood."""

from __future__ import annotations

import contextlib
import json
import sys

import click

from assistant.cli.machine import machine, machine_line

__all__: list[str] = []


@click.command()
@click.option("--runs", default=5, show_default=True, type=click.IntRange(1), help="Times each clip is transcribed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def speech(runs: int, as_json: bool) -> None:
    """Measure the transcription of short commands, beside faster-whisper where it is installed."""
    from assistant.evaluation.speech import bench_speech

    with contextlib.redirect_stdout(sys.stderr):
        measured = bench_speech(runs)
    if as_json:
        click.echo(json.dumps({"machine": machine(), **measured.to_json()}, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{measured}\n{machine_line()}")
