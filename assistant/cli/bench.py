"""``assistant bench``: how fast the assistant is. Each bench is a module of its own."""

from __future__ import annotations

import click

from assistant.cli.lazy import CommandTable, LazyGroup

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
    "intents": (
        "assistant.cli.bench_intents:intents",
        "Measure learning and recognising intents, beside the peers that are installed.",
    ),
}


@click.group(cls=LazyGroup, table=BENCHES)
def bench() -> None:
    """Measure how fast the assistant is."""
