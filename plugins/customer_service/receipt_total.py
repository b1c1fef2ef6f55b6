"""The total of a receipt, checked against what was paid and given back, and against its items and tax."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .amounts import Amount, amounts_in, currency_of

__all__ = ["Total", "read_total"]

LABELS: tuple[tuple[int, str], ...] = (
    (6, r"grand\s*total|round(?:e|\s)?d\s*total|total\s*round(?:e|\s)?d|total\s*after|nett?\s*total|total\s*nett?"),
    (6, r"amount\s*due|total\s*(?:due|to\s*pay|payment|am\w*\s*pay)|pay[ae]b[li]e|balance\s*due|应付|实付"),
    (
        6,
        r"zu\s*zahlen|zahlbetrag|endbetrag|net\s*[aà]\s*payer|[aà]\s*payer|da\s*pagare|a\s*pagar|att\s*betala|te\s*betalen",
    ),
    (
        5,
        (
            r"total.{0,16}[il1]nc[li1u]|a[mn]ount\s*[il1]nc[li1]|\([il1]nc[li]\w*\s*(?:of\s*)?gst|total.{0,4}with\s*gst"
            r"|total\s*ttc|合计|总计|总额|合計|總計"
        ),
    ),
    (5, r"total\s*am\w*t|total\s*sal\w*|total\s*bill|total\s*gross|totale\s*compless\w*|gesamt(?:betrag|summe)?\b"),
    (
        4,
        (
            r"(?:^|\W)t[o0]ta[l1i](?:\W|rm|$)|\bsumm[ea]\b|gesamt|totale|totaal|\bsuma\b|celkem|toplam|итого|ยอดรวม"
            r"|j[uú]mlah|montant|importe"
        ),
    ),
    (2, r"\bamount\b|\bbetrag\b|^\W*(?:visa|master\s*card|debit|card|karte|carte|tarjeta|carta)\b"),
)
NO_TOTAL = re.compile(
    r"s[uù]\w?\s*-?\s*t[o0c]ta[l1i]|suo\s*total|sous[- ]total|zwischensumme|subtotaal|delsumma"
    r"|total\s*(?:qty|quan\w*|[il1]te[im]\w*|disc|saving|point|tax|ht\b)|qty|item\(s\)"
    r"|included\s*in|of\s*which|\bdont\b|di\s*cui|davon|enthalten|inbegriffen|exclu|excl\b|without|discount|saving|change|points|accepted|paid\s*amount|小计|小計|找零|rounding\s*ad|rabatt|remise",
    re.IGNORECASE,
)
TAX = re.compile(
    r"\b(?:gst|sst|vat|tax|cgst|sgst|igst|mwst|ust|tva|iva|btw|moms|ptu|kdv|dph|hst|pst|消费税)\b|税", re.IGNORECASE
)
TAX_ONLY = re.compile(
    r"total\s*(?:g.t|sst)|(?:tax|gst|sst|vat|mwst|ust|tva|iva|btw|moms)\s*(?:total|pay)"
    r"|(?:gst|tax)\s*(?:am\w*t|summary|code|@|\d)|税额|^\W*(?:mwst|ust|tva|iva|btw|moms|vat|ptu|dph|kdv)\b",
    re.IGNORECASE,
)
INCLUSIVE = re.compile(r"[il1]nc[li1u]", re.IGNORECASE)
SUMMARY = re.compile(r"(?:gst|tax|sst)\s*(?:summary|code|analysis)|taxab", re.IGNORECASE)
ROUNDING = re.compile(r"round", re.IGNORECASE)
PAID = re.compile(
    r"\bcash\b(?!\s*bill)|\btendered\b|\breceived\b|^\W*bar\b|gegeben|esp[eè]ces|contanti?\b|efectivo|kontant|got[oó]wka"
    r"|dinheiro|tunai|nakit|现金|实收|お預",
    re.IGNORECASE,
)
CHANGE = re.compile(
    r"\bchange\b|r[uü]e?ckgeld|zur[uü]e?ck\b|rendu|monnaie|resto\b|cambio|terug|v[aä]xel|tillbaka|reszta|troco|\bbaki\b"
    r"|para\s*üstü|找零|找回|お釣",
    re.IGNORECASE,
)
SUBTOTAL = re.compile(r"s[uù]b\w?\s*-?\s*t[o0c]ta[l1i]|sous[- ]total|zwischensumme|subtotaal|小计|小計", re.IGNORECASE)
ADJUSTS = re.compile(
    r"round|disc|serv|\btip|rabatt|remise|saving|voucher|coupon|deposit|pfand|优惠|折扣", re.IGNORECASE
)
"""what adds or takes away something between subtotal and total"""
WITHIN = Decimal("0.05")
"""difference that rounding to coins explains"""


@dataclass(frozen=True)
class Total:
    """Total of a receipt."""

    amount: Decimal | None = None
    currency: str = ""
    """as printed"""
    sure: bool = False
    """whether a label or a sum says so, and nothing on the receipt speaks against it"""
    other: Decimal | None = None
    """what it would be by cash and change, or by items and tax, where that disagrees"""


def read_total(rows: Sequence[str]) -> Total:
    """The total of a receipt.

    Args:
        rows: its text, row by row.
    """
    found: list[tuple[int, int, Amount]] = []
    rounded = 0
    for place, text in enumerate(rows):
        if SUMMARY.search(text) and found:
            break  # what follows are the sums of the tax table
        # Where a receipt rounds, the total comes after the rounding.
        rounded = 3 if ROUNDING.search(text) and found else rounded
        weight = _weight(text)
        if not weight:
            continue
        amounts = amounts_in(text) or (amounts_in(rows[place + 1]) if place + 1 < len(rows) and weight > 2 else [])
        if amounts:
            found.append((weight + (rounded if weight > 2 else 0), place, amounts[-1]))
    if any(amount.value > 0 for _, _, amount in found):  # nothing is left to pay after a card or a voucher
        found = [each for each in found if each[2].value != 0]
    handed = _handed_over(rows)
    if not found:
        added = _added_up(rows)
        known = handed or ({added} if added is not None else _without_label(rows))
        return Total(max(known, default=None), currency_of(rows), added is not None and added in known)
    _, place, best = max(found, key=lambda each: (each[0], each[2].value in handed, each[1]))
    best = _with_what_follows(rows, place, best)
    currency = best.currency or currency_of(rows)
    if handed:
        near = min(handed, key=lambda each: abs(best.value - each))
        agrees = abs(best.value - near) <= WITHIN
        # What was handed over is what was paid once the cents were rounded.
        amount = near if agrees and any(ROUNDING.search(row) for row in rows) else best.value
        return Total(amount, currency, agrees, None if agrees else max(handed))
    return Total(best.value, currency, True, _by_items(rows, place, best.value))


def _weight(text: str) -> int:
    """Returns how surely a row states the total, 0 (not at all) to 6."""
    if NO_TOTAL.search(text) or (TAX_ONLY.search(text) and not INCLUSIVE.search(text)):
        return 0
    return next((weight for weight, label in LABELS if re.search(label, text, re.IGNORECASE)), 0)


def _handed_over(rows: Sequence[str]) -> set[Decimal]:
    """Returns possible totals: cash given minus change; empty if either is missing."""
    back = {amount.value for row in rows if CHANGE.search(row) for amount in amounts_in(row)}
    paid = {amount.value for row in rows if PAID.search(row) and not CHANGE.search(row) for amount in amounts_in(row)}
    return {given - change for given in paid for change in back if given > change}


def _added_up(rows: Sequence[str]) -> Decimal | None:
    """The last amount that is the sum of those right above it, in any language; else one that is printed again."""
    printed = [amounts[-1].value for row in rows if not CHANGE.search(row) and (amounts := amounts_in(row))]
    sums = [value for place, value in enumerate(printed) if _is_sum(value, printed[:place])]
    again = [value for value in printed if value > 0 and printed.count(value) > 1]
    return max(sums, key=lambda value: value in again) if sums else max(again, default=None)


def _is_sum(value: Decimal, above: Sequence[Decimal]) -> bool:
    left, count = value, 0
    for each in reversed(above):
        left, count = left - each, count + 1
        if not left and count > 1 and value > 0:
            return True
    return False


def _with_what_follows(rows: Sequence[str], place: int, total: Amount) -> Amount:
    """Adds a tip or tax that is printed below the total."""
    added: list[Decimal] = []
    for row in rows[place + 1 :]:
        if PAID.search(row) or CHANGE.search(row):
            continue
        for amount in amounts_in(row)[-1:]:
            if amount.value - total.value in added:
                return replace(total, value=amount.value)
            if 0 < amount.value < total.value:
                added.append(amount.value)
    return total


def _without_label(rows: Sequence[str]) -> set[Decimal]:
    """Returns the amounts paid on a receipt without a labelled total, or else its subtotals."""
    for label in (PAID, SUBTOTAL):
        for place, row in enumerate(rows):
            if label.search(row) and (found := amounts_in(row) or amounts_in(" ".join(rows[place + 1 : place + 2]))):
                return {found[-1].value}
    return set()


def _by_items(rows: Sequence[str], place: int, total: Decimal) -> Decimal | None:
    """The subtotal with its tax, where both are printed and disagree with the total; None otherwise."""
    before = [(row, amounts[-1].value) for row in rows[:place] if (amounts := amounts_in(row))]
    if any(ADJUSTS.search(row) for row in rows[:place]):  # a discount or a tip comes between
        return None
    subtotals = [value for row, value in before if SUBTOTAL.search(row)]
    taxes = {value for row, value in before if TAX.search(row) and not SUBTOTAL.search(row)}
    if not subtotals or not taxes:
        return None
    fitting = (subtotals[-1], subtotals[-1] + sum(taxes))  # prices with their tax, or without
    return None if any(abs(total - each) <= WITHIN for each in fitting) else fitting[1]
