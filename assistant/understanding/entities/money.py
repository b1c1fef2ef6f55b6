"""Amounts of money, percentages and plain numbers, with any grouping of their digits."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from importlib import resources

from assistant.understanding.entities.found import Found
from assistant.understanding.entities.types import AmountRange, Money

__all__ = ["AMOUNT", "find_money", "find_money_ranges", "find_numbers", "find_percentages", "read_amount"]

AMOUNT = r"\d{1,3}(?:[ ,.']\d{2,3}){0,6}(?:[ ,.']\d{3})(?:[.,]\d{1,2})?(?![\d])|\d{1,18}(?:[.,]\d{1,12})?"
"""A number with its groups: 1,26,000.00 · 1'250.00 · 1.111,67 · 1 234,56 (no groups of the expression's own)"""


def _written(table: str) -> dict[str, str]:
    """Sign or word → ISO 4217; "" where several countries share the word."""
    path = resources.files("assistant.understanding.entities").joinpath("currencies.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    named = {word: code.replace("unknown", "") for code, words in data[table].items() for word in words}
    if table == "signs":
        named |= {code: "CNY" if code == "rmb" else code.upper() for code in data["codes"].split()}
    return named


_SIGNS, _WORDS = _written("signs"), _written("words")
_CENTS = r"cents?|pence|pennies|p|centimes?|céntimos?|centesimi"
_SIGN = "|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True))
_NAME = "|".join(sorted(map(re.escape, {**_WORDS, **_SIGNS}), key=len, reverse=True))
_MONEY = re.compile(
    rf"(?<![^\W\d_])(?P<sign>{_SIGN})\s?(?P<a>-?(?:{AMOUNT}))(?P<k>k|m|bn)?(?![\w%])"
    rf"|(?<![A-Za-z0-9_.,-])(?P<b>-?(?:{AMOUNT}))(?P<k2>k)?\s?-?(?P<name>{_NAME})(?![^\W\d_\u4e00-\u9fff\uac00-\ud7af])"
    rf"(?:(?:\s+(?:and\s+|und\s+|et\s+)?)(?P<c>\d{{1,2}})(?:\s?(?:{_CENTS})\b|(?=\s*(?:[.,!?;]|$)))|(?P<hc>\d)(?:毛|角)?(?!\d))?"
    rf"|(?<![A-Za-z0-9_.,])(?P<cents>\d{{1,9}})\s?(?:cents?|pence)\b"
)
_RANGE = re.compile(
    rf"(?<![A-Za-z0-9_.,-])(?P<s1>{_SIGN})?\s?(?P<a>{AMOUNT})\s?(?P<n1>{_NAME})?\s?-\s?(?P<s2>{_SIGN})?\s?(?P<b>{AMOUNT})"
    rf"(?:\s?(?P<n2>{_NAME})(?![^\W\d_\u4e00-\u9fff\uac00-\ud7af])|(?![\w-]))"
)
_PERCENT = re.compile(
    rf"(?<![A-Za-z0-9_.,])(?P<a>[+-]?(?:{AMOUNT}))\s?(?:%|percent\b|per\s?cent\b|pct\b|prozent\b|pour\s?cent\b|por\s?ciento\b"
    rf"|por\s?cento\b|percento\b|per\s?cento\b|procent\b|процент\w{{0,3}})|百分之(?P<b>{AMOUNT})"
)
_UNIT = r"(?:km|cm|mm|mg|kg|g|ml|cl|l|lbs?|oz|m|mph|kb|mb|gb|tb|px|w|kw|v|c|f|x|ft|in)"
_NUMBER = re.compile(
    rf"(?:(?<![A-Za-z0-9_.,)%-])-|(?<![A-Za-z0-9_.,-]))(?:{AMOUNT})(?!(?!{_UNIT}\b)[A-Za-z_]|[0-9]|-\d|[.,:]\d)"
)
_ORDINAL = re.compile(r"(?<![A-Za-z0-9_.,-])(\d{1,9})(?:st|nd|rd|th)\b|第(\d{1,9})")
_DECIMAL_COMMA = frozenset({"de", "fr", "es", "it", "pt", "nl", "pl", "ru", "tr", "sv", "da"})


def read_amount(text: str, language: str = "en") -> Decimal | None:
    """The value of a written number with any grouping, or None.

    A single comma before three digits groups thousands; a single point does where the language writes decimal commas.
    """
    digits = re.sub(r"[\s']", "", text)
    marks = re.findall(r"[.,]", digits)
    if len(set(marks)) == 2 and marks.count(marks[-1]) == 1:
        digits = digits.replace(marks[0], "").replace(marks[-1], ".")
    elif marks:
        tail = len(digits) - digits.rindex(marks[-1]) - 1
        comma_is_decimal = language in _DECIMAL_COMMA
        grouped = len(marks) > 1 or (tail == 3 and not digits.startswith("0") and (marks[0] == ",") != comma_is_decimal)
        digits = digits.replace(marks[0], "" if grouped else ".")
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def find_money(text: str, language: str = "en") -> Iterator[Found]:
    """Every amount of money in a reading."""
    chinese = language == "zh" or bool(re.search("[\u4e00-\u9fff]", text))
    for match in _MONEY.finditer(text):
        if match["cents"]:
            amount, currency = Decimal(match["cents"]) / 100, "USD" if "cent" in match.group() else "GBP"
            yield Found("money", Money(amount, "" if "cent" in match.group() else currency), match.start(), match.end())
            continue
        read = read_amount(match["a"] or match["b"], language)
        if read is None:
            continue
        word = match["sign"] or match["name"]
        currency = _SIGNS.get(word) or _WORDS.get(word, "")
        if word == "¥" and chinese:
            currency = "CNY"
        scale = {"k": 1000, "m": 1_000_000, "bn": 1_000_000_000}.get(match["k"] or match["k2"] or "", 1)
        more = Decimal(match["c"] or 0) / 100 + Decimal(match["hc"] or 0) / 10
        yield Found("money", Money(read * scale + more, currency), match.start(), match.end())


def find_money_ranges(text: str, language: str = "en") -> Iterator[Found]:
    """Every range of amounts that is written with a dash or "to": "$5-10", "10€ - 20€"."""
    for match in _RANGE.finditer(text):
        signs = [match[name] for name in ("s1", "n1", "s2", "n2") if match[name]]
        low, high = read_amount(match["a"], language), read_amount(match["b"], language)
        if signs and low is not None and high is not None and low < high:
            currency = _SIGNS.get(signs[-1]) or _WORDS.get(signs[-1], "")
            yield Found("money_range", AmountRange(low, high, currency), match.start(), match.end())


def find_percentages(text: str, language: str = "en") -> Iterator[Found]:
    """Every percentage in a reading: 15 for "15 %"; a Chinese discount such as 8折 is none."""
    for match in _PERCENT.finditer(text):
        value = read_amount(match["a"] or match["b"], language)
        if value is not None:
            yield Found("percentage", _plain(value), match.start(), match.end())


def find_numbers(text: str, language: str = "en") -> Iterator[Found]:
    """Every plain number and ordinal in a reading."""
    for match in _ORDINAL.finditer(text):
        yield Found("ordinal", int(match[1] or match[2]), match.start(), match.end())
    for match in _NUMBER.finditer(text):
        written = match.group()
        pieces = [(match.start(), written)]
        if " " in written and not re.search(r"[ ]\d{3}[.,]\d", written):  # "1 234" may be two numbers
            pieces = [(match.start() + piece.start(), piece.group()) for piece in re.finditer(r"\S+", written)]
        for start, piece in pieces:
            value = read_amount(piece, language)
            if value is not None:
                yield Found("number", _plain(value), start, start + len(piece))


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() and abs(value) < 10**18 else float(value)
