"""``assistant bench``: how fast the assistant is."""

from __future__ import annotations

import click

from assistant.cli.doors import need_packages
from assistant.cli.measured import COUNT, CSV, FOLDER, flag, measurement, option, table_of
from assistant.terminal.lazy_group import LazyGroup

__all__: list[str] = []

start = measurement(
    "start",
    "evaluation.start:bench_start",
    "Measure fresh commands, beside importing torch, and memory.",
    option("--runs", COUNT, "Repetitions of each measurement.", 9),
)
turn = measurement(
    "turn",
    "evaluation.turn:bench_turn",
    "Measure typed turns, turns with a photo, and memory.",
    option("--runs", COUNT, "Repetitions of each measurement.", 20),
)
voice = measurement(
    "voice",
    "evaluation.voice:measure_voice",
    "Measure the time from the end of speech to the first sound of the answer, played in real time.",
    flag("--peers", "Also measure a pipeline of Silero and faster-whisper."),
    option(
        "--data",
        FOLDER,
        "Folder with wakeword_picovoice and speech_homeassistant_commands; by default the English voice asks.",
    ),
    option("--count", COUNT, "Maximum number of requests.", 40),
)
stop = measurement(
    "stop",
    "evaluation.stopping:measure_stops",
    'Measure how often "stop" silences a reply, in virtual rooms with increasing echo.',
    option("--tries", COUNT, "Number of stop words in each room.", 25),
    option("--minutes", click.FloatRange(0), "Minutes of the assistant's own speech in each room.", 3.0),
)
endpoints = measurement(
    "endpoints",
    "evaluation.endpoints:measure_endpoints",
    "Measure how often a pause cuts a speaker off, and the wait after the end, beside fixed silences.",
)
soak = measurement(
    "soak",
    "evaluation.soak:measure_soak",
    "Count failures during hours of talk, television, noise, requests, stops and lost devices in virtual rooms.",
    option("--minutes", click.FloatRange(2), "Minutes in the rooms.", 20.0),
    flag("--real", "In real time, through PulseAudio's null sinks."),
    option("--keep", CSV, "File that keeps each finished room; a second run goes on from there."),
)
stream = measurement(
    "stream",
    "evaluation.stream:measure_stream",
    "Measure memory and lost sound while hours of sound pass through the voice loop, faster than real time.",
    option("--hours", click.FloatRange(0.01), "Hours of sound.", 4.0),
    option("--data", FOLDER, "Folder of recordings; by default the English voice speaks."),
)
idle = measurement(
    "idle",
    "evaluation.stream:measure_idle",
    "Measure processor time and memory while it waits for its wake word and others talk.",
    option("--seconds", click.FloatRange(5), "Seconds to measure.", 60.0),
)
library = measurement(
    "library",
    "evaluation.library:bench_library",
    "Measure filling a library (rates, memory) and searching among very many items, beside FAISS if installed.",
    option("--items", click.IntRange(1000), "Synthetic vectors to search.", 100_000),
)
serve = measurement(
    "serve",
    "evaluation.serving:bench_serving",
    "Measure turns over HTTP beside the same turns asked directly.",
    option("--clients", click.IntRange(1, 256), "Simultaneous clients.", 8),
    option("--turns", click.IntRange(20), "Number of turns over HTTP and of turns asked directly.", 100),
    before=need_packages,
)
listen = measurement(
    "listen",
    "evaluation.listening:measure_listening",
    "Measure /v1/listen with many microphones, some of which speak at once.",
    option("--clients", click.IntRange(2, 500), "Connected microphones.", 50),
    option("--speaking", click.IntRange(1, 64), "How many speak at once.", 4),
    option("--rounds", COUNT, "How often they speak.", 4),
    before=need_packages,
)
intents = measurement(
    "intents",
    "evaluation.cross_validation:bench_intents",
    "Measure learning and recognising intents, beside logistic regression on the same sentence vectors.",
    option("--train", CSV, "CSV of examples (text, label).", required=True),
    option("--test", CSV, "CSV of test turns (text, label).", required=True),
    option("--oos", CSV, "CSV of turns that belong to no intent."),
)
COMMANDS = (start, turn, voice, stop, endpoints, soak, stream, idle, library, serve, listen, intents)


@click.group(cls=LazyGroup, table=table_of(__name__, COMMANDS))
def bench() -> None:
    """Measure how fast the assistant is."""
