"""Emergencies and crises in a sentence, told apart from lessons, stories, old history and figures of speech."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from .calm import says
from .facts import Facts, plain, read_facts
from .languages import without_calm
from .rules import LEVELS, Rule, matching

__all__ = [
    "Alarm",
    "about_now",
    "alarm_of",
    "all_about_now",
    "denied_or_over",
    "had_by_another",
    "mine_is_another",
    "needs_questions",
    "nothing_now",
    "only_asked",
    "only_asleep",
    "red_flags",
    "speaks_now",
    "told_now",
]

Alarm = Literal["", "emergency", "crisis_support"]

FILE = Path(__file__).parent / "guards.toml"
LONGEST = 20_000
"""characters that are looked at, more than twenty minutes of speech; a longer letter is not searched to its end"""
ACUTE = frozenset({"overdose", "severe_bleeding", "unconscious", "severe_wound"})
"""rules whose emergency comes before a talk"""

CALM = ("figurative", "harmless", "story", "lesson", "lesson_chinese", "long_ago", "what_if")
"""patterns of texts about no person here and now"""
FIGURES = ("figurative", "harmless", "asleep")
"""guards of what only sounds alarming"""

PLAIN = frozenset({"measured_high", "measured_low_sugar", "coughs_blood"})
"""reports about a person now without naming one: "temperature 104 F" """
SENTENCE = re.compile(r"(?<!\d)[.!?;](?!\d)|[\n。！？；]|\b(?:but|however)\b|但是?|可是|(?<![喘透])不过")

PART = re.compile(
    r"(?=(?:,|\b(?:and|so|because|then|since|after)\b|(?<=\bago))\s+"
    r"(?:i|im|ive|id|ill|we|my|our|please|help|now)\b|[，,](?:我|他|她|孩子|请|现在|如今|目前))"
)
"""where a new statement about a person may begin inside a sentence"""


SPEAKER = re.compile(r"^\W*(?:(?:and|so|but|now) )*(?:i|im|ive)\b|^\W*我(?![爸妈爷奶外姥哥姐弟妹叔姑舅姨公婆儿女老孩])")
"""a part of a sentence in which the one who speaks tells of themselves"""


@cache
def _guards() -> dict[str, re.Pattern[str]]:
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: re.compile("|".join(patterns)) for name, patterns in entries.items()}


def _is(guard: str, sentence: str) -> bool:
    return bool(_guards()[guard].search(sentence))


def _dead(part: str) -> bool:
    """Returns whether a part of a sentence is about a person who died long ago."""
    return says("dead", part) and not says("just_now", part) and not says("lost", part)


def _of_family(part: str) -> bool:
    """Returns whether a part of a sentence is about a relative's illness of years ago."""
    return says("family", part) and says("long_past", part) and not says("just_now", part) and not says("lost", part)


@lru_cache(64)
def mine_is_another(text: str) -> bool:
    """Returns whether the speaker's own complaint needs no doctor today, and the rest only explains why they worry.

    "My nan had a stroke, so I worry, but I only have a stye" is about the stye.

    Args:
        text: as `facts.plain` returns it.
    """
    if not says("why_told", text):
        return False
    parts = [part for part in re.split(r"[,.;!?\n。！？；，]|\bbut\b|但是?|可是", text) if says("only_mine", part)]
    found = [matching(read_facts(part)) for part in parts if read_facts(part).present]
    return bool(found) and all(LEVELS.index(rule.level) < LEVELS.index("urgent") for rules in found for rule in rules)


def had_by_another(part: str) -> bool:
    """Returns whether a part of a sentence is about a past illness of a relative or friend."""
    return says("family", part) and says("had", part) and not says("just_now", part) and not says("lost", part)


def _is_over(sentence: str) -> bool:
    if says("lost_now", sentence) and not says("long_past", sentence):
        return False
    return _is("long_ago", sentence) and (_is("recovered", sentence) or not _is("still", sentence))


def speaks_now(part: str) -> bool:
    """Returns whether a part of a sentence is about now, even if another part is about long ago."""
    return _is("present", part) and not _is("long_ago", part)


def about_now(sentence: str, *, mine: bool = False) -> str:
    """Returns the parts of a sentence about a person here and now: no lesson, story, joke or old history; "" for none.

    "My phone is dead and I can't breathe" holds a figure of speech and a report: the figure alone is left out.

    Args:
        sentence: one sentence as `facts.plain` returns it.
        mine: whether the whole text tells of a complaint of the speaker's own (`mine_is_another`).
    """
    if _is("story", sentence) or _is("lesson_chinese", sentence):
        return ""
    parts = PART.split(sentence)
    if any(SPEAKER.search(part) for part in parts):
        parts = [part for part in parts if SPEAKER.search(part) or not _of_family(part)]
    parts = [part for part in parts if not any(_is(guard, part) for guard in FIGURES) and not _dead(part)]
    if mine:
        parts = [part for part in parts if not had_by_another(part)]
    if _is_over(sentence):
        parts = [part for part in parts if speaks_now(part)]
    told = "".join(parts).strip(" ,")
    return told if _is("someone_now", told) or not (_is("what_if", sentence) or _is("lesson", sentence)) else ""


@lru_cache(64)
def _told(text: str, *, someone: bool = False) -> str:
    """Returns the parts of a text about a person here and now; with `someone`, only sentences that name a person."""
    whole = plain(text[:LONGEST])
    sentences = (about_now(part.strip(), mine=mine_is_another(whole)) for part in SENTENCE.split(whole))
    return ". ".join(told for told in sentences if told and (not someone or _is("someone_now", told)))


@lru_cache(64)
def told_now(text: str) -> str:
    """Returns the text without stories, figures of speech, denied crises and the distant past; questions stay."""
    sentences = (part.strip() for part in SENTENCE.split(plain(text[:LONGEST])))
    kept = (part for part in sentences if not _is("story", part) and not _is_over(part))
    parts = ("".join(p for p in PART.split(part) if not any(_is(guard, p) for guard in FIGURES)) for part in kept)
    return _guards()["no_crisis"].sub(" ", ". ".join(part for part in parts if part.strip()))


def all_about_now(text: str) -> bool:
    """Returns whether no part of a text is a story, a figure of speech, a denied crisis or long over."""
    return told_now(text) == ". ".join(part for part in map(str.strip, SENTENCE.split(plain(text[:LONGEST]))) if part)


def only_asked(text: str) -> bool:
    """Returns whether every sentence of a text is an English or Chinese request for information."""
    sentences = [part for part in SENTENCE.split(plain(text[:LONGEST])) if part.strip()]
    return bool(sentences) and all(_is("lesson", part) or _is("lesson_chinese", part) for part in sentences)


def red_flags(text: str) -> tuple[Facts, list[Rule]]:
    """Returns the facts about a person here and now, and the red-flag rules that apply."""
    facts = read_facts(_told(text))
    return facts, matching(facts, red_flags_only=True)


@lru_cache(64)
def alarm_of(text: str) -> Alarm:
    """The intent that must answer before any score is looked at; "" for none."""
    facts, found = red_flags(text)
    if "self_harm" in facts.present and "self_harm" in read_facts(_guards()["no_crisis"].sub(" ", _told(text))).present:
        # A life in acute danger comes first: who has taken the tablets needs the ambulance before a talk.
        return "emergency" if ACUTE & {rule.id for rule in found} else "crisis_support"
    return "emergency" if found and red_flags(without_calm(text))[1] else ""


def nothing_now(text: str) -> bool:
    """Returns whether the alarming words of a text are a figure of speech or a story."""
    told = plain(text[:LONGEST])
    return any(_is(guard, told) for guard in (*FIGURES, "story")) and not alarm_of(text)


def denied_or_over(text: str) -> bool:
    """Returns whether a text says that its symptom is denied, over, another person's, feared or only asked about."""
    told = plain(text[:LONGEST])
    facts, now = read_facts(told), read_facts(_told(text))
    if _is("over", told) or (facts.denied and not facts.present):
        return True
    return any(_is(guard, told) for guard in CALM) and (not now.present or facts.present != now.present)


def only_asleep(text: str) -> bool:
    """Returns whether a child "passed out" after its milk, which means asleep."""
    return _is("asleep", plain(text[:LONGEST])) and not alarm_of(text)


def needs_questions(text: str) -> bool:
    """Returns whether a person here and now has a high fever or should see a doctor today: no choice is offered then.

    Asking "do you mean first aid or a check of symptoms?" would lose time; the first question of the check does not.
    Nor is it one who only says that they are sad: they are met, and asked how bad it is.
    """
    if _is("mood_only", plain(text[:LONGEST])):
        return True
    present = read_facts(_told(text)).present
    if "high_fever" in present:
        return True
    told = _told(text, someone=not present & PLAIN)
    return bool(told) and any(LEVELS.index(rule.level) >= LEVELS.index("urgent") for rule in matching(read_facts(told)))
