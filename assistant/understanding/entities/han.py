"""Chinese numerals."""

from __future__ import annotations

import re

__all__ = ["HAN_NUMERAL", "read_han"]

_VALUES = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2, "幺": 1}
_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_CHARS = "".join([*_VALUES, *_UNITS])
_DIGITS = "".join(_VALUES)

HAN_NUMERAL = re.compile(
    rf"(?<=[周週期拜])[一二三四五六](?=[{_CHARS}]{{1,3}}[点點])|"  # 周五五点 is Friday at five
    r"(?!一[下些样起直定般切旦会共致半]|(?<![点點])十分(?!钟)|万一|千万[别不要])"
    rf"(?<![万千百十])(?:(?<!\d)\d{{1,12}}(?:\.\d{{1,6}})?[十百千万萬亿億]{{1,3}}(?:\d{{1,4}}[十百千万]{{0,2}}){{0,3}}|[{_CHARS}]{{1,24}})(?:点[{_DIGITS}]{{1,12}}(?![十分刻]))?(?![{_CHARS}])"
)
"""A numeral; words such as 一下 and 万一 are left out."""
_WORDS = re.compile(r"[十百千万萬亿億]{2,}|[万萬亿億千百]")


def read_han(text: str) -> str | None:
    """A numeral such as 两千三百, 一零零一 or 3.5万 in digits, or None where it is none."""
    if text[0].isdecimal():
        return _mixed(text)
    whole, _, fraction = text.partition("点")
    if _WORDS.fullmatch(whole):
        return None
    digits = "".join(str(_VALUES[char]) for char in fraction)
    return f"{_integer(whole)}.{digits}" if digits else _integer(whole)


def _mixed(text: str) -> str:
    """3.5万 and 1万5千; 1万5 is 15000."""
    total, last = 0.0, 1
    for digits, units in re.findall(r"(\d+(?:\.\d+)?)([十百千万萬亿億]*)", text):
        scale = 1
        for unit in units:
            scale *= _UNITS[unit]
        if not units and len(digits) == 1 and last >= 100:
            scale = last // 10
        total, last = total + float(digits) * scale, scale
    return f"{total:.4f}".rstrip("0").rstrip(".")


def _integer(text: str) -> str:
    if all(char in _VALUES for char in text):  # digit by digit, such as 二零二六
        return "".join(str(_VALUES[char]) for char in text)
    total, section, digit, last = 0, 0, 0, 1
    for at, char in enumerate(text):
        if char in _VALUES:
            digit = _VALUES[char]
            last = 1 if digit == 0 else last
        elif (unit := _UNITS[char]) < 10_000:
            section += (digit or (1 if at == 0 or unit == 10 else 0)) * unit
            digit, last = 0, unit
        else:
            total = (total + section + digit) * unit
            section, digit, last = 0, 0, unit
    if digit and last >= 100 and text[-1] in _VALUES:
        digit *= last // 10  # 两百五 is 250
    return str(total + section + digit)
