"""The plugin at work with servers of the tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from assistant import Reply, Turn
from assistant.intents.slots import extract_slots, missing_slots, slot_question
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.testing import FakeDialogue, FakeServices

pytest.importorskip("mcp", reason="needs the extra [mcp]")


HERE = Path(__file__).parent


KINDS = str(HERE / "servers.py")


class Home:
    """The plugin at work with some servers, between its startup and its shutdown."""

    def __init__(self, manager: PluginManager, services: FakeServices) -> None:
        self.manager, self.services = manager, services
        self.asked: list[str] = []

    def intent(self, name: str) -> Intent:
        return next(each for each in self.manager.intents if each.name == f"mcp.{name}")

    async def ask(self, name: str, said: str, *answers: str) -> Reply:
        """As the dialogue manager lets an intent answer; its questions are in `asked`."""
        intent, dialogue = self.intent(name), FakeDialogue(answers)
        slots = extract_slots(intent, said)
        for slot in missing_slots(intent, slots):
            slots[slot.name] = await dialogue.ask(slot_question(intent, slot), kind=slot.kind, choices=slot.choices)
        try:
            return await self.manager.answer(intent, Turn(session="s", text=said), slots, dialogue)
        finally:
            self.asked = dialogue.asked


Live = Callable[[dict[str, Any], Callable[[Home], Awaitable[Any]]], Any]
