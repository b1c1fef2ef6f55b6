"""Compares two amounts: "is a pint more or less than half a litre", 一斤和一磅哪个重."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant import Reply

from .conversions import read_amount
from .units import convert, note_on
from .wording import Language, say

__all__ = ["Comparison", "compared", "read_comparison"]

LONGEST = 120
"""characters that are read"""
MORE = (
    r"(?:more|less|bigger|smaller|longer|shorter|heavier|lighter|larger|greater|farther|further"
    r"|hotter|colder|warmer|cooler|faster|slower)"
)
ENGLISH = (
    re.compile(rf"(?:is|are)? ?(?P<a>.+?),? (?:is |are )?{MORE}(?: or (?:{MORE}|not))? than (?P<b>.+)", re.IGNORECASE),
    re.compile(
        rf"(?:which|what)(?:'s| is| one is|one's)? (?:the )?{MORE}[,:]? (?P<a>.+?),? or (?P<b>.+)", re.IGNORECASE
    ),
)
CHINESE = re.compile(
    r"(?P<a>.+?)(?:和|跟|与|还是|比)(?P<b>.+?)(?:相比|比起来)?[,，]?(?:哪个|谁|哪一个|哪边)?(?:更)?(?:大|小|重|轻|长|短|多|少|远|近|高|低|热|冷|快|慢)(?:些|一?点|吗|呢)*"
)
MONEY = re.compile(r"\b(?:pounds?) sterling\b|\bquid\b|[£€$]", re.IGNORECASE)


@dataclass(frozen=True)
class Comparison:
    """Two amounts, as they were said and as they were read."""

    first: str
    second: str
    read: tuple[tuple[tuple[float, str], ...], tuple[tuple[float, str], ...]]


def read_comparison(text: str) -> Comparison | None:
    """The two amounts that a question compares; None where it compares none of one kind."""
    if len(text) > LONGEST or MONEY.search(text):
        return None
    said = " ".join(text.split()).strip(" ?？.。!！")
    chinese = re.search(r"[\u4e00-\u9fff]", said) is not None
    for pattern in (CHINESE,) if chinese else ENGLISH:
        if found := pattern.fullmatch(said):
            pair = (read_amount(found["a"], chinese=chinese), read_amount(found["b"], chinese=chinese))
            if all(pair) and convert(list(pair[0]), pair[1][0][1]) is not None:
                return Comparison(found["a"].strip(), found["b"].strip(), pair)
    return None


def compared(asked: Comparison, language: Language) -> Reply:
    """Says which amount is more, with the first in the unit of the second."""
    first, second = asked.read
    unit = second[0][1]
    values = [convert(list(each), unit) or 0.0 for each in (first, second)]
    key = (
        "as_much"
        if abs(values[0] - values[1]) <= 1e-9 * max(map(abs, values))
        else "more"
        if values[0] > values[1]
        else "less"
    )
    shown = [f"{value:.4g}" for value in values]
    name = re.sub(r"^[\d.一二两三四五六七八九十百千半个]+", "", asked.second) if language == "zh" else _named(unit)
    values_told = {"first": asked.first, "second": asked.second, "a": shown[0], "b": shown[1], "unit": name}
    text = say(f"compared_{key}", language, **values_told)
    note = note_on(*(each for amount in asked.read for _, each in amount))
    text += say("unit_note", language, note=note[language == "zh"]) if note else ""
    return Reply(text, data={"values": values, "unit": unit})


def _named(unit: str) -> str:
    return {"degC": "°C", "degF": "°F"}.get(unit, unit.replace("**", "^").replace("_", " "))
