"""The state of one turn while it is answered."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from assistant.dialogue.decided import Decided
from assistant.plugins.answers import LiveReply
from assistant.safety import Alarm
from assistant.types import Decision, Encoding, Reply, Turn, TurnResult
from assistant.understanding.types import Understanding

__all__ = ["TurnState"]


@dataclass
class TurnState:
    """One turn on its way through the pipeline: each step reads it and adds to it."""

    turn: Turn
    """as it came in; then with its transcript; then with what it is about, where it answers a question"""
    encodings: list[Encoding] = field(default_factory=list)
    understanding: Understanding = field(default_factory=lambda: Understanding("", ""))
    """what the turn says, clause by clause"""
    alarm: Alarm | None = None
    """what a safety check found; nothing else is then decided or answered"""
    checked: str = ""
    """the words that the safety checks have seen"""
    parts: tuple[Decided, ...] = ()
    """what was decided, request by request; empty before the step `decide`"""
    reply: Reply = field(default_factory=lambda: Reply(""))
    live: LiveReply | None = None
    """what was announced of it while it came"""
    notices: list[str] = field(default_factory=list)
    latency_ms: dict[str, float] = field(default_factory=dict)
    """milliseconds per stage, and "total" at the end"""
    began: float = field(default_factory=time.perf_counter)

    @property
    def decided(self) -> Decided:
        """The first decision; only after the step `decide`."""
        assert self.parts, "the turn is not decided yet"
        return next((part for part in self.parts if part.decision.outcome == "answer"), self.parts[0])

    @property
    def decision(self) -> Decision:
        """The first decision as the model made it; only after the step `decide`."""
        return self.decided.decision

    @property
    def result(self) -> TurnResult:
        """The results of the turn so far."""
        elapsed = (time.perf_counter() - self.began) * 1000
        latency = {**self.latency_ms, "total": self.latency_ms.get("total", elapsed)}
        notices = tuple(dict.fromkeys(self.notices))
        clauses = self.understanding.to_json()["clauses"]
        requests = tuple(part.to_json() for part in self.parts)
        return TurnResult(self.turn, self.decision, self.reply, latency, notices, tuple(clauses), requests)
