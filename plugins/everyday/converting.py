"""Answers conversions of units and kitchen measures."""

from __future__ import annotations

import math
from dataclasses import replace

from assistant import Reply, Services, Turn

from .comparing import compared, read_comparison
from .conversions import Conversion, read_conversion, read_conversions
from .follow_ups import asked_again, conversion_again
from .measures import measured
from .units import convert, density_of, note_on
from .wording import Language, language_of, say

__all__ = ["convert_units", "matches_conversion"]


def matches_conversion(text: str) -> bool:
    """Returns whether a sentence surely asks for a conversion or a comparison of two amounts."""
    return bool(read_conversions(text)) or read_comparison(text) is not None


async def convert_units(turn: Turn, services: Services) -> Reply:
    """Convert lengths, weights, volumes, temperatures and kitchen measures."""
    language = language_of(turn.utterance)
    said = tuple(dict.fromkeys((turn.utterance, turn.text)))
    if several := next(filter(None, map(read_conversions, said)), ()):
        replies = [_converted(asked, turn, language) for asked in several]
        return replace(replies[-1], text="\n".join(each.text for each in replies),
                       speech=" ".join(each.spoken for each in replies))  # fmt: skip
    asked = conversion_again(turn.utterance, await services.conversation(turn.session, 1))
    asked = asked or read_conversion(await asked_again(turn, services, "everyday.convert_units"))
    if asked is None and (pair := read_comparison(turn.utterance)) is not None:
        return compared(pair, language)
    asked = asked or next(filter(None, map(measured, said)), None)
    return Reply(say("conversion_unread", language)) if asked is None else _converted(asked, turn, language)


def _converted(asked: Conversion, turn: Turn, language: Language) -> Reply:
    value = _value(asked)
    if value is None and (other := measured(turn.utterance, named=True)) is not None:
        asked, value = other, _value(other)
    if value is None:
        return Reply(say("different_kinds", language, amount=asked.said, unit=asked.unit))
    return _told(asked, value, language)


def _value(asked: Conversion) -> float | None:
    return convert(list(asked.amounts), asked.target, density_of(asked.thing) if asked.thing else 0.0)


def _told(asked: Conversion, value: float, language: Language) -> Reply:
    said = asked.said.replace("0.333333", "1/3")
    if asked.unit == "feet and inches":
        feet, inches = divmod(round(value), 12)
        result = f"{feet}英尺{inches}英寸" if language == "zh" else f"{feet} feet {inches} inches"
        spoken = say("conversion_spoken", language, amount=said, result=result)
        return Reply(f"{said} ≈ {result}", speech=spoken, data={"value": value, "unit": asked.target})
    number = rounded(value)
    shown = float(number.replace(",", "").replace("−", "-"))
    about = density_of(asked.thing) > 0
    sign = "=" if math.isclose(shown, value, rel_tol=1e-9, abs_tol=1e-12) and not about else "≈"
    scale = {"degC": "°C", "degF": "°F"}.get(asked.target)
    result = f"{number} {scale}" if scale else f"{number}{'' if language == 'zh' else ' '}{asked.unit}"
    text = f"{said} {sign} {result}"
    note = note_on(*(unit for _, unit in asked.amounts), asked.target)
    if note and not about:
        text += say("unit_note", language, note=note[language == "zh"])
    if about:
        text += say("kitchen_note", language)
    speech = say("conversion_spoken", language, amount=said, result=result)
    return Reply(
        text,
        speech=speech,
        data={"value": value, "unit": asked.target, "asked": [asked.said, asked.unit], "thing": asked.thing},
    )


def rounded(value: float) -> str:
    """A measured value: two decimal places, or three digits where it is smaller than 1."""
    places = 2 if abs(value) >= 1 or value == 0 else 2 - math.floor(math.log10(abs(value)))
    if abs(value) >= 1e15 or places > 12:
        return f"{value:.4g}"
    text = f"{value:,.{places}f}" if abs(value) >= 10_000 else f"{value:.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
