"""Finds every entity of a text: the longest wins where two overlap."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

from assistant.understanding.entities.types import Entity
from assistant.understanding.entities.vocabulary import vocabulary

__all__ = ["find_entities"]

_HAN_CUE = re.compile(
    "[零〇一二两兩三四五六七八九十百千万萬亿億幺半今明昨前后後去每周週年月]|星期|礼拜|最近|过去|时间|几点|圣诞|平安夜|国庆|劳动节|情人节|元旦|工作日|早上|小时"
)
_WORD = re.compile(r"[^\W\d_]+")
_CUES = frozenset(
    (  # noqa: SIM905
        "christmas halloween valentine eve"
        " today tonight tomorrow yesterday week weekend month year quarter hour minute second day noon midday"
        " midnight time utc gmt cet cest bst est edt pst pdt jst aest fortnight half daily hourly weekly monthly"
        " yearly annually weekday morning afternoon evening night days hours weeks months years minutes dot clock"
        " late weekdays weekends another"
    ).split()
)


def find_entities(text: str, language: str = "en", now: datetime | None = None) -> tuple[Entity, ...]:
    """Finds the numbers, dates, amounts and other values of a text, in order, without overlaps.

    The longest stretch wins: the parts of a date or a range are not reported again.

    Args:
        language: ISO 639-1. English and Chinese are read in full always, other languages' words where it names them.
        now: what relative dates count from; the current moment by default.
    """
    if not _may_hold(text, language):
        return ()
    from assistant.understanding.entities.gathering import gather  # its patterns take a while to compile

    return gather(text, language, (now or datetime.now()).date())


def _may_hold(text: str, language: str) -> bool:
    """Returns whether a text has a digit or a word that a value may be written with: a quick look."""
    small = text.lower()
    if re.search(r"\d|@", small) or (not small.isascii() and _HAN_CUE.search(small)):
        return True
    return not _cues(language).isdisjoint(_WORD.findall(small))


@cache
def _cues(language: str) -> frozenset[str]:
    words = vocabulary(language)
    plural = {f"{day}s" for day in words.weekdays}
    near = {part for word in words.near for part in _WORD.findall(word)}
    return (
        _CUES
        | words.numbers.keys()
        | words.scales.keys()
        | words.ordinals.keys()
        | words.months.keys()
        | words.weekdays.keys()
        | plural
        | near
    )
