"""Answers sums."""

from __future__ import annotations

from assistant import Reply, Services, Turn

from .again import asked_again
from .arithmetic import SumError, written
from .sums import Sum, read_sum
from .wording import Language, language_of, say

__all__ = ["calculate"]

CENTS = 2


async def calculate(turn: Turn, services: Services) -> Reply:
    """Work out a sum, a percentage, a discount, a tip or a share."""
    language = language_of(turn.utterance)
    asked = next(filter(None, map(read_sum, dict.fromkeys((turn.utterance, turn.text)))), None)
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
    shown = f"{number}%" if asked.kind == "percentage" else asked.priced(number, language)
    text = f"{asked.shown()} {'=' if exact else '≈'} {shown}"
    speech = say("sum_spoken" if exact else "sum_about", language, result=shown)
    if asked.kind == "share":
        text += say("each", language)
        speech = say("share_spoken", language, result=shown)
    return Reply(text, speech=speech, data={"sum": asked.signs, "result": number, "exact": exact})
