"""``assistant evaluate``: how good the assistant is. Each measurement is a module of its own."""

from __future__ import annotations

import click

from assistant.terminal.lazy_group import CommandTable
from assistant.terminal.plugin_commands import OpenGroup

__all__ = ["MEASUREMENTS"]

MEASUREMENTS: CommandTable = {
    "intents": ("assistant.cli.evaluate_intents:intents", "Measure the intent decision on labelled turns."),
    "orders": (
        "assistant.cli.evaluate_orders:orders",
        "Measure how many spoken coffee orders are understood exactly, intent and every slot.",
    ),
    "retrieval": (
        "assistant.cli.evaluate_retrieval:retrieval",
        "Measure how well a library finds pictures by sentences, sentences by pictures, and passages by questions.",
    ),
    "pairs": (
        "assistant.cli.evaluate_fusion:pairs",
        "Measure words with a picture on the plugins' intents, beside either alone.",
    ),
    "sentiment": (
        "assistant.cli.evaluate_fusion:sentiment",
        "Measure every fusion strategy on tweets with pictures, in five folds.",
    ),
    "space": (
        "assistant.cli.evaluate_fusion:space",
        "Measure the shared space: photographs by captions and new phrases, texts and photographs by speech.",
    ),
    "explanations": (
        "assistant.cli.evaluate_explanations:explanations",
        "Measure whether explanations point at what really counts.",
    ),
    "tone": ("assistant.cli.evaluate_tone:tone", "Measure how well tone is heard in voices never heard before."),
}


@click.group(cls=OpenGroup, table=MEASUREMENTS)
def evaluate() -> None:
    """Measure how good the assistant is."""
