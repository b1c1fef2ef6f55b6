"""``assistant evaluate``: how good the assistant is. Each measurement is a module of its own."""

from __future__ import annotations

import click

from assistant.cli.lazy import CommandTable, LazyGroup

__all__ = ["MEASUREMENTS"]

MEASUREMENTS: CommandTable = {
    "intents": ("assistant.cli.evaluate_intents:intents", "Measure the intent decision on labelled turns."),
    "explanations": (
        "assistant.cli.evaluate_explanations:explanations",
        "Measure whether explanations point at what really counts.",
    ),
    "tone": ("assistant.cli.evaluate_tone:tone", "Measure how well tone is heard in voices never heard before."),
}


@click.group(cls=LazyGroup, table=MEASUREMENTS)
def evaluate() -> None:
    """Measure how good the assistant is."""
