"""Spells words letter by letter."""

from __future__ import annotations

import re

from assistant import Reply, Turn

from .said import fitting, without_courtesies
from .wording import language_of, say

__all__ = ["matches_spelling", "read_spelling", "spell"]

LONGEST = 60
"""letters of what is spelled"""
NO_WORD = re.compile(
    r"(?:it|that|this|them|my name|your name|his name|her name)\Z|.*\b(?:correctly|check|for)\b", re.IGNORECASE
)


def read_spelling(text: str) -> str:
    """The word that is to be spelled, as it was said; "" where none is."""
    for _, groups in fitting("spelling", without_courtesies(text)):
        word = groups["word"].strip(" '")
        # A word is spelled in letters; Chinese characters have none.
        if len(word) <= LONGEST and word.isascii() and not NO_WORD.match(word) and len(word.split()) < 4:
            return word
    return ""


def matches_spelling(text: str) -> bool:
    """Whether a sentence surely asks for a spelling."""
    return bool(read_spelling(text))


def spell(turn: Turn) -> Reply:
    """Spell a word."""
    language = language_of(turn.utterance)
    word = read_spelling(turn.utterance)
    if not word:
        return Reply(say("spell_what", language))
    letters = [letter.upper() for letter in word if not letter.isspace()]
    spoken = {"'": say("apostrophe", language), "-": say("hyphen", language)}
    aloud = ", ".join(spoken.get(letter, letter) for letter in letters)
    shown = "   ".join("-".join(part.upper().replace("-", "‑")) for part in word.split())
    return Reply(f"{word}: {shown}", speech=say("spelled", language, word=word, letters=aloud), data={"word": word})
