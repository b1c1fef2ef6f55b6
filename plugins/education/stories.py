"""Solves word problems: gains and losses ("gives 7 to Anna"), and amounts with rates ("350 km at 70 km an hour").

An exercise is read only where every number of it has its place: all of one thing that comes and goes, or amounts and
rates whose units leave a single way to what is asked. Other problems are not solved here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .quantities import Asked, Quantity, asked_in, in_short, quantities_in
from .rates import by_rates, signs_of, worth
from .story_words import GAINS, LOSES, MEASURES, TIMES

__all__ = ["Story", "read_story", "story_again"]

LONGEST = 300
"""characters that are read"""
MOST = 6
"""quantities"""
STARTS = re.compile(r"\b(?:start(?:s|ed)?|begins?|began|had|has|have|there (?:are|were))\b|原来|本来|开始|原有|起初|有")
REMAINS = re.compile(
    r"\b(?:left|now|remain\w*|still|altogether|in all|in total|total|end up|ends? with|have|has|are there)\b|剩"
    r"|还有|现在|一共|共|总共|有"
)
TOTAL = re.compile(r"\b(?:altogether|in all|in total|total)\b|一共|总共|共")
OTHERWISE = re.compile(
    r"\ball (?:but|except)\b|除了|\b(?:twice|thrice|double|triple|half|halves|quarter|third|times|percent"
    r"|average(?! speed)|orders?|more than|less than|fewer than|ratio|consecutive|least|most|than|older|younger"
    r"|square|area|perimeter|probability|chance|dice|degrees?|same|both|either|not|n't|except|only|every (?:other|\d)"
    r"|discount|(?:euros?|dollars?|pounds?) off|tax|tip|interest|how many more|how much more|what time|o'clock"
    r"|left over|change|remainder)\b|倍|一半|比[^赛]|平均数|打折|折|利率|利息|税|概率|百分|面积|余|除外|没有|不|几点"
    r"|找(?:回|零)|找多少|[几多]少(?:多|少)|多多少|少多少|连续|隔|每隔|分之|各"
)
"""says of a story that there is more to it"""
POINTS = re.compile(
    r"\b(?:at|with|for) (?:that|this|the same) (?:speed|rate|price|pace)\b"
    r"|照这样?|这个速度|同样的?速度|按(?:这|此)|以?这样的速度|照这个"
)
CHINESE = {"hour": "小时", "minute": "分钟", "second": "秒", "day": "天", "week": "周", "month": "个月", "year": "年"}
CHINESE |= {"km": "千米", "m": "米", "cm": "厘米", "kg": "千克", "g": "克", "litre": "升", "ml": "毫升"}


@dataclass(frozen=True)
class Story:
    """A word problem that was read completely."""

    said: str
    """its words, from `quantities.in_short`"""
    signs: str
    """what is to be worked out, for `parsing.parse`"""
    unit: str
    per: str = ""
    words: str = ""
    """the unit of the result as it was said"""

    def to_json(self) -> dict[str, Any]:
        """For what goes on from it."""
        return {"said": self.said, "signs": self.signs, "unit": self.unit, "per": self.per, "words": self.words}

    def named(self, result: str) -> str:
        """A result with its unit."""
        shown = self.words or ("" if self.unit in ("money", "person") else self.unit)
        if not self.words and self.unit in CHINESE:
            many = self.unit in TIMES and result != "1"
            shown = f"{self.unit}{'s' * many}" if self.said.isascii() else CHINESE[self.unit]
        if self.per and self.unit in MEASURES and self.per in TIMES:
            shown = f"{self.unit}/{ {'hour': 'h', 'minute': 'min', 'second': 's'}.get(self.per, self.per) }"
        return f"{result} {shown}".strip()


def read_story(text: str, known: Quantity | None = None) -> Story | None:
    """The story that words tell; None where they tell none, or more than is read here.

    Args:
        text: as it was typed.
        known: what came out before, where the words point back to it: "how far does it get in 4 hours at that speed".
    """
    if len(text) > LONGEST or not re.search(r"\d|[一二两三四五六七八九十百]|[a-z]{3}", text.lower()):
        return None
    said = in_short(text)
    found = _alike([each for each in quantities_in(said) if not _article(each)])
    asked = asked_in(said, [known, *found] if known is not None else found)
    if asked is None or OTHERWISE.search(said) or any(each.unit == "%" for each in found):
        return None
    found = [known, *found] if known is not None else found
    asked = _asked_alike(asked, found)
    if not 2 <= len(found) <= MOST:
        return None
    for read in (_comes_and_goes, by_rates):
        if signs := read(said, found, asked):
            return Story(said, signs, asked.unit, asked.per, asked.words)
    return None


def story_again(text: str, old: Story) -> Story | None:
    """Applies a change to the last word problem: a quantity replaced, or a next step from its result."""
    said = in_short(text)
    if POINTS.search(said):
        return read_story(text, Quantity(worth(old.signs), old.unit, -1, -1, old.per, old.words))
    if (own := read_story(text)) is not None:
        return own
    new = [each for each in quantities_in(said) if not _article(each)]
    found = _alike([each for each in quantities_in(old.said) if not _article(each)])
    if len(new) != 1 or len(text) > LONGEST // 3:
        return None
    (one,) = new
    same = [each for each in found if _fits(one, each)]
    if not one.unit and not one.per and re.search(r"\bat\s*$", said[: one.start]):  # "and at 100?"
        same = [each for each in found if each.per]
    if len(same) > 1:
        kinds = [_direction(old.said, found, place) for place in range(len(found))]
        wanted = _way_of(said, one)
        same = [each for each in same if wanted and kinds[found.index(each)] == wanted]
    if len(same) != 1:
        return None
    start = same[0].start
    end = re.match(r"\(\d+\+\d+/\d+\)|[\d.]+(?:/\d+)?", old.said[start:])
    return read_story(f"{old.said[:start]}{one.value}{old.said[start + end.end() :]}") if end else None


def _fits(new: Quantity, old: Quantity) -> bool:
    """Returns whether one quantity may replace another."""
    if not new.unit and not new.per:
        return True
    if new.per or old.per:
        return bool(new.per and old.per)
    return new.unit == old.unit or (len(new.unit) == 1 and old.words.startswith(new.unit))


def _way_of(said: str, quantity: Quantity) -> str:
    """Returns whether the text starts with, loses or gains a quantity; "" if it does not say."""
    around = said[: quantity.start] + " ; " + said[quantity.end :]
    ways = [
        ("lose", LOSES),
        ("gain", GAINS),
        ("start", re.compile(r"\bstart|\bbeg[ai]n|\bhad\b|原来|本来|一开始|原有")),
    ]
    named = [way for way, pattern in ways if pattern.search(around)]
    return named[0] if len(named) == 1 else ""


def _article(quantity: Quantity) -> bool:
    """Returns whether a "one" is an article, not a count: 一辆汽车."""
    chinese = bool(quantity.words) and not quantity.words.isascii()
    return quantity.value == 1 and chinese and quantity.unit not in MEASURES


def _alike(found: Sequence[Quantity]) -> list[Quantity]:
    """Quantities of one thing with one unit: 45本书 and 12本; "each" as what it is of."""
    plain = [each for each in found if not each.per]
    changed: list[Quantity] = []
    for each in found:
        unit, per = each.unit, each.per
        if len(unit) == 1 and not unit.isascii():
            named = [(q.unit, q.words) for q in found if q.unit not in MEASURES] + [(q.per, q.of) for q in found]
            unit = next((name for name, words in named if name != unit and words.startswith(unit)), unit)
        if not unit and not per:
            unit = next((q.unit for q in changed if not q.per), unit)
        if per == "each":
            others = {q.unit for q in plain if q.unit != unit}
            per = next(iter(others)) if len(others) == 1 else per
        changed.append(replace(each, unit=unit, per=per))
    return changed


def _asked_alike(asked: Asked, found: Sequence[Quantity]) -> Asked:
    unit, per = asked.unit, asked.per
    words = asked.words or next((q.words for q in found if q.unit == unit and not q.per and unit not in MEASURES), "")
    asked = replace(asked, words=words)
    if len(unit) == 1 and not unit.isascii():
        names = {q.unit for q in found if q.words.startswith(unit) and not q.per and q.unit not in MEASURES}
        unit = next(iter(names)) if len(names) == 1 else unit
    plain = {q.unit for q in found if not q.per}
    if unit not in plain and len(plain) == 1 and asked.words.startswith(next(iter(plain))):  # 24棵, 18棵: 多少棵树
        unit = next(iter(plain))
    return replace(asked, unit=unit, per=per)


def _comes_and_goes(said: str, found: Sequence[Quantity], asked: Asked) -> str:
    """Of one thing what there was, what came and what went; "" for anything else."""
    units = {each.unit for each in found}
    if any(each.per for each in found) or asked.per or len(units) != 1 or asked.unit not in units:
        return ""
    if not REMAINS.search(asked.text) or re.search(r"\bmore\b|还[要需差]|多[少几].{0,3}(?:才|能)", asked.text):
        return ""
    if _of_another(said, asked) or found[0].start > asked.start:
        return ""
    signs = signs_of(found[0])
    first = _direction(said, found, 0)
    for place in range(1, len(found)):
        way = _direction(said, found, place)
        if not way and TOTAL.search(asked.text) and not LOSES.search(said) and found[place].words:
            way = "gain"
        if not way:
            return ""
        signs += f" {'-' if way == 'lose' else '+'} {signs_of(found[place])}"
    if "-" not in signs and re.search(r"\b(?:left|remain\w*)\b|剩", asked.text):
        return ""
    if first == "lose" or (LOSES.search(asked.text.replace("left", "")) and not re.search("剩", asked.text)):
        return ""
    if TOTAL.search(asked.text) and "-" in signs:
        return ""
    return signs if worth(signs) >= 0 else ""


def _direction(said: str, found: Sequence[Quantity], place: int) -> str:
    """Returns "lose", "gain", "start" or "" for a quantity, by its nearest verb: "7 to Anna and 5 to Ben"."""
    begin = found[place - 1].end if place else 0
    if place and (taken := _verb(said, begin)):
        begin = taken.end()
    before = re.split(r"[.;。；]", said[begin : found[place].start])[-1]
    named = _verbs(before)
    if place == 0:
        return max(named)[1] if named and not STARTS.search(before) else "start"
    stop = found[place + 1].start if place + 1 < len(found) else len(said)
    if own := _verb(said, found[place].end):
        return "lose" if LOSES.match(own[0].strip()) else "gain"
    if named and TRANSFERS.search(before) and (way := _given(said, begin, found[place], stop)) is not None:
        return way
    if named:
        return max(named)[1]
    behind = re.split(r"[,.;，。；、?？]|\band\b", said[found[place].end : stop])[0]
    if after := _verbs(behind):
        return min(after)[1]
    joined = re.fullmatch(r"[^.;。；]{0,24}?(?:\band\b|,|，|、|和|还)[^.;。；]{0,6}", before)
    return _direction(said, found, place - 1) if joined and place > 1 else ""


TRANSFERS = re.compile(r"\b(?:g[ai]v\w*|lends?|lent|hands?)\b|送|给")
TO_BACK = re.compile(r"\b(?:her|him|me|them|us)\s*$|[他她我它]们?$")
AGENTS = frozenset(["he", "she", "they", "we", "i", "it", "you", "and", "then", "also", "later", "who", "now"])


def _given(said: str, begin: int, quantity: Quantity, stop: int) -> str | None:
    """The way of what is handed on: lost by whom the story is about, gained from others; "" where that is open."""
    before = re.split(r"[,.;，。；]", said[begin : quantity.start])[-1]
    behind = said[quantity.end : stop]
    if TO_BACK.search(before):
        return "gain" if re.match(r"\s*more\b", said[quantity.start + 1 :].lstrip("0123456789.")) else ""
    first = re.match(r"\W*(?:(?:a|the|my) )?([a-z]+|[\u4e00-\u9fff]{1,3}?(?=[有买原带]))", said)
    name = first[1] if first else ""
    if not before.isascii():
        giver = re.match(r"\s*(?:又|再|还|然后|后来|先|他|她|它|自己|其中)*(.*?)(?:又|再|还)?(?:送|借?给)", before)
        who = giver[1] if giver else ""
        return None if not who or who == name else ""
    verb = TRANSFERS.search(before)
    words = re.findall(r"[a-z]+", before[: verb.start()]) if verb else []
    if re.search(rf"\bto {name}\b", behind):
        return ""
    return None if not words or words[-1] in AGENTS or words[-1] == name else ""


def _verbs(text: str) -> list[tuple[int, str]]:
    """Returns the verbs of losing and gaining with their positions."""
    lost = [(each.start(), "lose") for each in LOSES.finditer(text)]
    taken = {start for start, _ in lost}
    return lost + [(each.start(), "gain") for each in GAINS.finditer(text) if each.start() not in taken]


def _verb(said: str, at: int) -> re.Match[str] | None:
    """The verb right behind a quantity: "12 got off"."""
    start = at + len(said[at:]) - len(re.sub(r"^(?: more| of them)* *", "", said[at:]))
    return (LOSES.match(said, start) or GAINS.match(said, start)) if said[start : start + 1].isascii() else None


def _of_another(said: str, asked: Asked) -> bool:
    """Returns whether the question is about another person than the one the story begins with."""
    named = re.search(
        r"how (?:many|much)\b.*?\b(?:do|does|did|has|have|will|would|are|is) (?!there|left|now|on\b|in\b|at\b"
        r"|still|he|she|they|it|we|you|i\b)([a-z]+)",
        asked.text,
    )
    if (
        named
        and not re.search(rf"^\W*(?:\w+ )?{named[1]}\b", said)
        and re.search(rf"\b{named[1]}\b", said[: asked.start])
    ):
        return True
    chinese = re.search(r"([\u4e00-\u9fff]{2,3}?)(?:现在|还|一共|共)*(?:有|剩)", asked.text)
    who = chinese[1] if chinese else ""
    if not who or re.search(r"现在|还|一共|[他她它]|这|时", who):
        return False
    return who in said[: asked.start] and not said.startswith(who)
