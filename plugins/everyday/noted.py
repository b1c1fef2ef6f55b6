"""Answers a question that no intent serves from the notes: 婚礼是哪天来着 of a note about a wedding."""

from __future__ import annotations

import re

from assistant import AssistantError, Reply, Services, Turn

from .keeping import Keeper
from .wording import language_of, say

__all__ = ["answer_noted"]

LONGEST = 80
"""characters of a question that is looked up"""
LATEST = 60
"""notes that are read for one question"""
RELEVANT = 0.2
"""relevance from which a note answers a question: of 18 questions to 14 notes the right one reached it for 17, and
none did for 20 questions about other things"""
ASKS = re.compile(
    r"^\W*(?:so |and |hey )*(?:when|what|where|who|which|how|is|was|did)(?:'?s)?\b|[?？]\s*$"
    r"|什么|啥|哪|几|谁|多少|来着|怎么",
    re.IGNORECASE,
)


async def answer_noted(turn: Turn, services: Services) -> Reply | None:
    """Returns the note that answers a question; None if there is none."""
    said = turn.utterance
    if turn.images or len(said) > LONGEST or not ASKS.search(said):
        return None
    kept = Keeper(services.data_dir).notes()[-LATEST:]
    notes = [note.text for note in kept]
    try:
        found = await services.relevance(said, notes)
    except AssistantError:
        return None
    best = max(range(len(notes)), key=lambda at: found[at], default=None)
    if best is None or found[best] < RELEVANT:
        return None
    language = language_of(said)
    data = {"notes": [notes[best]], "note": kept[best].id, "text": notes[best]}  # it can be put right
    told = Reply(say("noted", language, text=notes[best]), data=data)
    return told.about(say("the_note", language))
