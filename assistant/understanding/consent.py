"""Reads the answer to a confirmation such as "Cancel order A1002 and pay €49.00 back?".

A grammar over the whole answer: every word has to be part of an affirmation, of politeness, or of the question said
again. A word that is none of these leaves the answer "other", never "yes".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from assistant.understanding.consent_lexicon import Lexicon, languages_of, lexicon, tokenize

__all__ = ["Consent", "read_bare_answer", "read_consent", "says_drop"]

Consent = Literal["yes", "no", "unsure", "question", "other"]

LONGEST = 120
"""words of an answer from which it is a speech of its own"""
LONGEST_DROP = 30
"""words, or characters of an unspaced script, of the longest that ends a talk"""
_REFUSALS = frozenset({"no", "drop", "cancel"})


@dataclass(frozen=True)
class _Part:
    category: str
    """a category of ``consent.toml``, "act" and "echo" for words of the question, "" for an unknown word"""
    words: tuple[str, ...]


@lru_cache(maxsize=128)
def read_consent(text: str, language: str = "", asked: str = "") -> Consent:
    """Reads whether an answer agrees to what was asked.

    Only an unmistakable yes is "yes". A condition, a delay or a doubt is "unsure"; a refusal is "no"; a question in
    return is "question"; a further request, another object and anything unknown are "other".

    Args:
        text: the whole answer, typed or as a speech recogniser writes it.
        language: ISO 639-1 code of the user's language, tried first; "" tries every language of the text's script.
        asked: the question; its words may be said again ("yes, cancel order A1002").
    """
    words = tokenize(text)
    if not words or len(words) > LONGEST:
        return "other"
    best: list[tuple[int, Consent]] = []
    question = _question(asked)
    for code in languages_of(text, language):
        parts = list(_parse(words, lexicon(code), question))
        unknown = sum(len(part.words) for part in parts if not part.category)
        best.append((unknown, _decide(parts)))
        if unknown == 0 and best[-1][1] != "other" and code in (language, "en"):
            return best[-1][1]
    fewest = min(unknown for unknown, _ in best)
    readings = [reading for unknown, reading in best if unknown == fewest]
    if fewest:
        return readings[0]
    certain = {reading for reading in readings if reading != "other"}
    return certain.pop() if len(certain) == 1 else "unsure" if certain else "other"


@lru_cache(maxsize=128)
def read_bare_answer(text: str, asked: str = "") -> Consent:
    """Reads words that are nothing but an answer: "ok", "no thanks", "wait a moment"; "other" where any says more.

    Args:
        text: the whole answer.
        asked: the question; its words may be said again. "" where none is open.
    """
    words = tokenize(text)
    if not words or len(words) > LONGEST:
        return "other"
    question = _question(asked)
    whole = ([part.category for part in _parse(words, lexicon(code), question)] for code in languages_of(text))
    answers = any(_ANSWERS.issuperset(each) and not _GLUE.issuperset(each) for each in whole)
    return read_consent(text, asked=asked) if answers else "other"


def says_drop(text: str) -> bool:
    """Returns whether words only end the talk, in any language: "hör auf", "basta così", もうやめて."""
    words = tokenize(text)
    return 0 < len(words) <= LONGEST_DROP and any(_drops(words, lexicon(code)) for code in languages_of(text))


def _drops(words: tuple[str, ...], known: Lexicon) -> bool:
    """Returns whether words are an expression that ends the talk, with nothing but politeness around it."""
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            if words[start:end] in known.drops:
                around = (part for part in (words[:start], words[end:]) if part)
                said = {part.category for each in around for part in _parse(each, known, _Question())} - _GLUE
                return said <= {"no"} or said == {"no", "wait"}  # "no, leave it, I'll wait", but not "para mañana"
    return False


_GLUE = frozenset({"glue", "filler"})
_ANSWERS = _GLUE | {"yes", "soft", "no", "drop", "doubt", "wait", "act", "echo", "cancel"}


@dataclass(frozen=True)
class _Question:
    words: frozenset[str] = frozenset()
    verb: str = ""
    """its first word"""
    cancels: bool = False
    """whether it asks about a cancellation"""


@lru_cache(maxsize=64)
def _asks_to_cancel(asked: str) -> bool:
    words = tokenize(asked)
    codes = languages_of(asked)[:1] if words else ()
    return any(part.category == "cancel" for code in codes for part in _parse(words, lexicon(code), _Question()))


def _question(asked: str) -> _Question:
    words = tokenize(asked)
    return _Question(frozenset(words), "".join(words[:1]), _asks_to_cancel(asked)) if words else _Question()


def _parse(words: tuple[str, ...], known: Lexicon, asked: _Question) -> Iterator[_Part]:
    """Covers the words with the longest known expressions, from the left."""
    place = 0
    while place < len(words):
        for size in range(min(known.longest, len(words) - place), 0, -1):
            phrase = words[place : place + size]
            category = known.categories.get(phrase)
            if category is not None:
                break
        else:
            size, phrase, category = 1, words[place : place + 1], ""
        yield _Part(_in_answer_to(asked, phrase, category or ""), phrase)
        place += size


def _in_answer_to(asked: _Question, phrase: tuple[str, ...], category: str) -> str:
    """The category of an expression in an answer to this question: "act" for its verb, "echo" for its other words."""
    if category == "cancel" and asked.words:
        return "act" if asked.cancels else "drop"
    if category not in ("", "drop", "request") or phrase[0] not in asked.words:
        return category
    return "act" if phrase[0] == asked.verb else "echo"


def _decide(parts: list[_Part]) -> Consent:
    meant = [part.category for part in parts if part.words not in (("?",), ("…",))]
    has = frozenset(meant)
    refused = max((at for at, part in enumerate(parts) if part.category == "no"), default=0)
    questioned, trailing = ("?",) in (part.words for part in parts[refused:]), parts[-1].words == ("…",)
    unknown = "" in has
    if "question" in has or questioned:
        return "question" if _unspaced(parts) else _questioned(has, questioned, unknown)
    if not _REFUSALS.isdisjoint(has):
        return _refused(parts, meant, has)
    if "wait" in has or "doubt" in has:
        return "yes" if _hums_and_agrees(parts) else "unsure"
    if unknown or "request" in has:
        return "other"
    if "yes" in has or ("soft" in has and not trailing):
        return "yes"
    if "soft" in has or (trailing and has <= {"filler", "glue"}):
        return "unsure"
    return _echoed(parts)


def _hums_and_agrees(parts: list[_Part]) -> bool:
    """Returns whether words agree in so many words behind a sound of thinking: "hmm ok go ahead", but not "hmm ok"."""
    first, *others = parts
    agreed = [part for part in others if part.category == "yes"]
    said = {part.category for part in others} <= {"yes", "soft", "act", "echo"} | _GLUE
    return bool(_SOUND.fullmatch("".join(first.words)) and said and any(len(part.words) > 1 for part in agreed))


_SOUND = re.compile(r"h*m+|u+h*m*|e+h*m*|ä+h*m*|euh|hum")


def _questioned(has: frozenset[str], marked: bool, unknown: bool) -> Consent:
    agrees, refuses = not has.isdisjoint({"yes", "soft"}), not _REFUSALS.isdisjoint(has)
    if (agrees or refuses) and ("question" in has or unknown) and has.isdisjoint({"wait", "doubt"}):
        return "other" if "yes" in has or refuses else "question"
    if marked and "question" not in has and not unknown and has.isdisjoint({"act", "echo"}):
        return "unsure"
    return "question"


def _refused(parts: list[_Part], meant: list[str], has: frozenset[str]) -> Consent:
    if "no" not in has and "yes" not in has:
        return _dropped(has)
    if "yes" in has:
        return "unsure"
    if "wait" in has and "no" in meant and meant.index("no") < meant.index("wait") and "" not in has:
        delayed = next(part for part in parts if part.category == "wait")
        return "unsure" if len(parts) < 3 and delayed.words[0] != "not" else "no"
    if "doubt" in has and meant.index("doubt") < meant.index("no") and meant.count("no") == 1 and "" in has:
        return "unsure"
    if "request" in has or any(part.category == "" and _names_a_thing(part) for part in parts):
        return "other"
    return "no"


def _dropped(has: frozenset[str]) -> Consent:
    if "" in has or "request" in has:
        return "other"
    return "unsure" if not has.isdisjoint({"wait", "doubt", "cancel"}) else "no"


def _unspaced(parts: list[_Part]) -> bool:
    """Returns whether a question is asked in characters, where a word such as 要 or 是 is no yes by itself."""
    return any(part.category == "question" and part.words[0] > "\u0e00" for part in parts)


def _names_a_thing(part: _Part) -> bool:
    return any(char.isdigit() for word in part.words for char in word)


def _echoed(parts: list[_Part]) -> Consent:
    """Words of the question and no yes: "cancel the order" agrees; "cancel" and "refund me" may be meant otherwise."""
    categories = {part.category for part in parts}
    if categories.isdisjoint({"act", "echo"}):
        return "unsure" if any(part.words in _PLEAS for part in parts) else "other"
    spaced = all(part.words[0].isascii() for part in parts)
    said = sum(len(part.words) for part in parts) if spaced else len(parts) + (len(parts[0].words) > 3)
    return "yes" if said > 1 and "act" in categories else "unsure"


_PLEAS = frozenset({("please",), ("um",), ("uh",), ("请",), ("bitte",)})
