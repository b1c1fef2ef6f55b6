"""Measures how many spoken coffee orders are understood exactly, intent and every slot, beside published figures.

The recordings and figures are those of Picovoice's speech-to-intent benchmark (302 orders by more than 50 speakers,
github.com/Picovoice/speech-to-intent-benchmark): Google Dialogflow 77.6 %, Picovoice Rhino 97.6 %.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.evaluation.coffee_plugin import coffee
from assistant.evaluation.metrics import mean
from assistant.evaluation.turn import app_for_bench, changed
from assistant.inputs.audio_file import read_audio
from assistant.intents.slots import extract_slots
from assistant.settings import Settings
from assistant.terminal.report import Peer, Report, Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import read_table
from assistant.types import Turn, new_id

__all__ = ["Understood", "evaluate_orders", "orders_report"]

PUBLISHED = Peer("Picovoice Rhino, published", 97.6)
"""of the clean recordings"""
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


def orders_report(orders: Sequence[Understood]) -> Report:
    """Makes the report, with a line about every order that was misunderstood."""
    rows = [
        Row("intent and every slot right", 100 * mean(o.exactly for o in orders), "%", at_least=95, peer=PUBLISHED),
        percent("intent right", mean(o.intent == INTENT for o in orders)),
    ]
    missed = [f"{o.file}: {o.said!r} gave {dict(o.got)}, not {dict(o.wanted)}" for o in orders if not o.exactly]
    return Report("evaluate orders", f"{len(orders)} spoken orders", rows, missed)


async def evaluate_orders(settings: Settings, progress: StepProgress, folder: Path) -> Report:
    """Runs each recording as a spoken turn, beside the shipped plugins, and compares intent and slots.

    The folder has a manifest.csv (file, intent, slots as JSON).
    """
    table = read_table(folder / "manifest.csv", "file", "slots")
    plugins = {"folder": str(Path(coffee.__file__).parent)}
    async with app_for_bench(changed(settings, speech={"language": "en"}, plugins=plugins)) as app:
        intent = next(each for each in app.plugins.intents if each.name == INTENT)
        orders = []
        for row in tracked(progress, "listening to orders", table):
            wanted = {name: value.strip() for name, value in json.loads(row["slots"]).items()}
            transcript = await app.transcribe(read_audio(folder / row["file"]))
            decision, _ = await app.considering.preview(f"orders-{new_id()}", transcript.text)
            slots = extract_slots(intent, Turn(transcript=transcript).utterance)
            got = {coffee.SLOTS[name]: str(value) for name, value in slots.items()}
            orders.append(Understood(row["file"], transcript.text, decision.intent, wanted, got))
    return orders_report(orders)
