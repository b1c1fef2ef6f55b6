"""Writes mathematics with plain ASCII signs: digits of any script, separators, fractions, powers, operators."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["in_plain_signs"]

SIGNS: dict[str, str] = {
    **dict.fromkeys("×·⋅∙•✕✖∗", "*"),
    **dict.fromkeys("−–—‒﹣", "-"),
    **dict.fromkeys('“”"«»「」`', " "),
    **dict.fromkeys("≤⩽≦", "<="),
    **dict.fromkeys("≥⩾≧", ">="),
    **dict.fromkeys("‘’", "'"),
    **dict(zip("。、∶⁄[]{}", ";,:/()()", strict=True)),
    "，": ", ",
    "÷": " ÷ ",
    "√": " sqrt ",
    "∛": " cbrt ",
    "π": " pi ",
    "∞": " oo ",
    "∫": " integral ",
    "°": " deg ",
    "→": " -> ",
}
POWERS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿˣ", "0123456789+-nx", strict=True))
POWER = re.compile(f"[{''.join(POWERS)}]+")
FRACTION = re.compile("([0-9]*) ?([½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒])")

GROUPS = re.compile(r"(?<![\w.,])(\d{1,3})((?:[ ']\d{3})+)(?![\d']| \d)")
COMMA_GROUPS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])")
POINT_GROUPS = re.compile(r"(?<![\w.,])\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})(?![\d,.]\d|\d)")
DECIMAL_COMMA = re.compile(r"(?<![\d,.])(\d+),(\d+)(?![\d,])")
ONE_GROUP = re.compile(r"\d{1,3},\d{3}")
SHORT = re.compile(r"(?<=[a-z])'(?:s|re|d|ll|ve|m|t)\b")
"""what's, I'd, they're"""
MIXED = re.compile(r"(?<![\w.^/*)])(\d+) +(\d+)/(\d+)(?![\d.])")


def in_plain_signs(text: str, notes: list[str]) -> str:
    """Rewrites a text for the parser.

    Args:
        text: as it was typed or read from a picture.
        notes: gets a line for every reading that could have been another.
    """
    text = POWER.sub(lambda found: f"^({''.join(POWERS[sign] for sign in found[0])})", text)
    text = FRACTION.sub(_vulgar, text)
    text = unicodedata.normalize("NFKC", text.translate({ord(sign): plain for sign, plain in SIGNS.items()}))
    digits = (str(unicodedata.decimal(char, char)) if not char.isascii() else char for char in text)
    return MIXED.sub(_mixed, _numbers(SHORT.sub(" ", "".join(digits)), notes))


def _vulgar(found: re.Match[str]) -> str:
    fraction = unicodedata.normalize("NFKC", found[2]).replace("⁄", "/")
    return f"({found[1]}+{fraction})" if found[1] else f"({fraction})"


def _numbers(text: str, notes: list[str]) -> str:
    """Numbers without groups, and with a decimal point."""
    text = GROUPS.sub(lambda found: re.sub(r"\D", "", found[0]), text)
    text = POINT_GROUPS.sub(lambda found: found[0].replace(".", "").replace(",", "."), text)
    rest = COMMA_GROUPS.sub("", text)
    decimal_commas = bool(DECIMAL_COMMA.search(rest))

    def grouped(found: re.Match[str]) -> str:
        if decimal_commas and ONE_GROUP.fullmatch(found[0]):
            notes.append(f"{found[0]}: {found[0].replace(',', '.')}")
            return found[0].replace(",", ".")
        return found[0].replace(",", "")

    return DECIMAL_COMMA.sub(r"\1.\2", COMMA_GROUPS.sub(grouped, text))


def _mixed(found: re.Match[str]) -> str:
    """3 1/2 is three and a half."""
    whole, top, bottom = found.groups()
    return f"({whole}+{top}/{bottom})" if 0 < int(top) < int(bottom) else found[0]
