"""Asks which intent is meant ("do you mean … or …?"), and reads the answer."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.errors import StorageError
from assistant.storage import Attachments, History, StoredTurn
from assistant.types import Decision, Turn
from assistant.understanding.consent import read_consent

__all__ = ["Clarifications", "pick_option"]

REMEMBERED = 256
"""sessions whose last question is kept in memory; of the others the history knows it"""

_ORDINALS = (
    ("1", "one", "first", "erste", "一", "第一", "第一个"),
    ("2", "two", "second", "zweite", "二", "两", "第二", "第二个"),
    ("3", "three", "third", "dritte", "三", "第三", "第三个"),
    ("4", "four", "fourth", "vierte", "四", "第四", "第四个"),
    ("5", "five", "fifth", "fünfte", "五", "第五", "第五个"),
)
_FILLER = {
    "the",
    "option",
    "number",
    "no",
    "i",
    "mean",
    "meant",
    "one",
    "please",
    "last",
    "want",
    "it",
    "is",
    "das",
    "der",
    "die",
}


def pick_option(text: str, count: int) -> int | None:
    """The index of the option that a short answer names ("2", "the first one", "第二个"), or None."""
    words = re.findall(r"\d+|[a-zäöüß]+|[\u4e00-\u9fff]+", text.lower())
    if not words or len(words) > 5:
        return None
    if "last" in words and all(word in _FILLER for word in words):
        return count - 1
    named = {i for i, names in enumerate(_ORDINALS[:count]) for word in words if word in names}
    if len(named) == 2 and "one" in words:  # "the second one"
        named.discard(0)
    spare = [word for word in words if word not in _FILLER and not any(word in names for names in _ORDINALS)]
    return named.pop() if len(named) == 1 and not spare else None


@dataclass(frozen=True)
class _Asked:
    turn: Turn
    options: tuple[str, ...]


class Clarifications:
    """Remembers, per session, the question the assistant asked last; after a restart from the history.

    Args:
        history: where the question was stored.
        attachments: the pictures of the turn it was about.
    """

    def __init__(self, history: History, attachments: Attachments) -> None:
        self._history = history
        self._attachments = attachments
        self._asked: OrderedDict[str, _Asked | None] = OrderedDict()

    def ask(self, turn: Turn, options: Sequence[str]) -> None:
        """Remember that this turn was answered with a question."""
        for picture in turn.images:
            self._attachments.put_picture(picture)
        self._remember(turn.session, _Asked(turn, tuple(options)))

    def forget(self, session: str) -> None:
        """Forget a session that is deleted."""
        self._asked.pop(session, None)

    def _remember(self, session: str, asked: _Asked | None) -> None:
        self._asked[session] = asked
        self._asked.move_to_end(session)
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)

    def resolve(self, turn: Turn, decision: Decision) -> tuple[Decision, Turn]:
        """Read a turn as the answer to the question before it, if there was one; the question stays until `close`.

        Returns:
            the decision, and the turn that it is about: the earlier one joined with this one when this one
            answers the question.
        """
        asked = self._last(turn)
        if asked is None:
            return decision, turn
        agreed = len(asked.options) == 1 and read_consent(turn.utterance) == "yes"
        chosen = 0 if agreed else pick_option(turn.utterance, len(asked.options))
        if chosen is not None:
            decision = replace(decision, intent=asked.options[chosen], confidence=1.0, outcome="answer", options=())
            return replace(decision, source="choice"), _join(asked.turn, turn, asked.turn.utterance)
        if decision.outcome == "answer":
            return decision, self._with_earlier(asked, decision, turn)
        return self._likeliest(decision, asked, turn)

    def close(self, session: str) -> None:
        """Closes the question, answered or cancelled: the next turn is not read as its answer."""
        self._remember(session, None)

    def _with_earlier(self, asked: _Asked, decision: Decision, turn: Turn) -> Turn:
        if not asked.options:  # "what is it about?": the picture stays, the vague words go
            return _join(asked.turn, turn, turn.text)
        if decision.intent in asked.options:  # the earlier words may name an order, a size, a date
            return _join(asked.turn, turn, f"{asked.turn.utterance} {turn.text}")
        return turn  # the user changed the subject

    def _likeliest(self, decision: Decision, asked: _Asked, turn: Turn) -> tuple[Decision, Turn]:
        """Decides unclear words among the options that were offered."""
        offered = [c for c in decision.candidates if c.intent in asked.options]
        if decision.outcome != "clarify" or not offered or offered[0].intent != decision.candidates[0].intent:
            return decision, turn
        if len(offered) > 1 and offered[0].confidence < 2 * offered[1].confidence:
            return decision, turn
        best = offered[0]
        decision = replace(decision, intent=best.intent, confidence=best.confidence, outcome="answer", options=())
        return decision, self._with_earlier(asked, decision, turn)

    def _last(self, turn: Turn) -> _Asked | None:
        earlier = [stored for stored in self._history.turns(turn.session, limit=2) if stored.id != turn.id]
        if not earlier:
            return None
        asked = self._asked.get(turn.session)
        # Another process may have answered turns of this session since: then the history alone knows.
        return asked if asked is not None and asked.turn.id == earlier[-1].id else self._restore(earlier[-1])

    def _restore(self, stored: StoredTurn) -> _Asked | None:
        if stored.outcome != "clarify":
            return None
        try:
            images = tuple(self._attachments.get_picture(digest) for digest in stored.images)
        except StorageError:
            images = ()
        text = " ".join(part for part in (stored.transcript or "", stored.text) if part)
        return _Asked(Turn(session=stored.session, text=text, images=images), stored.options)


def _join(earlier: Turn, now: Turn, text: str) -> Turn:
    return replace(now, text=text.strip(), images=now.images or earlier.images)
