"""Finds the intent that a text surely means: it is an example of it, word for word, or the intent says so itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from assistant.plugins.api import Exchange, Intent

__all__ = ["ExactExamples", "follows", "plain_words"]

_SLOT = re.compile(r"\{[^{}]+\}")
_FILLING = r"(\S+(?: \S+){0,3}|[^\s]{1,12})"
"""what may stand for a slot: at most four words, or twelve characters of a language without spaces"""
_FEWEST_WORDS = 2
"""literal words that a template needs, so that it says more than its slot"""
REMEMBERED = 64
"""texts for which is kept what was found: one turn asks several times about the same words"""
_COURTESY = re.compile(r"^(?:please|hey|ok|okay|请) |(?: please| now|吧)$")


def plain_words(text: str) -> str:
    """Returns a text in lower case, without punctuation, accents of width, and courtesies around it."""
    folded = (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold().replace("’", "'")
    words = " ".join(re.sub(r"[^\w\s'{}]", " ", folded).split())
    return _COURTESY.sub("", words)


class ExactExamples:
    """Looks a text up among the examples of all intents.

    Args:
        intents: all that are known; of an example that several share, none is found.
    """

    def __init__(self, intents: Collection[Intent]) -> None:
        self._literal: dict[str, set[str]] = {}
        self._templates: list[tuple[tuple[str, ...], str]] = []
        self._matching = [intent for intent in intents if intent.matches is not None]
        for intent in intents:
            for example in intent.examples:
                self._add(plain_words(example), intent.name)
        self._found = lru_cache(REMEMBERED)(self._find)

    def find(self, text: str) -> str:
        """Returns the name of the one intent that has the text as an example, else of the one that matches it most.

        Returns "" when none or several do. What was found for the last texts is remembered.
        """
        return self._found(text)

    def _find(self, text: str) -> str:
        plain = plain_words(text)
        names = self._literal.get(plain) or {name for pieces, name in self._templates if _fills(plain, pieces)}
        if not names:
            matched = {intent.name: _matched(intent, text) for intent in self._matching}
            most = max(matched.values(), default=0)
            names = {name for name, how in matched.items() if how and how == most}
        return next(iter(names)) if len(names) == 1 else ""

    def holds(self, text: str) -> bool:
        """Returns whether a text is an example of some intent, word for word, slots aside."""
        return plain_words(text) in self._literal

    def _add(self, example: str, name: str) -> None:
        pieces = _SLOT.split(example)
        if len(pieces) == 1:
            self._literal.setdefault(example, set()).add(name)
        elif _weight(pieces) >= _FEWEST_WORDS:
            self._templates.append((tuple(pieces), name))


def _fills(plain: str, pieces: tuple[str, ...]) -> bool:
    """Returns whether a text is what stands around the slots of a template, with something in each slot."""
    # Few texts hold what stands between two slots: few expressions are ever compiled.
    ends = plain.startswith(pieces[0]) and plain.endswith(pieces[-1])
    return ends and all(piece in plain for piece in pieces) and bool(_template(pieces).fullmatch(plain))


@lru_cache(1024)
def _template(pieces: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_FILLING.join(map(re.escape, pieces)))


def _matched(intent: Intent, text: str) -> int:
    if intent.matches is None:
        return 0
    try:
        return int(intent.matches(text))
    except Exception:  # a plugin's own code: what it cannot read is left to the model
        return 0


def follows(intent: Intent, text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether an intent says that a text means it after what was said before."""
    if intent.follows is None:
        return False
    try:
        return bool(intent.follows(text, before))
    except Exception:  # as above
        return False


def _weight(pieces: Iterable[str]) -> int:
    """Words, two Chinese characters counting as one."""
    text = " ".join(pieces)
    return len(re.findall(r"[a-z0-9']+", text)) + len(re.findall(r"[\u4e00-\u9fff]", text)) // 2
