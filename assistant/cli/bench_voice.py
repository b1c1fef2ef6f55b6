"""``assistant bench voice``: how soon a spoken request is answered."""

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
@click.option("--peers", is_flag=True, help="Measure a Silero and faster-whisper pipeline beside it.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with wakeword_picovoice and speech_homeassistant_commands; without it the English voice asks.",
)
@click.option("--count", default=40, show_default=True, type=click.IntRange(1), help="Most requests.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def voice(peers: bool, data: Path | None, count: int, as_json: bool) -> None:
    """Measure the time from the end of speech to the first sound of the answer, played in real time."""
    from assistant.evaluation.voice import measure_voice
    from assistant.settings import load_settings

    with contextlib.redirect_stdout(sys.stderr):
        measured = asyncio.run(measure_voice(load_settings(), data, count, peer=peers))
    if as_json:
        click.echo(json.dumps({"machine": machine(), **measured.to_json()}, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{measured}\n{machine_line()}")
