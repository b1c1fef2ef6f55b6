"""One handler at work, or suspended at its question."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.dialogue.conversation import Conversation
from assistant.dialogue.journal import Journal
from assistant.plugins.api import Intent
from assistant.plugins.serialization import serialize_reply
from assistant.types import Reply, Turn

__all__ = ["Run", "last_words"]


@dataclass(eq=False)
class Run:
    """A handler at work, or suspended at its question."""

    intent: Intent
    turn: str
    """id of the turn that is answered now"""
    conversation: Conversation
    task: asyncio.Task[Reply]
    began: tuple[Turn, Mapping[str, Any]]
    """the turn and the slots that it began with"""
    asks_first: str = ""
    """the question whose yes begins it; "" for none"""

    def stands_at(self, journal: Journal) -> bool:
        """Returns whether it still stands where the log stands (another process may have gone on)."""
        at_home = self.task.get_loop() is asyncio.get_running_loop()
        return at_home and not self.task.done() and self.conversation.journal.length == journal.length

    def end(self) -> None:
        """Cancel the handler; nothing happens where its loop has ended."""
        if not self.task.get_loop().is_closed():
            self.task.cancel()


def last_words(reply: Reply, turn: str) -> dict[str, Any]:
    """A reply and the turn it answers, as plain values."""
    words = {"turn": turn, "reply": serialize_reply(reply)}
    plain: dict[str, Any] = json.loads(json.dumps(words, default=str))  # a plugin's data may be no JSON value
    return plain
