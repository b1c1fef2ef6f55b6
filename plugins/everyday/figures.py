"""The figures of a sentence with what they stand for: "3 lattes at 3.60", 打七折, "two thirds of 96"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from .sums import with_cents, without_currency

__all__ = ["Figure", "Masked", "masked"]

NUMBER = re.compile(r"(?<![\d.])-?\d+(?:\.\d+)?(?![\d])")
GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
WORDS = (
    (re.compile(r"\b(\d+(?:\.\d+)?) and (?:a |1 )?half\b"), r"\1.5"),
    (re.compile(r"(?<=\d)个半(?!价)|(?<=\d)(?=[斤里米年天瓶箱])[\u4e00-\u9fff]半"), ".5"),
    (re.compile(r"百分之(\d+(?:\.\d+)?)"), r"\1%"),
    (re.compile(r"(?<=\d) ?(?:percent|per cent|pct)\b"), "%"),
    (re.compile(r"(\d+)分之(\d+)"), r"⟨\2/\1⟩"),
    (re.compile(r"打?(\d)(\d?)折"), r"折⟨\1\2/1\2折⟩"),
    (re.compile(r"\b(\d+) (?:3ths?|thirds?)\b"), r"⟨\1/3⟩"),
    (re.compile(r"\b(\d+) (?:quarters?|4ths?)\b"), r"⟨\1/4⟩"),
    (re.compile(r"\b(\d+) (\d+)ths\b"), r"⟨\1/\2⟩"),
    (re.compile(r"\b(?:an?|the|1) (?:3th|third)\b"), "⟨1/3⟩"),
    (re.compile(r"\b(?:an?|the|1) (?:quarter|4th)\b"), "⟨1/4⟩"),
    (re.compile(r"\b(?:an?|1) (\d+)th\b"), r"⟨1/\1⟩"),
)
CENTS = re.compile(r"(?<![\d.])(\d{1,2}) ?(?:cents?|pence|p)\b")
FOLDED = re.compile(r"⟨(\d+)/(\d+)(折?)⟩")
IDLE = (
    (
        re.compile(
            r"(?<![\d一二三四五六七八九十百千万两.])一(?=[\u4e00-\u9fff])(?![加减乘除的比占百千万亿十二三四五六七八九])"
        ),
        "壹",
    ),
    (re.compile(r"(?<=[同统唯万第])一(?![\d十百千万])"), "壹"),
    (re.compile("(?<![一每两二三四五六七八九十个])(周|星期|礼拜)[一二三四五六日]"), r"\1某"),
    (
        re.compile(
            r"\bone(?= (?:of|was|is|'s|for|than|side)\b|s\b|\W*$)|(?<=\d )one\b|(?<=this )one\b"
            r"|(?<=that )one\b|(?<=the )one\b|(?<=each )one\b",
            re.IGNORECASE,
        ),
        "single",
    ),
    (re.compile(r"\bhalf (?:a )?dozen\b", re.IGNORECASE), "6"),
)
"""number words that count nothing, and one that does"""


@dataclass(frozen=True)
class Figure:
    """A number in a sentence."""

    value: Fraction
    shown: str
    """as signs for `arithmetic.value_of`"""
    kind: str
    """ "percent" or "plain" """


@dataclass(frozen=True)
class Masked:
    """A sentence with its numbers taken out."""

    text: str
    """in small letters, each number as ``#``"""
    figures: tuple[Figure, ...]
    currency: str


def masked(text: str) -> Masked | None:
    """A sentence with its numbers apart; None where two currencies are named."""
    from assistant.understanding.entities.reading import read_in_digits

    own = text
    for pattern, new in IDLE:
        own = pattern.sub(new, own)
    plain = GROUPED.sub("", " ".join(read_in_digits(own).text.split()))
    for pattern, new in WORDS:
        plain = pattern.sub(new, plain)
    plain = re.sub(r"(?<=[块元钱])(?=\d)", "，", with_cents(plain))
    bare, currency = without_currency(plain)
    if bare is None:  # "45 cents each plus a loaf for 2 euros"
        bare, currency = without_currency(CENTS.sub(lambda found: f"{int(found[1]) / 100:g}", plain))
    if bare is None:
        return None
    plain = bare
    figures: list[Figure] = []
    out: list[str] = []
    place = 0
    for found in re.finditer(rf"{FOLDED.pattern}|({NUMBER.pattern})(%?)", plain):
        out += [plain[place : found.start()], "%#" if found[5] else "#"]
        place = found.end()
        if found[1]:
            top, bottom = int(found[1]), int(found[2]) if not found[3] else 10 ** len(found[1])
            if not bottom:
                return None
            value = Fraction(top, bottom)
            figures.append(Figure(value, f"{float(value):g}" if found[3] else f"({top}/{bottom})", "plain"))
        else:
            figures.append(Figure(Fraction(found[4]), found[4], "percent" if found[5] else "plain"))
    return Masked("".join([*out, plain[place:]]), tuple(figures), currency)
