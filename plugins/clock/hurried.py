"""Times as people write them in a hurry, in words that the readers of times know: "tmrw mornin", "half seven"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from assistant import Turn

__all__ = ["spelled", "spelled_out"]

_HOUR = r"(?:1[0-2]|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_AT = r"(^\W*|\b(?:at|for|by|like|say|to|till?|until|around|about|it|so|me|alarm|up|and|days?|weekends?) )"
_UNIT = (
    r" ?(?:a|an|of|dozen|hours?|hrs?|h|mins?|minutes?|secs?|seconds?|s|m|days?|weeks?|months?|years?|times|price"
    r"|percent|%)\b"
)
_MANY = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_DAY = rf"(?:{_WEEKDAY}|tomorrow|today|tonight|weekends?|weekdays?|daily|every day)"
_SHORT = {"m": "monday", "tu": "tuesday", "w": "wednesday", "th": "thursday", "f": "friday", "s": "saturday"}
_NAMED = ("timer", "alarm", "remind", "minutes", "reminder")
"""words in whose place one with its letters in disorder, doubled or without a vowel is meant"""
_KNOWN = {"time", "tier", "times"}


def _weekday(found: re.Match[str]) -> str:
    said = found["d"].lower()
    return next(day for start, day in _SHORT.items() if said.startswith(start)) + found["s"]


_PLAIN: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(said, re.IGNORECASE), meant)
    for said, meant in (
        (r"\b(?:tmrw|tmr|tmw|tomoz|tom+or+ow|2mor+ow|2mor+o)\b", "tomorrow"),
        (r"\b(?:tonite|2nite)\b", "tonight"),
        (rf"\b(at|in|for|on|by) like (?=\d|half\b|quarter\b|noon\b|an?\b|{_HOUR}\b)", r"\1 "),
        (r"\b(morn|even)in\b'?", r"\1ing"),
        (r"\b(just|only|on|every|for) workdays\b", r"\1 weekdays"),
        (rf"\b({_MANY}) hours? and (?:three|3) quarters?\b(?: hours?)?", r"\1 hours and 45 minutes"),
        (rf"\b({_MANY}) hours? and (?:an? |one )?quarter\b(?: hours?)?", r"\1 hours and 15 minutes"),
        (rf"\b({_MANY}) and (?:three|3)[ -]quarters?(?: of an)?[ -]hours?\b", r"\1 hours and 45 minutes"),
        (rf"\b({_MANY}) and (?:an?|one) quarter[ -]hours?\b", r"\1 hours and 15 minutes"),
        (r"\bx-?mas\b", "Christmas"),
        (
            (
                r"\b(?P<d>mon|tues?|wed|thurs?|thu|fri|sat)(?P<s>s?)\b(?=\W*(?:$|to\b|-|and\b|&|at\b|\d|till?\b"
                r"|through\b|,))"
            ),
            _weekday,
        ),
        (r"(?<=\bto )sun\b|(?<=\band )sun\b|(?<=-)sun\b|(?<=& )sun\b|\bsun(?= (?:at )?\d)", "sunday"),
        (rf"{_AT}half (?={_HOUR}\b(?!{_UNIT}))", r"\1half past "),
        (
            (
                rf"(?<![\d.:/,-])(?<![\d] )\b(1?\d|2[0-3]) ([0-5][05])\b(?! ?\d)(?!{_UNIT})(?= (?:a\.?m|p\.?m|on"
                rf"|every)\b| {_DAY}|$)"
            ),
            r"\1:\2",
        ),
        (
            rf"\b({_DAY}) ({_HOUR})(?![\d:.])(?! ?(?:[ap]\.?m|st|nd|rd|th|past|to|o'?clock|and)\b)(?!{_UNIT})(?! \d)",
            r"\1 at \2",
        ),
        (rf"(^|[,;] ?|\band )({_HOUR})(?= (?:on |at )?(?:{_DAY}|the rest)\b)", r"\1at \2"),
        (
            (
                r"\b((?:an?|one|two|three|four|five|\d+) hours?) and (\d{1,2}|ten|fifteen|twenty|thirty|forty"
                r"|fifty)(?=\W*$|,| (?:for|please|pls|to)\b)"
            ),
            r"\1 and \2 minutes",
        ),
        (rf"(?:\b(?:at|around|about|like|say) )?\b({_HOUR})-?ish\b", r"at \1"),
        (rf"\b(?:around|about|like|say) ({_HOUR})(?=\W*$)", r"at \1"),
        (
            r"\b(at|to|for|by|so|it|say|until|till) (\d{1,2}) ([0-5]\d)(?=\W*$|\s+(?:please|instead|then)\b)",
            r"\1 \2:\3",
        ),
        (rf"\b(alarms?|me|up) (?:for )?({_HOUR}) (?=(?:(?:on |at )?{_DAY}|this|in the|every)\b)", r"\1 at \2 "),
        (r"\b(at|for) (\d{1,2})(?=(?:, ?| and | & )\d{1,2}:\d\d)", r"\1 \2:00"),
        (rf"(?<!from )\b({_WEEKDAY}) (?:to|till?|until|through|-) ({_WEEKDAY})\b", r"from \1 to \2"),
        (rf"\b(alarms?|at|by|{_DAY}) (0\d|1\d|2[0-3])([0-5]\d)\b(?! ?(?:[-/]|\w*s\b))", r"\1 \2:\3"),
        (r"明儿个?", "明天"),
        (r"今儿个?", "今天"),
        (r"俩(?=小时|钟头|礼拜|星期|月)", "两"),
        (r"钟头", "小时"),
        (r"天天(?=.{0,8}[点时])", "每天"),
        (r"(小时|钟头|分钟|刻钟|天|周|星期|个月|年)以后", r"\1之后"),
    )
)


@lru_cache(256)
def spelled_out(text: str) -> str:
    """The words with their times spelled out; the same words where nothing is shortened."""
    for said, meant in _PLAIN:
        text = said.sub(meant, text)
    text = _WORD.sub(_mended, text)
    if _RINGS.search(text):
        text = _LIST.sub(_each_an_hour, _DOTTED.sub(r"\1:\2", text))
    return _RUN.sub(r"\1、", text)


_RINGS = re.compile(r"\b(?:alarms?|wake|get me up)\b|闹钟", re.IGNORECASE)
"""says that what is a number is an hour"""
_DOTTED = re.compile(rf"(?<![\d.])\b(1?\d|2[0-3])[.](?=[0-5]\d\b)([0-5]\d)(?!{_UNIT})")
_LIST = re.compile(
    rf"(?<=[a-z] )({_HOUR}(?:(?:, ?| and | & |, and ){_HOUR})+)(?![\d:.])( ?(?:o'?clock|[ap]\.?m\b\.?))?(?!{_UNIT})",
    re.IGNORECASE,
)
"""several hours: "for 7, 8 and 9", "at 5 and 6 pm" """
_RUN = re.compile(r"(点(?:半|[一三]刻)?)(?=[零一二两三四五六七八九十\d]{1,3}点|[两三四五六]个闹)")
"""several hours without a break between them: 七点八点九点三个闹钟"""


def _each_an_hour(found: re.Match[str]) -> str:
    half = (found[2] or "o'clock").strip()
    return re.sub(rf"\b{_HOUR}\b", lambda hour: f"{hour[0]} {half}", found[1])


_WORD = re.compile(r"\b[tarm][a-z]{3,9}\b", re.IGNORECASE)


def _mended(found: re.Match[str]) -> str:
    """A word that is one of the clock's, mistyped: "tiemr", "alrm"."""
    said = found.group().lower()
    if said in _NAMED or said in _KNOWN:
        return found.group()
    return next((name for name in _NAMED if said[0] == name[0] and _slips(said, name)), found.group())


def _slips(said: str, name: str) -> bool:
    if sorted(said) == sorted(name):
        return True
    if len(said) == len(name) + 1:
        return any(said[n] == said[n - 1] and said[:n] + said[n + 1 :] == name for n in range(1, len(said)))
    return len(said) == len(name) - 1 and any(
        name[n] in "aeiou" and name[:n] + name[n + 1 :] == said for n in range(1, len(name))
    )


def spelled(turn: Turn) -> Turn:
    """The turn with its times spelled out."""
    plain = spelled_out(turn.utterance)
    return turn if plain == turn.utterance else replace(turn, text=plain, transcript=None)
