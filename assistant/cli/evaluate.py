"""``assistant evaluate``: how good the assistant is. Each measurement is a module of its own."""

from __future__ import annotations

import click

from assistant.cli.lazy import CommandTable, LazyGroup

__all__ = ["MEASUREMENTS"]

MEASUREMENTS: CommandTable = {
    "intents": ("assistant.cli.evaluate_intents:intents", "Measure the intent decision on labelled turns."),
}


@click.group(cls=LazyGroup, table=MEASUREMENTS)
def evaluate() -> None:
    """Measure how good the assistant is."""
