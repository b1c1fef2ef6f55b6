"""Reads figures of school geometry: which one it is, what of it is given, and what is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .expressions import MathError
from .shapes import DIMENSIONS, SHAPES, Shape

__all__ = ["Figure", "find_figure", "merged"]

NUMBER = re.compile(
    r"(?<![a-zA-Z\d.(])(?:\d+(?:\.\d+)?(?:/\d+)?|\(\d+\+\d+/\d+\)|(?:\d+)?(?:sqrt ?\d+|pi)\b)(?![\d.]*\d)"
)
UNITS = {"mm": "0.1", "cm": "1", "dm": "10", "m": "100", "km": "100000", "in": "2.54", "ft": "30.48", "yd": "91.44"}
UNIT = re.compile(
    r"\s*-?(?:(?P<mm>mm|millimet(?:re|er)s?|毫米)|(?P<cm>cm|centimet(?:re|er)s?|厘米|公分)|(?P<dm>dm|decimet(?:re|er)s?|分米)"
    r"|(?P<km>km|kilomet(?:re|er)s?|千米|公里)|(?P<m>m|met(?:re|er)s?|米)|(?P<inch>inch(?:es)?)|(?P<ft>ft|foot|feet)"
    r"|(?P<yd>yards?))(?![a-zA-Z])(?P<power>\^?\(?[23]\)?|²|³)?"
    r"|\s*(?:(?P<square>square|sq\.?|平方) ?|(?P<cubic>cubic|立方) ?)(?P<of>mm|cm|dm|km|m|(?:centi|deci|kilo|milli)?"
    r"met(?:re|er)s?|inch(?:es)?|feet|厘米|分米|毫米|千米|米)(?![a-zA-Z])|(?P<deg>\s*(?:deg(?:rees?)?\b|度))",
    re.IGNORECASE,
)
NAMES = {"millimet": "mm", "centimet": "cm", "decimet": "dm", "kilomet": "km", "met": "m", "inch": "in", "feet": "ft"}
NAMES |= {"毫米": "mm", "厘米": "cm", "分米": "dm", "千米": "km", "米": "m"}


MORE = re.compile(
    r"\b(?:isosceles|equilateral|each of|how many|per|cost|paint|tiles?)\b|等腰|等边|每|多少[块个元钱]|阴影"
)
"""a figure with more to it than its formulas"""
WANTED = re.compile(
    r"\b(?:find|what(?:'?s| is| are| would)?|how (?:far|long|big|large|wide|high|tall)|calculate|compute|work out"
    r"|determine|get)\b|多[长大宽高少]|几|求|是什么|计算|算",
    re.IGNORECASE,
)
COUNT = re.compile(
    r"[1-4] ?(?:(?:th|st|nd|rd)\b|(?:acute |other |shorter |parallel |base )?(?:angles?|sides?|legs?|edges?)\b"
    r"|[个条只]?(?:内?角|边|直角边|锐角)|[个条块](?!角|边))"
)
"""a number that counts or orders, and measures nothing: "two angles", "the third" """


@dataclass(frozen=True)
class Figure:
    """A figure of which something is given and something is wanted."""

    shape: str = ""
    """a name of `SHAPES`; "" where the words name none"""
    wanted: str = ""
    """letter of the formulas"""
    given: dict[str, str] = field(default_factory=dict)
    """letter → number, in the notation of `parsing.parse`"""
    unit: str = ""
    """of the lengths; "deg" of angles; "" for none"""
    loose: tuple[str, ...] = ()
    """numbers that were given without a name that fits"""

    @property
    def complete(self) -> bool:
        """Whether the text was read completely and is enough to compute the figure."""
        return bool(self.shape and self.wanted and self.given and not self.loose)

    def to_json(self) -> dict[str, Any]:
        """For what goes on from it."""
        return {"shape": self.shape, "wanted": self.wanted, "given": dict(self.given), "unit": self.unit}


def find_figure(text: str, shape: str = "") -> Figure | None:
    """The figure that a text of plain signs speaks of; None for none.

    Args:
        text: from `worded.in_signs`.
        shape: what was spoken of before, where the text names no figure.

    Raises:
        MathError: it speaks of several figures, or of more than one of them.
    """
    text = re.sub(r"3(?=角)", "三", re.sub(r"4(?=边形)", "四", text))
    named = [name for name, each in SHAPES.items() if re.search(each.words, text, re.IGNORECASE)]
    if "right triangle" in named:
        named = ["right triangle"]
    for wide, narrow in (("circle", "cylinder"), ("circle", "cone"), ("quadrilateral", "parallelogram")):
        named = [each for each in named if not (each == wide and narrow in named)]
    if len(named) > 1 and named[-1] == "rectangle":
        named = named[:-1] if not re.search(r"rectang|长方形|矩形", text) else named
    if not (named or shape):
        return None
    name = named[0] if named else shape
    figure = _read(text, name)
    if not named and not (figure.given or figure.wanted or figure.loose):
        return None
    if not (figure.given or figure.wanted) or (not figure.complete and not shape and _loosely(text)):
        return None if named else figure
    if len(named) > 1 or (MORE.search(text) and re.search(r"\d", text)):
        raise MathError("figures of this kind I can't work out yet")
    return figure


def _loosely(text: str) -> bool:
    """Returns whether the text names an object shaped like a figure, not the figure: a garden."""
    return not any(re.search(each.words.partition(r"|\b(?:garden")[0], text, re.IGNORECASE) for each in SHAPES.values())


def merged(new: Figure, old: Figure) -> Figure:
    """A figure with what new words say of it in place of what they contradict."""
    kinds = [{"r", "d", "C", "A"}] if old.shape == "circle" else [{"r", "d"}]
    given = {
        letter: number
        for letter, number in old.given.items()
        if letter != new.wanted and not any(letter in kind and kind & set(new.given) for kind in kinds)
    }
    loose = list(new.loose)
    if loose and not new.given and len(loose) == len(given):  # "and 5 by 12?"
        given, loose = dict(zip(given, loose, strict=True)), []
    wanted = new.wanted or (old.wanted if old.wanted not in new.given else "")
    return replace(new, wanted=wanted, given={**given, **new.given}, unit=new.unit or old.unit, loose=tuple(loose))


def _read(text: str, name: str) -> Figure:
    shape = SHAPES[name]
    asked = re.sub(SHAPES["square"].words if name != "square" else r"$^", " ", text)
    numbers = list(_numbers(asked))
    labels = _labels(asked, shape)
    given: dict[str, str] = {}
    units: list[str] = []
    loose: list[str] = []
    used: set[int] = set()
    for number in numbers:
        letter = _letter_of(shape, number, labels, numbers, asked, given, used)
        if letter:
            given[letter] = number.text
        else:
            loose.append(number.text)
        units.append(number.unit)
    if loose and not given and len(loose) == len(shape.bare):
        given, loose = dict(zip(shape.bare, loose, strict=True)), []
    wanted = [
        letter for place, letters in labels if place not in used for letter in letters[-1:] if letter not in given
    ]
    chosen = _wanted(asked, labels, used, given) or (wanted[0] if len(set(wanted)) == 1 else "")
    if not chosen and name == "right triangle" and len(given) == 2 and set(given) <= set("abc"):
        chosen = next(letter for letter in "cba" if letter not in given)
    given, unit = _in_one_unit(given, dict(zip(given, units, strict=False)) if not loose else {})
    return Figure(name, chosen, given, unit, tuple(loose))


@dataclass(frozen=True)
class _Number:
    start: int
    end: int
    text: str
    unit: str


def _numbers(text: str) -> Iterator[_Number]:
    for found in NUMBER.finditer(text):
        if COUNT.match(text, found.start()) or text[: found.start()].endswith("第"):
            continue
        unit = UNIT.match(text, found.end())
        yield _Number(found.start(), unit.end() if unit else found.end(), found[0], _unit(unit) if unit else "")


def _unit(found: re.Match[str]) -> str:
    if found["deg"]:
        return "deg"
    if found["of"]:
        plain = next(
            (short for long, short in NAMES.items() if found["of"].lower().startswith(long)), found["of"].lower()
        )
        return f"{plain}^{2 if found['square'] else 3}"
    plain = next(name for name in ("mm", "cm", "dm", "km", "m", "inch", "ft", "yd") if found[name])
    power = re.sub(r"\D", "", (found["power"] or "").replace("²", "2").replace("³", "3"))
    return ("in" if plain == "inch" else plain) + (f"^{power}" if power else "")


Label = tuple[int, list[str]]
"""where a measure is named, and its letters"""


def _labels(text: str, shape: Shape) -> list[Label]:
    found: list[tuple[int, int, list[str]]] = []
    for letters, words in shape.letters.items():
        found += [(*match.span(), letters.split(",")) for match in re.finditer(words, text, re.IGNORECASE)]
    for match in re.finditer(r"(?<![a-zA-Z])([a-z])\s*(?:=|is|为|是)\s*(?=\d)", text):
        if any(match[1] in letters for letters in shape.letters):
            found.append((match.start(), match.end(), [match[1]]))
    # 斜边 names no 边, and "shorter side" no side.
    outer = [
        (start, letters)
        for start, end, letters in found
        if not any(one <= start and end <= other and other - one > end - start for one, other, _ in found)
    ]
    return sorted(dict(reversed(outer)).items())


def _letter_of(
    shape: Shape,
    number: _Number,
    labels: Sequence[Label],
    numbers: Sequence[_Number],
    text: str,
    given: Mapping[str, str],
    used: set[int],
) -> str:
    """The letter of a number: of the name right behind it, else of the nearest before it, shared by a list."""
    behind = [
        (place, letters)
        for place, letters in labels
        if re.fullmatch(r"[\s,]*(?:in |的)?", text[number.end : place]) and place >= number.end
    ]
    before = [(place, letters) for place, letters in labels if place < number.start]
    gap = rf"(?:(?!{shape.words})[^;；。?？]|(?:{shape.words})[^\d]{{0,6}}(?:\b(?:is|are|was)\b|[=是为])){{0,40}}"
    chosen: list[Label] = []
    if (
        before
        and re.fullmatch(gap, text[before[-1][0] + 1 : number.start], re.IGNORECASE)
        and not WANTED.search(text[before[-1][0] : number.start])
    ):
        chosen.append(before[-1])
    # "8 cm long" names the number before it, unless that number ends "length 8, width 5".
    if behind and (
        not chosen or (chosen[-1][0] in used and len(chosen[-1][1]) == 1) or _named_behind(numbers, labels, text)
    ):
        chosen = [behind[0]]
    for place, letters in chosen:
        free = [letter for letter in letters if letter not in given]
        if free and not (place in used and len(letters) == 1):
            if number.unit == "deg" and not set(free) & set("αβγδ"):
                return ""
            used.add(place)
            return free[0]
    return ""


def _named_behind(numbers: Sequence[_Number], labels: Sequence[Label], text: str) -> bool:
    """Returns whether each number is followed by its label: "8 cm long and 5 cm wide"."""
    first = numbers[0]
    return not any(place < first.start and not WANTED.search(text[place : first.start]) for place, _ in labels)


def _wanted(text: str, labels: Sequence[Label], used: set[int], given: Mapping[str, str]) -> str:
    """The letter asked for: the name nearest to the question."""
    free = [(place, [each for each in letters if each not in given]) for place, letters in labels if place not in used]
    free = [(place, letters) for place, letters in free if letters]
    free += [
        (place, [x for x in letters if x not in given])
        for place, letters in labels
        if place in used and len(letters) > 1
    ]
    free = [(place, letters) for place, letters in free if letters]
    if not free:
        return ""
    asks = [found.start() for found in WANTED.finditer(text)]
    if not asks:
        single = [letters[0] for place, letters in free if place not in used]
        return single[0] if len(set(single)) == 1 else ""
    last = asks[-1]
    unused = [(place, letters) for place, letters in free if place not in used] or free
    return min(unused, key=lambda label: abs(label[0] - last))[1][0]


def _in_one_unit(given: dict[str, str], units: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Lengths in one unit.

    Raises:
        MathError: they can't be written in one.
    """
    named = {letter: unit for letter, unit in units.items() if unit}
    if not named or set(named.values()) == {"deg"}:
        return given, "deg" if named else ""
    plain = {letter: unit.partition("^") for letter, unit in named.items()}
    if any(power != str(DIMENSIONS.get(letter, 1)) for letter, (_, _, power) in plain.items() if power):
        raise MathError("a length, an area and a volume have different units")
    bases = list(dict.fromkeys(base for base, _, _ in plain.values()))
    if len(bases) == 1:
        return given, bases[0]
    if any(letter in DIMENSIONS for letter in plain):
        raise MathError("units of this kind together I can't work out yet")
    changed = dict(given)
    for letter, (base, _, _) in plain.items():
        if base != bases[0]:
            changed[letter] = f"{given[letter]}*{UNITS[base]}/{UNITS[bases[0]]}"
    return changed, bases[0]
