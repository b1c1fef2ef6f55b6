"""Answers sums."""

from __future__ import annotations

import re
from fractions import Fraction

from assistant import Reply, Services, Turn

from .again import asked_again, sum_again
from .arithmetic import SumError, written
from .scaling import Scaled, read_scaling
from .sums import Sum, read_sum
from .wording import Language, language_of, say

__all__ = ["calculate"]

CENTS = 2
LARGEST_DENOMINATOR = 1_000
FRACTION = re.compile(r"\(\d+/\d+\)|(?<!\d)1/[234]\*")


async def calculate(turn: Turn, services: Services) -> Reply:
    """Work out a sum, a percentage, a discount, a tip or a share."""
    language = language_of(turn.utterance)
    asked = next(filter(None, map(read_sum, dict.fromkeys((turn.utterance, turn.text)))), None)
    if asked is None and (scaled := read_scaling(turn.utterance)) is not None:
        return _scaled(scaled, language)
    asked = asked or sum_again(turn.utterance, await services.conversation(turn.session, 1))
    asked = asked or read_sum(await asked_again(turn, services, "everyday.calculate"))
    if asked is None:
        return Reply(say("sum_unread", language))
    try:
        return _answered(asked, language)
    except SumError as error:
        return Reply(say(str(error), language, sum=asked.shown()))


def _answered(asked: Sum, language: Language) -> Reply:
    value, exact = asked.value()
    money = bool(asked.currency) and asked.kind != "percentage" and value.denominator != 1
    number, whole = written(value, CENTS if money else None)
    exact = exact and whole
    number, exact = (
        (f"{fraction} ≈ {number}", True) if (fraction := _fraction(asked, value, exact)) else (number, exact)
    )
    shown = f"{number}%" if asked.kind == "percentage" else asked.priced(number, language)
    text = f"{asked.shown()} {'=' if exact else '≈'} {shown}"
    speech = say("sum_spoken" if exact else "sum_about", language, result=shown)
    if asked.kind == "share":
        text += say("each", language)
        speech = say("share_spoken", language, result=shown)
    data = {"sum": asked.signs, "result": number, "exact": exact, "share": list(asked.parts)}
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
    return Reply(text, speech=say("sum_spoken", language, result=shown), data={"result": number, "share": []})
