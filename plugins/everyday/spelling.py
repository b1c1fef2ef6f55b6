"""Spells words letter by letter."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant import Exchange, Reply, Turn

from .said import fitting, without_courtesies
from .wording import language_of, say

__all__ = ["matches_spelling", "read_spelling", "spell", "spells_on"]

LONGEST = 60
"""letters of what is spelled"""
ANOTHER = re.compile(
    r"(?:and|what about|how about|now|then|那|还有)\s*(?P<word>[a-z][a-z'-]{1,40})(?:呢)?[?？.!]*", re.IGNORECASE
)
BEHIND = re.compile(
    r"\bspell(?: out)?(?: the word)? [\"“']?(?P<word>[a-z][a-z'-]{1,40}?)[\"”']?(?: (?:out|please|for (?:me"
    r"|us)))*[\s.?!]*$",
    re.IGNORECASE,
)
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
    """Returns whether a sentence surely asks for a spelling."""
    return bool(read_spelling(text))


def spells_on(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text names another word to spell: "and separate"."""
    return bool(before) and "word" in before[-1].data and bool(_another(text))


def _another(text: str) -> str:
    found = ANOTHER.fullmatch(text.strip())
    return found["word"] if found and not NO_WORD.match(found["word"]) else ""


def _behind(text: str) -> str:
    """The word behind other words: "another one, and spell rhythm for me"."""
    found = BEHIND.search(text)
    return found["word"] if found and not NO_WORD.match(found["word"]) else ""


def spell(turn: Turn) -> Reply:
    """Spell a word."""
    language = language_of(turn.utterance)
    word = read_spelling(turn.utterance) or _another(turn.utterance) or _behind(turn.utterance)
    if not word:
        return Reply(say("spell_what", language))
    letters = [letter.upper() for letter in word if not letter.isspace()]
    spoken = {"'": say("apostrophe", language), "-": say("hyphen", language)}
    aloud = ", ".join(spoken.get(letter, letter) for letter in letters)
    shown = "   ".join("-".join(part.upper().replace("-", "‑")) for part in word.split())
    return Reply(f"{word}: {shown}", speech=say("spelled", language, word=word, letters=aloud), data={"word": word})
