"""A decision about one request of a turn, and its basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.types import Decision, Encoding, Modality, Turn
from assistant.understanding.permission import Obstacle
from assistant.understanding.types import Act

__all__ = ["DECLINED", "KNOWN_THING", "Decided", "certain", "even_shares", "with_words"]

KNOWN_THING = "known thing"
"""source of a decision for the plugin that alone knows a thing which the words name"""
DECLINED = "declined"
"""source of a decision whose plugin had nothing for the turn"""


@dataclass(frozen=True)
class Decided:
    """A decision and its basis."""

    decision: Decision
    turn: Turn
    """what the decision is about: the words of this request; joined with an earlier turn where it answers the
    assistant's own question"""
    basis: Turn
    """what the model decided on: the turn as it came, or with its slips mended"""
    encodings: Sequence[Encoding] = field(default=(), repr=False)
    """of `basis`"""
    by_model: bool = False
    """whether the intent model was asked; the assistant's own question before this turn is then answered or left"""
    obstacle: Obstacle | None = None
    """why the intent must not do what it does; None when it may, or changes nothing"""
    directs: Act | None = None
    """what the user tells the open dialogue to do: "stop" or "repeat"; None for an answer or a request"""

    def to_json(self) -> dict[str, Any]:
        """Plain values: the request, the decision, and why it was not done."""
        made = self.decision
        asked = {"text": self.turn.utterance, "intent": made.intent, "outcome": made.outcome}
        return {**asked, "not_done": self.obstacle or ""}


def certain(intent: str, source: str, turn: Turn) -> Decision:
    """The decision for an intent that needs no model."""
    return Decision(intent, 1.0, "answer", source=source, contributions=even_shares(turn))


def even_shares(turn: Turn) -> dict[Modality, float]:
    """Equal shares of the modalities present, for a decision that no model weighed."""
    return {modality: 1 / len(turn.present) for modality in turn.present}


def with_words(turn: Turn, text: str) -> Turn:
    """The turn with other words in place of its own, typed if any were typed."""
    if turn.text or turn.transcript is None:
        return replace(turn, text=text, transcript=replace(turn.transcript, text="") if turn.transcript else None)
    return replace(turn, transcript=replace(turn.transcript, text=text))
