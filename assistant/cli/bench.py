"""``assistant bench``: how fast the assistant is, and whether that is fast enough."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from assistant.cli.measuring import Measurement

__all__ = ["bench"]


@click.group()
def bench() -> None:
    """Measure how fast the assistant is."""


@bench.command()
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
        click.echo(json.dumps({"machine": _machine(), "figures": figures}, indent=2))
    else:
        _show(measurements)


@bench.command()
@click.option("--runs", default=5, show_default=True, type=click.IntRange(1), help="Times each clip is transcribed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def speech(runs: int, as_json: bool) -> None:
    """Measure the transcription of short commands, beside faster-whisper where it is installed."""
    from assistant.evaluation.speech import bench_speech

    with contextlib.redirect_stdout(sys.stderr):
        measured = bench_speech(runs)
    if as_json:
        click.echo(json.dumps({"machine": _machine(), **measured.to_json()}, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{measured}\n{_machine_line()}")


@bench.command()
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
        click.echo(json.dumps({"machine": _machine(), **measured.to_json()}, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{measured}\n{_machine_line()}")


@bench.command()
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
        click.echo(json.dumps({"machine": _machine(), **measured.to_json()}, indent=2))
    else:
        click.echo(f"{measured}\n{_machine_line()}")


@bench.command()
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(5), help="How long to look.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def idle(seconds: float, as_json: bool) -> None:
    """Measure what the voice assistant costs while it waits for its wake word and others talk."""
    from assistant.evaluation.idle import measure_idle
    from assistant.evaluation.stream import background_talk

    measured = measure_idle(seconds, background_talk())
    click.echo(
        json.dumps({"machine": _machine(), **measured.to_json()}) if as_json else f"{measured}\n{_machine_line()}"
    )


def _machine() -> dict[str, Any]:
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": platform.python_version(),
    }


def _machine_line() -> str:
    machine = _machine()
    return f"{machine['cores']} cores, {machine['processor']}, Python {machine['python']}"


def _show(measurements: list[Measurement]) -> None:
    from rich.table import Table

    from assistant.repl.render import make_console

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
    console.print(_machine_line(), style="dim")
