"""Journals one dialogue; every change is written to its log before it takes effect."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from assistant.dialogue.questions import Question
from assistant.plugins.serialization import Store, deserialize, serialize
from assistant.storage import DialogueLog

__all__ = ["UNANSWERED", "Journal"]

UNANSWERED: Any = object()
"""Stands for the answer that is not there yet."""


@dataclass
class _Entry:
    question: Question
    answer: Any = UNANSWERED


class Journal:
    """The questions and answers of a dialogue, and the side effects it has had.

    Args:
        log: where its events are kept.
        store: where its pictures are kept.
        dialogue: its id.
    """

    def __init__(self, log: DialogueLog, store: Store, dialogue: str) -> None:
        self.dialogue = dialogue
        self.length = 0
        """events so far"""
        self.suspended = False
        self.queued = False
        """whether it has yet to begin: it waits until an earlier request is settled"""
        self.asked_at = 0.0
        """seconds since the epoch, when the open question was last asked; 0 where the log does not say"""
        self._log = log
        self._store = store
        self._entries: list[_Entry] = []
        self._effects: dict[str, Any] = {}
        for kind, data in log.events(dialogue):
            self._apply(kind, data)

    @property
    def open_question(self) -> Question | None:
        """The question the user has not answered yet."""
        last = self._entries[-1] if self._entries else None
        return last.question if last is not None and last.answer is UNANSWERED else None

    @property
    def begun(self) -> bool:
        """Whether anything happened in it."""
        return self.length > 0

    def answer(self, position: int, question: Question) -> Any:
        """The recorded answer to the question at a position, `UNANSWERED` when it is yet to come.

        A question that was not asked before is recorded now. When a different one was asked at this position (the
        handler has changed since), that one and all behind it are void.
        """
        if position < len(self._entries) and self._entries[position].question != question:
            self._write("changed", {"from": position})
        if position == len(self._entries):
            self._write("asked", {**asdict(question), "at": time.time()})
        return self._entries[position].answer

    def answered(self, value: Any, turn: str = "") -> None:
        """Record the answer to the open question, and the id of the turn that gave it."""
        self._write("answered", {"value": serialize(value, self._store), "turn": turn})

    def effect(self, key: str) -> Any:
        """The recorded result of a side effect, `UNANSWERED` when it has not happened."""
        return self._effects.get(key, UNANSWERED)

    def did(self, key: str, result: Any, *, durable: bool = True) -> None:
        """Record that a side effect happened.

        Args:
            key: its name.
            result: what came of it.
            durable: wait until the record survives a power cut.

        Raises:
            TypeError: its result is not a JSON value; the effect is recorded all the same.
        """
        try:
            wired = serialize(result, self._store)
        except TypeError:
            self._write("did", {"key": key, "result": None}, durable=durable)
            raise
        self._write("did", {"key": key, "result": wired}, durable=durable)

    def ask_again(self) -> None:
        """Record that the open question was asked again now."""
        self._write("asked again", {"at": time.time()})

    def queue(self) -> None:
        """Marks it as queued until an earlier request is settled."""
        self._write("queued", {})

    def begin(self) -> None:
        """Marks it as begun."""
        self._write("begun", {})

    def suspend(self) -> None:
        """Suspends it: the user turned to another topic."""
        self._write("suspended", {})

    def wake(self) -> None:
        """Resumes it."""
        self._write("woken", {})

    def _write(self, kind: str, data: dict[str, Any], *, durable: bool = False) -> None:
        self._log.append(self.dialogue, kind, data, durable=durable)
        self._apply(kind, data)

    def _apply(self, kind: str, data: dict[str, Any]) -> None:
        self.length += 1
        if kind == "asked":
            lists = {name: tuple(data.get(name, ())) for name in ("choices", "mentions")}
            values = {name: value for name, value in data.items() if name != "at"}
            self._entries.append(_Entry(Question(**{**values, **lists})))
            self.asked_at = data.get("at", 0.0)
        elif kind == "asked again":
            self.asked_at = data["at"]
        elif kind == "answered":
            self._entries[-1].answer = deserialize(data["value"], self._store)
        elif kind == "changed":
            del self._entries[data["from"] :]
        elif kind == "did":
            self._effects[data["key"]] = deserialize(data["result"], self._store)
        elif kind in ("suspended", "woken"):
            self.suspended = kind == "suspended"
        elif kind in ("queued", "begun"):
            self.queued = kind == "queued"
