"""Reads the quantities of a word problem: numbers, what they count or measure, and the question."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from .story_words import CLASSIFIERS, GAINS, LENGTHS, LOSES, MEASURE, MEASURES, NOUN_ZH, STOP, TIMES
from .worded import in_figures

__all__ = ["Asked", "Quantity", "asked_in", "in_short", "quantities_in", "unit_of"]

NUMBER = re.compile(
    r"(?<![a-z\d./])(?:\((?P<whole>\d+)\+(?P<part>\d+/\d+)\)|(?P<plain>\d+(?:\.\d+"
    r"|/[1-9]\d*)?))(?![\d./]*\d)(?P<percent> ?%)?"
)


@dataclass(frozen=True)
class Quantity:
    """A number and what it is of."""

    value: Fraction
    unit: str
    """a name of `MEASURES`, else the thing counted, in the singular; "" for none"""
    start: int
    end: int
    per: str = ""
    """unit of which each one has so many: "hour" of 70 km/h; "" for a plain amount"""
    words: str = ""
    """the unit as it was said"""
    of: str = ""
    """what `per` was said as: 个足球"""


@dataclass(frozen=True)
class Asked:
    """The quantity that a word problem asks for."""

    unit: str
    per: str = ""
    words: str = ""
    """the unit as it was said"""
    start: int = 0
    text: str = ""
    """the question"""


def in_short(text: str) -> str:
    """Words in small letters with plain figures."""
    return in_figures(text.replace("千米", "公里").replace("千克", "公斤")).lower()


def quantities_in(text: str) -> list[Quantity]:
    """The quantities of a text from `in_short`, in order; those of percentages are left out as "%"."""
    return list(_found(text))


def _found(text: str) -> Iterator[Quantity]:
    for number in NUMBER.finditer(text):
        value = Fraction(number["plain"] or 0) + Fraction(number["whole"] or 0) + Fraction(number["part"] or 0)
        if number["percent"]:
            yield Quantity(value, "%", number.start(), number.end())
            continue
        before = re.search(r"[€$£¥] ?$", text[: number.start()])
        unit, end, words = ("money", number.end(), "") if before else unit_of(text, number.end())
        if (per := _each(text, number.start(), end, unit)) is not None:
            yield Quantity(value, unit, number.start(), per.end, per.unit, words, per.words)
        else:
            yield Quantity(value, unit, number.start(), end, "", words)


def unit_of(text: str, at: int) -> tuple[str, int, str]:
    """The unit that stands at a place, where it ends, and as it was said; ("", at, "") for none."""
    for name, pattern in MEASURE.items():
        if found := pattern.match(text, at):
            return name, found.end(), found[0].strip()
    if chinese := NOUN_ZH.match(text, at):
        noun, classifier = chinese["noun"] or "", chinese["of"] or ""
        if noun or classifier:
            return noun or classifier, chinese.end(), f"{classifier}{noun}"
    words: list[str] = []
    end = at
    for found in re.finditer(r" *(?:of )?([a-z][a-z'-]*)", text[at : at + 60]):
        if (
            found.start() + at != end
            or found[1] in STOP
            or LOSES.match(text, at + found.start(1))
            or GAINS.match(text, at + found.start(1))
        ):
            break
        words.append(found[1])
        end = at + found.end()
        if len(words) == 3 or text[end : end + 1] not in (" ", ""):
            break
    return (_singular(words[-1]), end, " ".join(words)) if words else ("", at, "")


def _singular(word: str) -> str:
    if re.search(r"(?:ch|sh|x|ss)es$", word):
        return word[:-2]
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


@dataclass(frozen=True)
class _Per:
    unit: str
    end: int
    words: str


SO_MANY = (
    r"(?:有|要|卖|走|行驶|行|跑|骑|做|放|装|分得?|得到?|是|需要?|可以?|能|付|用|吃|读|看|种|节约"
    r"|生产|加工|产|坐|售价|单价|价格|价钱|的|票价|平均|收)*"
)
EACH_BEFORE = (
    re.compile(rf"每(?:1|一)?(?P<of>[\u4e00-\u9fff]{{1,4}}?){SO_MANY}$"),
    re.compile(rf"[1一](?P<of>[{CLASSIFIERS}斤][\u4e00-\u9fff]{{0,3}}?){SO_MANY}$"),
)
"""what each one has, before its number: 每个足球35元, 一本书5元"""
EACH_BEHIND = re.compile(
    r"(?:\s*(?:per|every|each|/)\s*|\s+an?\s+)(?=[a-z])|\s*(?:/|每)(?=[\u4e00-\u9fff])|[元块]?钱?(?:一|1"
    r"|每)(?=[\u4e00-\u9fff])"
)
OF_ONE = re.compile(
    r"(?:^|[,.;]|\band|\bif|\bwhen)\s*(?:an?|one|1|each|every) (?P<of>[a-z ]+?)(?: (?:costs?|is|was|sells? for"
    r"|for|weighs|holds))*:? ?[€$£]?$"
)
"""what one costs: "a book costs 12 dollars and a pen 3 dollars" """


def _each(text: str, start: int, end: int, unit: str) -> _Per | None:
    """Returns the "per" of an amount, such as "each box"; None for a plain amount."""
    if (behind := EACH_BEHIND.match(text, end)) and (of := unit_of(text, behind.end()))[0] not in ("", unit):
        return _Per(*of)
    if found := re.compile(r"\s*(?:each|apiece)\b").match(text, end):
        return _Per("each", found.end(), "")
    before = text[:start]
    if packs := re.search(r"\b([a-z]{3,}s) of $", before):
        return _Per(_singular(packs[1]), end, packs[1])
    for pattern in EACH_BEFORE if unit == "money" else EACH_BEFORE[:1]:
        if found := pattern.search(before):
            named, _, words = unit_of(found["of"], 0)
            return _Per(named or found["of"], end, words or found["of"]) if (named or found["of"]) != unit else None
    if (one := OF_ONE.search(before)) and (unit == "money" or re.search(r"\b(?:holds|weighs)$", before.strip())):
        named, _, words = unit_of(f" {one['of'].strip()}", 0)
        return _Per(named, end, words) if named else None
    return None


QUESTION = re.compile(
    r"how (?:many|much|far|fast|long|old)\b|what(?:'?s| is| was)? +(?:the |its |his |her "
    r"|their )?(?:average )?(?:speed|price|cost|total|distance)"
    r"|what (?:do|does|did|will|would|must) .{0,40}\b(?:cost|pay|earn)|多少|几(?=[\u4e00-\u9fff])|多[远久快]|速度"
)


def asked_in(text: str, quantities: list[Quantity]) -> Asked | None:
    """Returns what the question of a text asks for; None if it has no question or several."""
    found = list(QUESTION.finditer(text))
    found = [each for each in found if each[0] != "速度" or len(found) == 1]
    if len(found) != 1:
        return None
    start = found[0].start()
    clause = start if text[start].isascii() else max(text.rfind(sign, 0, start) for sign in ",.;?!，。；") + 1
    asked = text[clause:]
    each = re.search(r"\b(?:each|per|apiece|every)\b|每", asked)
    unit, words, per = "", "", ""
    if re.match(r"how far|多远|what.*distance", text[start:]):
        unit = next((q.unit for q in quantities if q.unit in LENGTHS), "")
    elif re.match(r"how fast|多快|速度|what.*speed", text[start:]) or re.search(r"速度", asked):
        unit = next((q.unit for q in quantities if q.unit in LENGTHS and not q.per), "")
        per = next((q.unit for q in quantities if q.unit in TIMES), "")
        per = "hour" if re.search(r"per hour|an hour|/ ?h|每小时", asked) and per == "minute" else per
    elif re.match(r"how long|多久", text[start:]):
        unit = next((q.per for q in quantities if q.per in TIMES), "")
        unit = unit or next((q.unit for q in quantities if q.unit in TIMES), "")
    elif re.match(r"how many|几|多少(?!钱|元|块)", text[start:]):
        unit, _, words = unit_of(text, found[0].end())
        plain = {q.unit for q in quantities if q.unit and not q.per}
        unit = unit or (next(iter(plain)) if len(plain) == 1 else "")
    elif re.match(r"how much|what |多少", text[start:]):
        unit, _, words = unit_of(text, found[0].end())
        if unit not in MEASURES and words and found[0][0] == "how much":  # "how much flour" is measured as it was
            held = {q.unit for q in quantities if re.match(rf"\s*of {re.escape(words)}\b", text[q.end :])}
            unit, words = (next(iter(held)), "") if len(held) == 1 else ("", "")
        elif unit not in MEASURES:
            plain = {q.unit for q in quantities if q.unit}
            unit, words = "money" if "money" in plain else next(iter(plain)) if len(plain) == 1 else "", ""
    if unit == "money":
        words = next((q.words for q in quantities if q.unit == "money"), "")
    if each and not per:
        per = _per_asked(asked, each, quantities, unit)
    return Asked(unit, per, words, clause, asked) if unit else None


def _per_asked(asked: str, each: re.Match[str], quantities: list[Quantity], unit: str) -> str:
    named, _, _ = unit_of(asked, each.end())
    others = [q.unit for q in quantities if q.unit and q.unit != unit and not q.per]
    if named in others:
        return named
    return others[0] if len(set(others)) == 1 else named
