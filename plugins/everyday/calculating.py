"""Answers sums."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from assistant import Reply, Services, Turn

from .arithmetic import SumError, written
from .figures import masked
from .follow_ups import LOOKED_BACK, reckons, sum_again, sum_going_on, ways_to_read
from .reckoning import Reckoned
from .scaling import Scaled, read_scaling, scaled_on
from .stepping import start_of
from .sums import Sum, read_sum
from .two_kinds import Kinds, read_kinds
from .wording import Language, language_of, say

__all__ = ["calculate", "surely_reckons"]

CENTS = 2
LARGEST_DENOMINATOR = 1_000
FRACTION = re.compile(r"\(\d+/\d+\)|(?<!\d)1/[234]\*")
CLAIM = re.compile(
    r"\W*(?:(?:so|and|is|does|ok)\b\W*|那么?)*(?P<sum>.*\d.*?)\s*(?:=|\b(?:is|equals?|makes?|comes to)\b|等于|是|得)\s*"
    r"(?P<told>[-−]?\d[\d,]*(?:\.\d+)?)\s*"
    r"(?P<sure>,?\s*(?:right|correct|yes|no|true|isn'?t it|innit|is (?:that|it) (?:right|correct|true))"
    r"|[，,]?(?:对|是|没错|正确)(?:不对|不是|吗|吧|么|没)?)?\s*(?P<asks>[?？]*)\W*",
    re.IGNORECASE,
)
"""a result that is claimed, to be checked"""
OTHER = re.compile(r"\bconsecutive\b|\b(?:at|by|until|till) half \w+|连续的?(?:整数|偶数|奇数|自然数)", re.IGNORECASE)
"""numbers that are not simply added up, and times of day"""


def surely_reckons(text: str) -> bool:
    """Returns whether a sentence surely asks for a sum that is read here."""
    if OTHER.search(text):
        return False
    return (
        _claimed(text) is not None
        or (read_sum(text) or read_scaling(text) or read_kinds(text)) is not None
        or reckons(text)
    )


async def calculate(turn: Turn, services: Services) -> Reply:
    """Work out a sum, a percentage, a discount, a tip or a share."""
    language = language_of(turn.utterance)
    if (claim := _claimed(turn.utterance)) is not None:
        return _checked(*claim, language)
    said = tuple(dict.fromkeys((turn.utterance, turn.text)))
    asked = next(filter(None, map(read_sum, said)), None)
    if asked is None and (scaled := read_scaling(turn.utterance)) is not None:
        return _scaled(scaled, language)
    if asked is None and (kinds := read_kinds(turn.utterance)) is not None:
        return _of_kinds(kinds, language)
    before = await services.conversation(turn.session, LOOKED_BACK)
    if asked is None and (on := scaled_on(turn.utterance, before[-1].data if before else {})) is not None:
        return _scaled(on, language)
    own, asked = asked, asked or sum_again(turn.utterance, before)
    ways = [Reckoned(asked, 1.0)] if asked is not None else []
    ways = ways or next(filter(None, map(ways_to_read, said)), []) or sum_going_on(turn.utterance, before)
    if not ways:
        return Reply(_unread(turn.utterance, language))
    if len(ways) > 1:
        shown = [_answered(way.sum, language).text for way in ways if _has_value(way.sum)]
        if len(shown) > 1:
            return Reply(say("two_ways", language, first=shown[0], second=shown[1]))
    told = before[-1].data if before and own is None else {}
    try:
        return _answered(ways[0].sum, language, told)
    except SumError as error:
        return Reply(say(str(error), language, sum=ways[0].sum.shown()))


def _claimed(text: str) -> tuple[Sum, Fraction] | None:
    """A sum and the result that words claim it has: "9 x 12 = 108, right?", 12乘13是146？"""
    found = CLAIM.fullmatch(text)
    asked = read_sum(found["sum"]) if found and (found["sure"] or found["asks"]) else None
    return (asked, Fraction(found["told"].replace(",", "").replace("−", "-"))) if found and asked else None


def _checked(asked: Sum, claimed: Fraction, language: Language) -> Reply:
    told = _answered(asked, language)
    right = abs(asked.value()[0] - claimed) < Fraction(1, 100)
    key, number = ("claim_right", "") if right else ("claim_wrong", written(claimed)[0])
    return Reply(say(key, language, sum=told.text, claimed=number), data=told.data)


def _has_value(asked: Sum) -> bool:
    try:
        return bool(written(asked.value()[0]))
    except SumError:
        return False


def _unread(text: str, language: Language) -> str:
    """Returns the numbers of a sum that could not be read, as a reply."""
    said = masked(text)
    if said is None or not said.figures:
        return say("sum_unread", language)
    numbers = [figure.shown + "%" * (figure.kind == "percent") for figure in said.figures]
    return say("numbers_only", language, numbers=("、" if language == "zh" else ", ").join(numbers))


def _of_kinds(kinds: Kinds, language: Language) -> Reply:
    solved = kinds.solved()
    if solved is None:
        return Reply(say("no_kinds", language, asked=kinds.asked, other=kinds.other))
    number, rest = solved
    proof = kinds.shown(number, rest)
    text = say("kinds", language, asked=kinds.asked, other=kinds.other, number=number, rest=rest, proof=proof)
    return Reply(text, speech=text.partition("\n")[0], data={"result": str(number), "share": []})


def _answered(asked: Sum, language: Language, told: Mapping[str, Any] | None = None) -> Reply:
    value, exact = asked.value()
    money = bool(asked.currency) and asked.kind != "percentage" and value.denominator != 1
    number, whole = written(value, CENTS if money else None)
    exact = exact and whole
    number, exact = (
        (f"{fraction} ≈ {number}", True) if (fraction := _fraction(asked, value, exact)) else (number, exact)
    )
    if asked.kind == "zhe":
        return Reply(
            say("zhe", language, zhe=written(round(value * 10) / Fraction(10))[0], percent=written(value * 10, 1)[0])
        )
    shown = f"{number}%" if asked.kind == "percentage" else asked.priced(number, language)
    text = f"{asked.shown()} {'=' if exact else '≈'} {shown}"
    speech = say("sum_spoken" if exact else "sum_about", language, result=shown)
    if asked.kind == "share":
        text += say("each", language)
        speech = say("share_spoken", language, result=shown)
    start = start_of(told or {}, asked, number)
    if asked.kind == "saved":
        start = str((told or {}).get("from", ""))
    data: dict[str, Any] = {
        "from": start,
        "saved": asked.kind == "saved",
        "sum": asked.signs,
        "result": number,
        "exact": exact,
        "share": list(asked.parts),
    }
    return Reply(text, speech=speech, data=data if asked.kind == "share" else {**data, "share": []})


def _fraction(asked: Sum, value: Fraction, exact: bool) -> str:
    """A sum of fractions as one, such as "5/6"; "" where figures say it all."""
    if exact or value.denominator > LARGEST_DENOMINATOR or not FRACTION.search(asked.signs):
        return ""
    return f"{'−' if value < 0 else ''}{abs(value.numerator)}/{value.denominator}"


def _scaled(asked: Scaled, language: Language) -> Reply:
    number, exact = written(asked.value)
    gap = "" if language == "zh" else " "
    parts = [number, asked.unit] if asked.unit else [number]
    shown = gap.join(parts) + (f"{gap}{asked.thing}" if asked.thing else "")
    amount, _ = written(asked.amount)
    text = f"{amount} ÷ {asked.made_for} × {asked.wanted_for} {'=' if exact else '≈'} {shown}"
    scale = [asked.made_for, asked.wanted_for, str(asked.amount), asked.unit, asked.thing]
    data = {"result": number, "share": [], "scale": scale}
    return Reply(text, speech=say("sum_spoken", language, result=shown), data=data)
