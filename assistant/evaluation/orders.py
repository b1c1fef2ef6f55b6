"""Spoken coffee orders: how many are understood exactly, intent and every slot, beside published figures.

The recordings and figures are those of Picovoice's speech-to-intent benchmark (302 orders by more than 50 speakers,
github.com/Picovoice/speech-to-intent-benchmark): Google Dialogflow 77.6 %, Picovoice Rhino 97.6 %.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.app import App
from assistant.errors import InputError
from assistant.evaluation.orders_plugin import coffee
from assistant.inputs.audio_file import read_audio
from assistant.intents.slots import extract_slots
from assistant.settings import Settings
from assistant.types import Turn, new_id

__all__ = ["PUBLISHED", "OrdersReport", "Understood", "evaluate_orders"]

PUBLISHED = {"Picovoice Rhino": 0.976, "Google Dialogflow": 0.776}
"""published accuracy on the clean recordings, 0 to 1"""
INTENT = "coffee.order_drink"


@dataclass(frozen=True)
class Understood:
    """One order."""

    file: str
    said: str
    """the transcript"""
    intent: str
    wanted: Mapping[str, str]
    got: Mapping[str, str]

    @property
    def exactly(self) -> bool:
        """Whether intent and all slots are right, and no slot is invented."""
        return self.intent == INTENT and self.wanted == self.got


@dataclass(frozen=True)
class OrdersReport:
    """All orders."""

    orders: tuple[Understood, ...]

    @property
    def accuracy(self) -> float:
        """Share of orders understood exactly, 0 to 1."""
        return sum(order.exactly for order in self.orders) / len(self.orders)

    @property
    def intents(self) -> float:
        """Share of orders whose intent is right, 0 to 1."""
        return sum(order.intent == INTENT for order in self.orders) / len(self.orders)

    def to_json(self) -> dict[str, Any]:
        """Plain values, with every order that was misunderstood."""
        missed = [
            {"file": each.file, "said": each.said, "wanted": dict(each.wanted), "got": dict(each.got)}
            for each in self.orders
            if not each.exactly
        ]
        figures = {"orders": len(self.orders), "accuracy": self.accuracy, "intent_accuracy": self.intents}
        return figures | {"published": PUBLISHED, "missed": missed}

    def __str__(self) -> str:
        ours = f"{100 * self.accuracy:.1f} % understood exactly, intent and all slots"
        lines = [f"{len(self.orders)} orders: {ours} (intent alone {100 * self.intents:.1f} %)"]
        return "\n".join([*lines, *(f"{name} {100 * value:.1f} % (published)" for name, value in PUBLISHED.items())])


async def evaluate_orders(folder: Path, settings: Settings, most: int = 0) -> OrdersReport:
    """Listen to each recording as to any spoken turn, beside the shipped plugins, and compare what was understood.

    Args:
        folder: with manifest.csv (file, intent, slots as JSON).
        settings: of the user; the language is English.
        most: orders; 0 is all.

    Raises:
        InputError: the folder holds no such manifest.
    """
    settings = settings.model_copy(
        update={
            "speech": settings.speech.model_copy(update={"language": "en"}),
            "plugins": settings.plugins.model_copy(update={"folder": str(_plugin_folder())}),
        }
    )
    app = await App.open(settings)
    try:
        intent = next(each for each in app.plugins.intents if each.name == INTENT)
        orders = []
        for file, wanted in list(_orders(folder))[: most or None]:
            transcript = await app.transcribe(read_audio(folder / file))
            decision, _ = await app.preview(f"orders-{new_id()}", transcript.text)
            slots = extract_slots(intent, Turn(transcript=transcript).utterance)
            got = {coffee.SLOTS[name]: str(value) for name, value in slots.items()}
            orders.append(Understood(file, transcript.text, decision.intent, wanted, got))
        return OrdersReport(tuple(orders))
    finally:
        await app.close()


def _plugin_folder() -> Path:
    return Path(coffee.__file__).parent


def _orders(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                slots = json.loads(row["slots"])
                yield row["file"], {name: value.strip() for name, value in slots.items()}
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{folder} holds no manifest.csv with file, intent and slots: {error}") from error
