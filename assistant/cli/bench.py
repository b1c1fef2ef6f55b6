"""``assistant bench``: how fast the assistant is. Each bench is a module of its own."""

from __future__ import annotations

import click

from assistant.terminal.lazy_group import CommandTable, LazyGroup

__all__ = ["BENCHES"]

BENCHES: CommandTable = {
    "turn": (
        "assistant.cli.bench_turn:turn",
        "Measure start-up, typed turns, turns with a photo, memory and transcription.",
    ),
    "speech": (
        "assistant.cli.bench_speech:speech",
        "Measure the transcription of short commands, beside faster-whisper where it is installed.",
    ),
    "voice": (
        "assistant.cli.bench_voice:voice",
        "Measure the time from the end of speech to the first sound of the answer, played in real time.",
    ),
    "stream": (
        "assistant.cli.bench_stream:stream",
        "Let hours of sound pass through the voice loop, faster than real time: does it grow, and does it lose any?",
    ),
    "idle": (
        "assistant.cli.bench_idle:idle",
        "Measure what the voice assistant costs while it waits for its wake word and others talk.",
    ),
    "library": (
        "assistant.cli.bench_library:library",
        "Measure filling a library (rates, memory) and searching among very many items, beside peers.",
    ),
    "serve": ("assistant.cli.bench_serve:serve", "Measure turns over HTTP beside the same turns asked directly."),
    "intents": (
        "assistant.cli.bench_intents:intents",
        "Measure learning and recognising intents, beside the peers that are installed.",
    ),
}


@click.group(cls=LazyGroup, table=BENCHES)
def bench() -> None:
    """Measure how fast the assistant is."""
