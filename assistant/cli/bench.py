"""``assistant bench``: how fast the assistant is."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.measured import CSV, FOLDER, measured, read_examples, read_test, table_of
from assistant.settings import load_settings
from assistant.terminal.lazy_group import LazyGroup

if TYPE_CHECKING:
    from assistant.terminal.report import Report
    from assistant.terminal.steps import StepProgress

__all__: list[str] = []


@click.command()
@click.option("--runs", default=9, show_default=True, type=click.IntRange(1), help="Repetitions of each measurement.")
@measured
def start(progress: StepProgress, runs: int) -> Report:
    """Measure fresh commands and memory, and list what a fresh question imports, reads and computes."""
    from assistant.evaluation.start import bench_start

    return bench_start(load_settings(), runs)


@click.command()
@click.option("--runs", default=20, show_default=True, type=click.IntRange(1), help="Repetitions of each measurement.")
@measured
def turn(progress: StepProgress, runs: int) -> Report:
    """Measure typed turns, turns with a photo, memory and transcription."""
    from assistant.evaluation.turn import bench_turn

    return bench_turn(load_settings(), runs)


@click.command()
@click.option("--peers", is_flag=True, help="Also measure a pipeline of Silero and faster-whisper.")
@click.option(
    "--data",
    type=FOLDER,
    help="Folder with wakeword_picovoice and speech_homeassistant_commands; by default the English voice asks.",
)
@click.option("--count", default=40, show_default=True, type=click.IntRange(1), help="Number of requests, at most.")
@measured
def voice(progress: StepProgress, peers: bool, data: Path | None, count: int) -> Report:
    """Measure the time from the end of speech to the first sound of the answer, played in real time."""
    from assistant.evaluation.voice import measure_voice

    return asyncio.run(measure_voice(load_settings(), data, count, peer=peers))


@click.command()
@click.option(
    "--tries", default=25, show_default=True, type=click.IntRange(1), help="Number of stop words in each room."
)
@click.option(
    "--minutes",
    default=3.0,
    show_default=True,
    type=click.FloatRange(0),
    help="Minutes of its own speech in each room.",
)
@click.option("--recordings", type=FOLDER, help="Folder with one stop word per file; by default espeak-ng speaks.")
@click.option("--text", type=CSV, help="File to read aloud; by default a few built-in sentences.")
@measured
def stop(progress: StepProgress, tries: int, minutes: float, recordings: Path | None, text: Path | None) -> Report:
    """Measure whether "stop" silences it while it speaks, in virtual rooms with more and more echo."""
    from assistant.evaluation.stopping import measure_stops

    words = text.read_text("utf-8", "replace") if text else ""
    return measure_stops(load_settings(), tries, minutes, recordings, words, progress)


@click.command()
@click.option("--minutes", default=20.0, show_default=True, type=click.FloatRange(2), help="Minutes of virtual time.")
@measured
def soak(progress: StepProgress, minutes: float) -> Report:
    """Count failures during hours of talk, noise, requests, stops and lost devices in virtual rooms."""
    from assistant.evaluation.soaking import measure_soak

    return measure_soak(load_settings(), minutes, progress)


@click.command()
@measured
def endpoints(progress: StepProgress) -> Report:
    """Measure how often a pause cuts a speaker off, and the wait after the end, beside fixed silences."""
    from assistant.evaluation.endpoints import measure_endpoints

    return asyncio.run(measure_endpoints(load_settings(), progress))


@click.command()
@click.option("--hours", default=4.0, show_default=True, type=click.FloatRange(0.01), help="Hours of sound.")
@click.option("--data", type=FOLDER, help="Folder of recordings; by default the English voice speaks.")
@measured
def stream(progress: StepProgress, hours: float, data: Path | None) -> Report:
    """Measure memory and lost sound while hours of sound pass through the voice loop, faster than real time."""
    from assistant.evaluation.stream import measure_stream

    return asyncio.run(measure_stream(load_settings(), hours, data))


@click.command()
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(5), help="Seconds to measure.")
@measured
def idle(progress: StepProgress, seconds: float) -> Report:
    """Measure what the voice assistant costs while it waits for its wake word and others talk."""
    from assistant.evaluation.idle import measure_idle
    from assistant.evaluation.stream import background_talk

    return measure_idle(seconds, background_talk())


@click.command()
@click.option(
    "--items", default=100_000, show_default=True, type=click.IntRange(1000), help="Synthetic vectors to search."
)
@click.option("--no-indexing", is_flag=True, help="Do not measure adding files.")
@click.option("--no-search", is_flag=True, help="Do not measure the search.")
@measured
def library(progress: StepProgress, items: int, no_indexing: bool, no_search: bool) -> Report:
    """Measure filling a library (rates, memory) and searching among very many items, beside FAISS if installed."""
    from assistant.evaluation.library import bench_library

    return bench_library(items, progress, indexing=not no_indexing, search=not no_search)


@click.command()
@click.option("--clients", default=8, show_default=True, type=click.IntRange(1, 256), help="Simultaneous clients.")
@click.option(
    "--turns",
    default=100,
    show_default=True,
    type=click.IntRange(20),
    help="Number of turns over HTTP, and as many asked directly.",
)
@measured
def serve(progress: StepProgress, clients: int, turns: int) -> Report:
    """Measure turns over HTTP beside the same turns asked directly."""
    from assistant.cli.doors import need_packages
    from assistant.evaluation.serving import bench_serving

    need_packages()
    return bench_serving(load_settings(), turns, clients)


@click.command()
@click.option("--clients", default=50, show_default=True, type=click.IntRange(2, 500), help="Connected microphones.")
@click.option("--speaking", default=4, show_default=True, type=click.IntRange(1, 64), help="How many speak at once.")
@click.option("--rounds", default=4, show_default=True, type=click.IntRange(1), help="How often they speak.")
@measured
def listen(progress: StepProgress, clients: int, speaking: int, rounds: int) -> Report:
    """Measure many microphones at /v1/listen, of which some speak at once."""
    from assistant.cli.doors import need_packages

    need_packages("websockets")
    from assistant.evaluation.listening import measure_listening

    return asyncio.run(measure_listening(max(clients, speaking + 1), speaking, rounds))


@click.command()
@click.option("--train", type=CSV, required=True, help="CSV of examples (text, label).")
@click.option("--test", type=CSV, required=True, help="CSV of test turns (text, label).")
@click.option("--oos", type=CSV, help="CSV of turns that belong to no intent.")
@measured
def intents(progress: StepProgress, train: Path, test: Path, oos: Path | None) -> Report:
    """Measure learning and recognising intents, beside logistic regression on the same sentence vectors."""
    from assistant.evaluation.labelled import require_known
    from assistant.evaluation.learning import bench_intents

    rows = [row for row in read_test(test, oos, None) if row.text]
    examples = read_examples(train, rows)
    require_known(rows, {row.label for row in examples})
    return bench_intents(examples, rows, load_settings(), progress)


class _BenchGroup(LazyGroup):
    """Knows the old name of a command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] == "speech":
            raise click.UsageError("`assistant bench speech` is now `assistant evaluate speech`.", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_BenchGroup,
    table=table_of(start, turn, voice, stop, endpoints, soak, stream, idle, library, serve, listen, intents),
)
def bench() -> None:
    """Measure how fast the assistant is."""
