"""Reads the reply to a question: yes, no, a number, unknown, or another fact worth keeping."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from .calm import says
from .facts import Facts, plain, read_facts
from .quantities import NUMBERS, WORDS, read_duration, read_severity, read_years
from .rules import Question

__all__ = ["Reading", "answered", "asks_how_serious", "tells_something", "without_other_side"]

Reading = Literal["answered", "unsure", "open"]
"""whether the question is answered, cannot be answered, or something else was said"""

UNSURE = re.compile(
    r"not (?:\w+ )?(?:sure|certain)|\b(?:dont|do not) (?:really )?know|\bmaybe\b|\bperhaps\b|possibl[ey]|\bunsure\b"
    r"|\bidk\b|dunno|no (?:idea|clue)|hard to (?:say|tell)|(?:cant|cannot|couldnt) (?:really )?(?:say|tell)"
    r"|who knows|unclear|depends"
    r"|不(?:太|大|是很)?(?:确定|知道|清楚|晓得|好说|懂)|可能|也许|说不(?:清|准|好)|看不(?:出|清)|没注意|没量|不一定"
)
SHORTLY = r"(?:(?:oh|um+|er|uh|well|ok|so|hm+|thankfully|luckily|thank god|actually|fortunately)[\s,]+)*"
YES = re.compile(
    rf"^\W*{SHORTLY}(?:(?:yes|yeah|yep|yup|yea|sure|definitely|absolutely|correct|true|both|all of (?:them|it|those)"
    r"|i do|i think so|probably)\b|(?:it|he|she|they) (?:does|do|is|has|are|have)\W*$|there (?:is|are)\W*$|right\W*$)"
    r"|^\W*(?:ja|doch|jawohl)\b"
    r"|^\W*(?:是|对|嗯+|会|有|好像有|应该有|都有)(?:的|啊|呀|呢|吧|过)?(?=\W|$)"
)
SLIGHTLY = re.compile(r"^\W*(?:a bit|a little|some|sort of|kind of|slightly|sometimes|有一?点儿?|有一?些|有时)\W*$")
NO = re.compile(
    rf"^\W*{SHORTLY}(?:(?:nope|nah)\b|no(?=\W*$|\W*[,.;!:]|\s+(?:i|its?|im|ive|he|hes|she|shes|they|we|there|just|only|nothing"
    r"|none|neither|not|never|no|but|thanks?|thank|sir|maam|doctor|and|my|sorry|that|those|these|at all|problems?"
    r"|issues?|such|signs?|symptoms?|to)\b)"
    r"|(?:none|nothing|neither|never|negative|of course not|certainly not)\b"
    r"|(?:all|everything)(?:s| is| seems| looks)? (?:fine|normal|ok|okay|well|good|as (?:always|usual))\W*$"
    r"|not (?:really|at all|that|as far|any of|yet|now|right now|recently|lately)\b|not\W*$"
    r"|(?:i|it|he|she|they|there|we) (?:dont|doesnt|does not|do not|havent|hasnt|isnt|arent|didnt|is not|has not)"
    r"(?=\W*$|\s+(?:think so|believe so|really|have (?:any|that|those|these|it)\b(?!\W+\w)|any of)))"
    r"|\bno\W*$|\b(?:dont|do not) (?:think|believe) so\b"
    r"|^\W*(?:nein|nee|(?:nichts|keine?s?) davon)\W*$"
    r"|^\W*(?:都|一切|全部|全都)(?:很)?(?:正常|好|没事)(?:的|了)?\W*$"
    r"|^\W*(?:好像|应该|目前|暂时|现在|都|也|她|他|我|孩子|宝宝|这些|以上|倒)*(?:并?没有?|都没有?|无|不|不会|不是|木有)"
    r"(?:的|啊|呀|呢|吧|哦|了|过|有|任何|这些|那些|以上|上述|情况|症状|问题)*(?=[\s，,。.！!；;]|$|就是|只是|但)"
)
SPANS = (
    (re.compile(r"\b(?:ages|forever|a (?:very )?long (?:time|while)|always|years)\b|很久|好久|很长时间|多年"), 2190.0),
    (re.compile(r"\ball month\b|\ba while\b|一阵子"), 730.0),
    (re.compile(r"\ball week\b|一?整周|整个星期"), 168.0),
    (
        re.compile(r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend)\b|(?:周|星期|礼拜)[一二三四五六日天末]"),
        96.0,
    ),
    (re.compile(r"前天"), 48.0),
    (re.compile(r"\ball (?:day|night)\b|\btoday\b|今天|一整天|整晚"), 12.0),
)
"""hours of what says how long without a number, rather too long than too short"""
NUMBER = re.compile(r"\W*(?:(?:its|it is|it was|about|around|a|maybe|now|大概|大约|是)\s*)*(\d{2,3}(?:\.\d+)?)\W*")
SCALE = re.compile(
    r"(?<![\d./])(?:\d{1,2} ?(?:to|or|and|到|至|或)? ?)?(\d{1,2})(?![\d./]\d|\d)"
    r"(?!\s*(?:min|hour|hr|day|night|week|month|year|yr|%|°|degrees|mg|ml|小时|天|周|个|月|年|岁|度|分钟))"
)
STRENGTHS = (
    (re.compile(r"unbearable|worst|excruciating|agony|受不了|无法忍受|最痛"), 9),
    (re.compile(r"\b(?:mild|slight|light|not (?:(?:too|so|very|that) )?(?:bad|strong))\b|轻微|不太|不怎么"), 3),
    (re.compile(r"\b(?:severe|terrible|awful|horrible|(?:very|really) (?:bad|strong))\b|很痛|很疼|剧烈|严重"), 8),
    (re.compile(r"\b(?:moderate|medium|middling|so so|quite|bad)\b|中等|一般|还行|比较"), 5),
    (re.compile(r"\b(?:bit|little)\b|轻|一点"), 3),
)
HAN = re.compile(r"\W*(?:大概|大约|差不多|有)?([零一二两三四五六七八九十])分?(?:吧|左右|多)?\W*")
SPELLED = {words.split()[0]: number for number, words in enumerate(WORDS)}


SHORT_PARTS = re.compile(r"[,;.!?，。；！？、\n]|\b(?:but|and)\b|(?<=[\u4e00-\u9fff])\s+|\s+(?=[\u4e00-\u9fff])")
REFUSED = r"(?:no|not|never|without|nor|cant|cannot|isnt|doesnt|didnt|dont|hasnt|wasnt|nothing|hardly|barely)"
AS_ALWAYS = r"(?:fine|ok|okay|well|normal(?:ly)?|good|easily|alright|without (?:a )?(?:problem|trouble)s?)"
SHORT_FOR = Path(__file__).parent / "signs.toml"
PARTS = re.compile(r"(?<=[,;!?。，；！？\n])|(?<=\.)(?!\d)")


def asks_how_serious(text: str) -> tuple[str, str]:
    """Splits a reply into its question how serious it is and the rest; "" for none."""
    parts = [part.strip() for part in PARTS.split(text) if part.strip()]
    asked = [part for part in parts if says("serious", plain(part).strip(" .!?,;。！？，；"))]
    rest = (part for part in parts if part not in asked or read_facts(part).present - {"severe", "pressing"})
    return " ".join(asked), " ".join(rest).strip(" ,，")


def without_other_side(text: str) -> str:
    """A reply without what it says of the one of a pair that is well: "the other ear is fine" is no "well"."""
    parts = [part for part in PARTS.split(text) if part.strip()]
    return "".join(part for part in parts if not says("other_side", plain(part)) or read_facts(part).present - {"well"})


def answered(facts: Facts, question: Question, reply: str) -> tuple[Facts, Reading]:
    """The facts after a reply, and whether it answered the question.

    What a reply tells beside the question is taken in as well: a temperature is no answer to how long, but a fact.
    """
    told = _read(question, reply)
    facts, text = facts.joined(told), plain(reply)
    if question.kind == "yes_no":
        return _decided(facts, question, told, text)
    value = getattr(told, {"duration": "hours"}.get(question.kind, question.kind))
    if value is not None:
        return facts, "answered"
    return facts, "unsure" if UNSURE.search(text) else "open"


def tells_something(question: Question, reply: str) -> bool:
    """Returns whether a reply, answer or not, states a fact."""
    return replace(_read(question, reply), words=0) != Facts()


def _decided(facts: Facts, question: Question, told: Facts, text: str) -> tuple[Facts, Reading]:
    signs = set(question.asks)
    if NO.search(text) and not UNSURE.search(text):
        return facts.denying(signs), "answered"
    if told.present & signs:
        return facts, "answered"
    if UNSURE.search(text):
        return facts, "unsure"
    if YES.search(text) or SLIGHTLY.search(text):
        return facts.adding(question.adds), "answered"
    return facts, "open" if question.open_for(facts) else "answered"


@cache
def _short_for() -> tuple[tuple[frozenset[str], re.Pattern[str]], ...]:
    return tuple(
        (frozenset(entry["signs"]), re.compile(pattern))
        for entry in tomllib.loads(SHORT_FOR.read_text("utf-8")).values()
        for pattern in _of_sign(entry)
    )


def _of_sign(entry: dict[str, Any]) -> Iterator[str]:
    """Yields the patterns that deny a sign, and those that say the affected function is normal."""
    if "en" in entry:
        yield rf"\b{REFUSED}(?: \w+){{0,3}}? (?:{entry['en']})\b"
        yield rf"(?:没有?|不|无)(?:什么|有|再|那么|是|太|怎么|发|出)*(?:{entry['zh']})"
        yield rf"(?:{entry['zh']})(?:倒|也|都)*(?:没有?|不会)$"
    if "does" in entry:
        yield rf"^(?!.*\b{REFUSED}\b).*\b(?:{entry['does']})(?: \w+){{0,3}}? {AS_ALWAYS}\b"
        yield (
            rf"(?:{entry['does_zh']})(?:都|也|还|很|挺|是)*(?:正常|没问题|没事|好的?$|清楚|顺畅?|清醒)"
            rf"|(?<![不没])能(?:正常)?(?:{entry['does_zh']})"
        )


def _named_shortly(question: Question, text: str) -> set[str]:
    """The signs of a question that a reply denies by a word that only says something after it: "no blood", 没血."""
    parts = SHORT_PARTS.split(text)
    denied = (signs for signs, pattern in _short_for() if any(pattern.search(part) for part in parts))
    return set().union(*denied) & set(question.asks)


def _read(question: Question, reply: str) -> Facts:
    """The facts of a reply; a bare number is what was asked for, or else a temperature where it can be one."""
    text, told = plain(reply), read_facts(reply)
    if question.kind == "yes_no":
        told = told.denying(_named_shortly(question, text))
    if question.kind == "age" and told.age is None and (years := read_years(text)) is not None:
        return replace(told, age=years, hours=None)
    if question.kind == "severity" and told.severity is None:
        return replace(told, severity=_strength(text, told))
    if question.kind == "duration" and told.hours is None and (hours := _hours(text)) is not None:
        return replace(told, hours=hours)
    if question.kind in ("yes_no", "duration") and (number := NUMBER.fullmatch(text)):
        return read_facts(f"temperature {number[1]}")
    return told


def _hours(text: str) -> float | None:
    """Reads a duration in hours from a reply to that question, in which "yesterday" says since when."""
    stated = read_duration(f"since {text}") or read_duration(f"从{text}")
    return stated or next((hours for pattern, hours in SPANS if pattern.search(text)), None)


def _strength(text: str, told: Facts) -> int | None:
    """Pain from 0 to 10 in a reply to how strong it is."""
    if told.age is None and "fever" not in told.present and (found := SCALE.search(text)) and int(found[1]) <= 10:
        return int(found[1])
    if found := HAN.fullmatch(text):
        return int(NUMBERS.get(found[1], 0))
    if (stated := read_severity(text)) is not None:
        return stated
    word = next((SPELLED[each] for each in re.findall(r"[a-z]+", text) if each in SPELLED and told.hours is None), None)
    if word is not None:
        return word
    return next((strength for pattern, strength in STRENGTHS if pattern.search(text)), None)
