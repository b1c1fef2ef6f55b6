"""Chinese text as it is read: numbers as words, and the syllables of each breath."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["breaths", "in_words", "syllables"]

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_SIGNS = r"\u3400-\u9fff"
_NUMBER = re.compile(r"\d[\d,]*\d(?:\.\d+)?|\d(?:\.\d+)?")
_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])")
_YEAR = re.compile(r"(\d{4})(?=年)")
_TWO = re.compile(r"(?<![\d.])2(?=[个件只条张杯本次天块种位台双公斤])")
_PAUSE = re.compile(r"[，、。！？；：,.!?;:（）()「」“”\"…—\n]+")


def in_words(text: str) -> str:
    """Numbers, times and years as they are read aloud: "20:05" is 二十点零五分."""
    text = _TIME.sub(_time, text)
    text = _YEAR.sub(lambda found: "".join(_DIGITS[int(digit)] for digit in found[1]), text)
    text = _TWO.sub("两", text)
    text = re.sub(r"(?<=\d)\s*[-–~～]\s*(?=\d)", "到", text)
    text = re.sub(r"(?<![\w])[-−](?=\d)", "负", text)
    text = text.replace("+", "加").replace("=", "等于").replace("×", "乘").replace("÷", "除以").replace("°", "度")
    return _NUMBER.sub(lambda found: _number(found[0].replace(",", "")), text)


def breaths(text: str) -> Iterator[str]:
    """What is read without a pause: stretches of Chinese signs, and stretches of Latin words."""
    for part in _PAUSE.split(in_words(text)):
        for stretch in re.findall(rf"[{_SIGNS}\s]*[{_SIGNS}]|[^{_SIGNS}]+", part):
            if stretch.strip():
                yield stretch.strip()


def syllables(breath: str) -> list[str]:
    """The syllables of Chinese signs in pinyin, each with its tone, 1 to 5, as they are spoken.

    Raises:
        ImportError: pypinyin is not installed.
    """
    from pypinyin import Style, lazy_pinyin

    found = lazy_pinyin(breath, Style.TONE3, errors="ignore", neutral_tone_with_five=True, tone_sandhi=True)
    return [each for each in found if each[:-1].isalpha() and each[-1:].isdigit()]


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    if hour > 24 or minute > 59:
        return found[0]
    spoken = "整" if not minute else f"{'零' if minute < 10 else ''}{_whole(minute)}分"
    return f"{'两' if hour == 2 else _whole(hour)}点{spoken}"


def _number(digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    if len(whole) > 16 or (len(whole) > 1 and whole.startswith("0")) or (len(whole) > 8 and not fraction):
        spoken = "".join(_DIGITS[int(digit)] for digit in whole)  # a telephone or an order's number
    else:
        spoken = _whole(int(whole))
    return spoken + ("点" + "".join(_DIGITS[int(digit)] for digit in fraction) if fraction else "")


def _whole(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    groups, spoken = [], ""
    while number:
        groups.append(number % 10_000)
        number //= 10_000
    for at in range(len(groups) - 1, -1, -1):
        if groups[at]:
            gap = "零" if spoken and groups[at] < 1_000 else ""
            spoken += gap + _under_ten_thousand(groups[at]) + _GROUPS[at]
    return spoken[1:] if spoken.startswith("一十") else spoken


def _under_ten_thousand(number: int) -> str:
    spoken, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            spoken += ("零" if gap and spoken else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit
    return spoken
