"""Finds what shall be converted anywhere in a sentence: "recipe says 350 fahrenhiet what do i put my oven on"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from .conversions import SMALLER, Conversion, plain_amounts
from .units import convert, counterpart_of, density_of, unit_meant, unit_named, written_unit

__all__ = ["measured"]

LONGEST = 160
"""characters that are read"""
NUMBER = re.compile(r"(?<![\d.])-?\d+(?:\.\d+)?(?!\d)")
WORD = re.compile(r"[a-z°/'\"²³]+\d?", re.IGNORECASE)
HAN_UNIT = re.compile(r"[\u4e00-\u9fff/]{1,7}")
JOINT = re.compile(r"\s*(?:and|,)?\s*")
SHORT = frozenset({"m", "g", "l", "c", "f", "w", "'", '"', "in", "mi", "a"})
"""units of so few letters only right behind a number, or behind "in" at the end"""
TARGET = re.compile(
    r"\b(?:in|to|into|as|of|many|much|the)\s+([a-z°/ ]+?)(?:\s+(?:please|pls|then|instead"
    r"|mate|is that|do i need|is it|for me))*\W*$"
)
SPEEDS = {"mile": "mile/hour", "kilometer": "kilometer/hour"}
AREAS = {"foot": "foot**2", "meter": "meter**2", "mile": "mile**2", "kilometer": "kilometer**2"}
SCALE = re.compile(r"fahrenheit|celsius|centigrade|华氏度?|摄氏度?")
DEGREES = re.compile(r"(\d) ?(?:degrees?\b(?! (?:c|f|fahrenheit|celsius|centigrade)\b)|度)")
ASKED = re.compile(r"(?:\b(?:in|to|into|as)|成|用|多少|几|合) ?$")


@dataclass(frozen=True)
class _Amount:
    pieces: tuple[tuple[float, str], ...]
    start: int
    end: int


def measured(text: str, *, named: bool = False) -> Conversion | None:
    """The amount of a sentence, and the unit that it names besides, or else its counterpart; None for no such amount,
    or several.

    Args:
        named: the unit must be named.
    """
    if len(text) > LONGEST:
        return None
    chinese = re.search(r"[\u4e00-\u9fff]", text) is not None
    plain = _with_scale(plain_amounts(text, chinese).lower(), chinese)
    amounts = _amounts(plain, chinese)
    if not amounts or any(each.pieces != amounts[0].pieces for each in amounts):
        return None
    amount = amounts[0]
    rest = f"{plain[: amount.start]} ; {plain[amount.end :]}"
    target, said = _target(rest, chinese, amount.pieces)
    if not target and not named:
        target = counterpart_of(amount.pieces[0][1])
        said = written_unit(target, chinese)
    if not target or target == amount.pieces[0][1]:
        return None
    thing = _thing(plain[amount.end :], chinese)
    if thing and convert(list(amount.pieces), target) is not None:
        thing = ""
    return Conversion(amount.pieces, plain[amount.start : amount.end].removesuffix(" of").strip(), target, said, thing)


def _with_scale(plain: str, chinese: bool) -> str:
    """Bare degrees with the scale that the rest of the sentence says or leaves them: "28 degrees, in fahrenheit?"."""
    found = list(SCALE.finditer(plain))
    if len({each[0][0] for each in found}) != 1 or not DEGREES.search(plain):
        return plain
    asked = ASKED.search(plain[: found[-1].start()]) is not None
    hot = found[-1][0][0] in "f华"
    names = ("摄氏度", "华氏度") if chinese else ("celsius", "fahrenheit")
    rest = plain if asked else SCALE.sub("", plain)
    return DEGREES.sub(lambda each: f"{each[1]}{'' if chinese else ' '}{names[hot != asked]}", rest, count=1)


def _amounts(plain: str, chinese: bool) -> list[_Amount]:
    found: list[_Amount] = []
    place = 0
    while number := NUMBER.search(plain, place):
        place = number.end()
        unit, end = _unit_at(plain, number.end(), chinese)
        if not unit and (before := re.search(r"(华氏|摄氏)度?$", plain[: number.start()])) is not None:
            unit, end = unit_named(before[1]), number.end() + plain[number.end() :].startswith("度")
        value = float(number[0])
        last = found[-1] if found else None
        joined = last is not None and JOINT.fullmatch(plain[last.end : number.start()]) is not None
        if not unit and joined and last is not None and (smaller := SMALLER.get(last.pieces[-1][1])):
            unit, end = smaller, number.end()
        elif (
            not unit
            and chinese
            and last is not None
            and last.end == number.start()
            and re.fullmatch(r"\d{1,2}", number[0])
        ):
            first, old = last.pieces[-1]  # 1米8; of feet the next are inches
            tenth = (first + value / 10 ** len(number[0]), old)
            pieces = (*last.pieces, (value, "inch")) if old == "foot" else (*last.pieces[:-1], tenth)
            found[-1] = _Amount(pieces, last.start, number.end())
            continue
        if not unit:
            return []  # a number that measures nothing
        if joined and last is not None and _smaller(unit, last.pieces[-1][1]):
            found[-1] = _Amount((*last.pieces, (value, unit)), last.start, end)
        else:
            found.append(_Amount(((value, unit),), number.start(), end))
        place = end
    return found


def _smaller(unit: str, than: str) -> bool:
    value = convert([(1.0, unit)], than)
    return value is not None and value < 1


def _unit_at(plain: str, place: int, chinese: bool) -> tuple[str, int]:
    """The unit right behind a number, and where its name ends; ("", place) for none."""
    start = place + (len(plain[place:]) - len(plain[place:].lstrip(" -")))
    if chinese and (found := HAN_UNIT.match(plain, start)):
        run = found[0]
        if scale := re.match(r"(?:度)?(摄氏度?|华氏度?)", run):
            return unit_named(scale[1]), start + scale.end()
        for size in range(len(run), 0, -1):
            if unit := unit_meant(run[:size]):
                return unit, start + size
        return "", place
    words = list(WORD.finditer(plain, start))[:4]
    if not words or words[0].start() != start:
        return "", place
    for count in (3, 2, 1):
        if len(words) >= count and not re.search(r"[^\s]", "".join(_between(plain, words[:count]))):
            name = re.sub(r"^(?:degrees?|deg) (?=.)", "", plain[start : words[count - 1].end()])
            unit = (
                (unit_named(name) if name in SHORT - {"a"} else "")
                or unit_meant(name)
                or (unit_named(name) if re.fullmatch(r".+ (?:per|an?) .+", name) else "")
            )
            if unit:
                return unit, words[count - 1].end()
    return "", place


def _between(plain: str, words: list[re.Match[str]]) -> list[str]:
    return [plain[one.end() : two.start()] for one, two in pairwise(words)]


def _target(rest: str, chinese: bool, pieces: tuple[tuple[float, str], ...]) -> tuple[str, str]:
    """The unit that is named besides the amount, and how it was said; ("", "") for none."""
    found: list[tuple[str, str]] = []
    if chinese:
        place = 0
        while place < len(rest):
            size = next(
                (
                    n
                    for n in range(min(7, len(rest) - place), 0, -1)
                    if unit_meant(rest[place : place + n]) and (n > 1 or rest[place] not in "两里分天日年周码节度")
                ),
                0,
            )
            if size:
                found.append((unit_meant(rest[place : place + size]), rest[place : place + size]))
            place += size or 1
    else:
        words = [each[0] for each in WORD.finditer(rest)]
        at = 0
        while at < len(words):
            for count in (3, 2, 1):
                name = " ".join(words[at : at + count])
                if name not in SHORT and at + count <= len(words) and (unit := unit_meant(name)):
                    found.append((unit, name))
                    at += count - 1
                    break
            at += 1
        if (end := TARGET.search(rest)) is not None and (unit := unit_named(end[1].strip())):
            found.append((unit, end[1].strip()))
    for unit, name in reversed(found):
        for target in (unit, SPEEDS.get(unit, ""), AREAS.get(unit, "")):
            if target and target != pieces[0][1] and convert(list(pieces), target) is not None:
                return target, name if target == unit else written_unit(target, chinese)
    return found[-1] if found and (_thing_near(rest) or ASKED.search(rest[: rest.rfind(found[-1][1])])) else ("", "")


def _thing_near(rest: str) -> str:
    words = re.findall(r"[a-z]+", rest)
    runs = [" ".join(words[at : at + size]) for size in (2, 1) for at in range(len(words))]
    if re.search(r"[\u4e00-\u9fff]", rest):
        runs = [rest[at : at + size] for size in (4, 3, 2, 1) for at in range(len(rest) - size + 1)]
    return next((run for run in runs if density_of(run)), "")


def _thing(behind: str, chinese: bool) -> str:
    """Returns the substance that is measured, such as flour; "" for any."""
    return _thing_near(behind[: 8 if chinese else 30])
