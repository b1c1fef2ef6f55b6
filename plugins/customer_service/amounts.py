"""Amounts as tills print them: any grouping of digits, decimal point or comma, currency before or behind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from assistant.understanding.entities.money import read_amount

__all__ = ["Amount", "amounts_in", "currency_of"]

_PRINTED = (
    "RM MYR S$ SGD HK$ NT$ A$ C$ R$ US$ USD AUD CAD NZD $ EUR € GBP £ CHF SFr Fr. CNY RMB JPY ¥ ￥ 円 元 KRW ₩ INR Rs."
    " Rs ₹ SEK NOK DKK kr PLN zł CZK Kč HUF Ft TRY TL ₺ RUB ₽ THB ฿ IDR Rp PHP ₱ VND ₫ AED ZAR BRL MXN"
)
"""currencies as they are printed"""
_CURRENCY = "|".join(re.escape(each) for each in sorted(_PRINTED.split(), key=len, reverse=True))
_GROUPED = r"\d{1,3}(?:(?:,\d{2,3})*,\d{3}|(?:\.\d{3})+|(?:[ \u00a0\u202f]\d{3})+|(?:['’‘`´]\d{3})+)"
_AMOUNT = re.compile(
    rf"(?<![\d.,/:'-])(?:(?<![A-Za-z])(?P<before>{_CURRENCY}))?[\s.:]?\s?(?P<sign>-)?(?P<whole>{_GROUPED}|\d{{1,7}}"
    rf"|(?<=\s))(?P<point>\s?[.,]\s?)(?P<cents>\d{{2}})(?![\d%]|[.,]\d)(?:\s?(?P<after>{_CURRENCY})(?![A-Za-z]))?",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    rf"(?:(?<![A-Za-z])(?P<before>{_CURRENCY})[\s:]?\s?(?P<a>{_GROUPED}|\d{{1,9}})(?:[.,]-+)?"
    rf"|(?<![\d.,/:'-])(?P<b>{_GROUPED}|\d{{1,9}})(?:[.,]-+)?\s?(?P<after>{_CURRENCY})(?![A-Za-z]))(?![\d.,:/%])",
    re.IGNORECASE,
)
"""without decimals only beside a currency: ¥1,250 · 899元"""
_COLON = re.compile(
    rf"(?<![\d.,/:'-])({_GROUPED}|\d{{2,7}}):(\d\d)(?![\d:])(?:\s?({_CURRENCY})(?![A-Za-z]))?", re.IGNORECASE
)
"""decimals behind a colon, as in Sweden: 1 584:50"""
LAST_HOUR = 24


@dataclass(frozen=True)
class Amount:
    """A printed amount."""

    value: Decimal
    currency: str = ""
    """as printed; "" for none"""


def amounts_in(text: str) -> list[Amount]:
    """Returns the amounts in a row of a receipt, left to right; without decimals only if no amount has any."""
    return list(_with_decimals(text)) or list(_with_colon(text)) or list(_without(text))


def _with_colon(text: str) -> Iterable[Amount]:
    for found in _COLON.finditer(text):
        whole = int(re.sub(r"[^0-9]", "", found[1]))
        if whole > LAST_HOUR or found[3]:  # no time of the day
            yield Amount(Decimal(f"{whole}.{found[2]}"), found[3] or "")


def _with_decimals(text: str) -> Iterable[Amount]:
    for found in _AMOUNT.finditer(text):
        whole = found["whole"]
        if re.search(r"\s", whole) and "." in found["point"]:
            whole = re.split(r"\s", whole)[-1]  # "2 150.00" is a count and a price; spaces part groups beside a comma
        value = Decimal(f"{re.sub(r'[^0-9]', '', whole) or 0}.{found['cents']}")
        yield Amount(-value if found["sign"] else value, found["before"] or found["after"] or "")


def _without(text: str) -> Iterable[Amount]:
    for found in _WHOLE.finditer(text):
        value = read_amount(re.sub(r"[’‘`´]", "'", found["a"] or found["b"]))
        if value is not None:
            yield Amount(value, found["before"] or found["after"] or "")


def currency_of(texts: Iterable[str]) -> str:
    """The currency that is printed most often; "" for none."""
    pattern = rf"(?<![A-Za-z])(?:{_CURRENCY})(?![A-Za-z])"
    signs = [sign for text in texts for sign in re.findall(pattern, text)]
    return max(signs, key=signs.count) if signs else ""
