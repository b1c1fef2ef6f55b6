"""A question that no intent serves, answered from the notes: 婚礼是哪天来着 of a note about a wedding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from assistant import Decision, Reply, Services, Turn

from .keeping import Keeper, Note
from .wording import language_of, say

__all__ = ["answer_from", "answer_noted"]

LONGEST = 80
"""characters of a question that is looked up"""
ASKS = re.compile(
    r"^\W*(?:so |and |hey )*(?:when|what|where|who|which|how (?:much|many|long)|is|was|did)\b|\?\s*$"
    r"|[？?]\s*$|什么|啥|哪|几|谁|多少|来着|怎么",
    re.IGNORECASE,
)
COMMON = frozenset(
    (  # noqa: SIM905
        "a an the my our your his her is was are were be did do does has have had i you he she it we they me of"
        " in on at"
        " for to from with when what where who which how much many long day date time again about tell say said"
        " note noted"
        " so and or that this there please now then will would can could going get got"
    ).split()
)
ZH_COMMON = re.compile(
    r"我们?|你们?|他们?|她们?|的|了|是|在|吗|呢|啊|呀|吧|来着|什么时候|什么|啥|哪[天里儿个位一]?|几[号点月日]|几|谁|多少钱?|怎么|请问|那个?|这个?|有|要|到底"
    r"|[，,。？?！!、\s]|一下|告诉|记得|知道|还|都|说|时候"
)


async def answer_noted(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """The note that holds all that a question names; None where none does, or several do."""
    said = turn.utterance
    if turn.images or len(said) > LONGEST or not ASKS.search(said):
        return None
    return answer_from(said, Keeper(services.data_dir).notes())


def answer_from(said: str, kept: Sequence[Note]) -> Reply | None:
    """The one note that holds all that a question names; None where it is no question, or not one note does."""
    notes = [note for note in kept if _holds(note, said)]
    if len(notes) != 1 or not ASKS.search(said):
        return None
    language = language_of(said)
    return Reply(say("noted", language, text=notes[0].text), data={"notes": [notes[0].text]}).about(
        say("the_note", language)
    )


def _holds(note: Note, question: str) -> bool:
    if re.search(r"[\u4e00-\u9fff]", question):
        pieces = [piece for piece in ZH_COMMON.sub(" ", question).split() if len(piece) > 1 or not piece.isascii()]
        return any(len(piece) > 1 for piece in pieces) and all(piece in note.text for piece in pieces)
    words = _stems(question) - _common_stems()
    return any(len(word) > 3 for word in words) and words <= _stems(note.text)


@cache
def _common_stems() -> frozenset[str]:
    return frozenset(map(_stem, COMMON))


@lru_cache(1024)
def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in re.findall(r"[a-z0-9]+", re.sub(r"'s\b", "", text.lower())))


def _stem(word: str) -> str:
    return re.sub(r"(?:ing|ed|es|s)$", "", word)
