"""Company, date and total out of the lines that were read on a receipt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assistant import TextLine

__all__ = ["Receipt", "find_dates", "parse_receipt"]

Row = list[TextLine]


@dataclass(frozen=True)
class Receipt:
    """What a receipt says; "" or None for what could not be read."""

    company: str = ""
    day: date | None = None
    total: Decimal | None = None
    currency: str = ""
    """as printed, such as "RM" or "€" """
    sure: bool = True
    """False when the lines behind it were hard to read or the numbers do not add up"""


def parse_receipt(lines: Sequence[TextLine]) -> Receipt:
    """Read a receipt.

    Args:
        lines: the lines of text with their boxes in pixels, in any order.
    """
    rows = _rows(lines)
    total, currency, sure = _total(rows)
    return Receipt(_company(rows), _day(rows), total, currency, sure)


ALIGNED = 0.55
"""distance of middles, in line heights, up to which two lines stand in one row"""


def _rows(lines: Sequence[TextLine]) -> list[Row]:
    """Lines whose middles lie beside each other, left to right, top to bottom."""
    rows: list[Row] = []
    for line in sorted(lines, key=_middle):
        # Against the row's first line, not its last: on a slanted photo a chain of neighbours would join all rows.
        first = rows[-1][0] if rows else line
        if rows and abs(_middle(line) - _middle(first)) < ALIGNED * min(_height(line), _height(first)):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box[0]) for row in rows]


def _middle(line: TextLine) -> float:
    return (line.box[1] + line.box[3]) / 2


def _height(line: TextLine) -> float:
    return line.box[3] - line.box[1]


def _text(row: Row) -> str:
    return " ".join(line.text for line in row)


# The company

LEGAL_FORM = re.compile(
    r"\b(?:sdn\.?\s*bhd|s/b|bhd|enterprise|trading|restaurant|restoran|mart|market|store|shop|cafe|bakery|hardware|"
    r"pharmacy|station\w*|petrol\w*|ltd|limited|inc|llc|gmbh|plc|hotel|kitchen|electrical|machinery|holdings?|industries)\b"
    r"|公司|商店|超市|餐厅|饭店",
    re.IGNORECASE,
)
NO_NAME = re.compile(
    r"\b(?:invoice|receipt|bill|welcome|thank|tel|phone|fax|gst|reg|co\.?\s*no|company no|roc|date|cashier|table|lot|"
    r"jalan|jln|road|street|no\.?\s*\d|taman|www|http|e-?mail|copy|duplicate)\b|@",
    re.IGNORECASE,
)
HEAD_ROWS = 9


def _company(rows: Sequence[Row]) -> str:
    head = [_text(row).strip() for row in rows[:HEAD_ROWS]]
    for place, text in enumerate(head):
        if LEGAL_FORM.search(text) and not re.search(r"\binvoice\b|\breceipt\b", text, re.IGNORECASE):
            named = re.sub(r"\s*\(?(?:co\.?|company)?\s*(?:reg|no)?[.:\s]*\d{4,}[-\s]?\w?\)?\s*$", "", text, flags=re.I)
            alone = re.fullmatch(r"\W*(?:\(m\)\s*)?(?:sdn\.?\s*bhd|bhd)\W*", named, re.IGNORECASE)
            return f"{head[place - 1]} {named}".strip() if alone and place else named.strip()
    names = [text for text in head[:5] if sum(map(str.isalpha, text)) >= 4 and not NO_NAME.search(text)]
    loud = [text for text in names if text.isupper()]
    return (loud or names or [""])[0]


# The date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# OCR glues the time to the year ("201812:43") and loses a stroke ("2703/2018").
NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([/.\-])\s?(\d{1,2})\s?\2\s?(20\d\d(?=\d{1,2}:\d)|(?:\d{4}|\d{2})(?!\d))")
GLUED = re.compile(r"(?<!\d)(\d\d)(\d\d)[/.\-](20\d\d)(?!\d)")
ISO = re.compile(r"(?<!\d)(20\d\d)\s?[/.\-年]\s?(\d{1,2})\s?[/.\-月]\s?(\d{1,2})(?!\d)")
DAY_MONTH = re.compile(r"(?<!\d)(\d{1,2})\s?[-./' ]?\s?([A-Z]{3})[A-Z]*\.?\s?[-./', ]?\s?(20\d\d|\d{2})(?!\d)", re.I)
MONTH_DAY = re.compile(r"([A-Z]{3})[A-Z]*\.?\s?(\d{1,2}),?\s?(20\d\d)(?!\d)", re.IGNORECASE)


def _day(rows: Sequence[Row]) -> date | None:
    """The first date that follows the word "date", has a time beside it, or simply stands there, in this order."""
    ranked: list[tuple[int, int, date]] = []
    for place, row in enumerate(rows):
        text = _text(row)
        above = _text(rows[place - 1]) if place else ""
        labelled = re.search(r"\bdate\b|日期", f"{above} {text}", re.IGNORECASE)
        timed = re.search(r"\d{1,2}:\d{2}", text)
        rank = 0 if labelled else 1 if timed else 2
        ranked.extend((rank, place, day) for day in find_dates(text))
    return min(ranked)[2] if ranked else None


def find_dates(text: str) -> Iterable[date]:
    """The dates in a text, in the order of the ways they are written."""
    text = re.sub(r"\b0(?=ct)", "O", text)
    for found in GLUED.finditer(text):
        yield from _date(found[3], found[2], found[1])
    for found in ISO.finditer(text):
        yield from _date(found[1], found[2], found[3])
    for found in NUMERIC.finditer(text):
        first, second = int(found[1]), int(found[3])
        # Most of the world writes the day first; only a month above 12 proves the other order.
        day, month = (second, first) if second > 12 >= first else (first, second)
        yield from _date(found[4], month, day)
    for found in DAY_MONTH.finditer(text):
        if found[2].lower() in MONTHS:
            yield from _date(found[3], MONTHS.index(found[2].lower()) + 1, found[1])
    for found in MONTH_DAY.finditer(text):
        if found[1].lower() in MONTHS:
            yield from _date(found[3], MONTHS.index(found[1].lower()) + 1, found[2])


def _date(year: str, month: str | int, day: str | int) -> Iterable[date]:
    try:
        yield date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return


# The total

AMOUNT = re.compile(
    r"(?<![\d.,/:-])(?P<currency>RM|USD|EUR|CNY|GBP|\$|€|£|¥|￥)?\s?(?P<sign>-)?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,7})\s?[.,]\s?(?P<cents>\d{2})(?![\d%])",
    re.IGNORECASE,
)
LABELS: tuple[tuple[int, str], ...] = (
    (6, r"grand\s*total|round(?:e|\s)?d\s*total|total\s*round(?:e|\s)?d|total\s*after|nett?\s*total|total\s*nett?"),
    (6, r"amount\s*due|total\s*(?:due|to\s*pay|payment|am\w*\s*pay)|pay[ae]b[li]e|balance\s*due|应付|实付"),
    (
        5,
        r"total.{0,16}[il1]nc[li1u]|a[mn]ount\s*[il1]nc[li1]|\([il1]nc[li]\w*\s*(?:of\s*)?gst|total.{0,4}with\s*gst|合计|总计|总额",
    ),
    (5, r"total\s*am\w*t|total\s*sal\w*|total\s*bill|total\s*gross"),
    (4, r"(?:^|\W)t[o0]ta[l1i](?:\W|rm|$)|summe|gesamt|totale"),
    (2, r"\bamount\b|^\W*(?:visa|master\s*card|debit|card)\b"),
)
NO_TOTAL = re.compile(
    r"s[uù]\w?\s*-?\s*t[o0c]ta[l1i]|suo\s*total|total\s*(?:qty|quan\w*|[il1]te[im]\w*|disc|saving|point|tax)|qty|item\(s\)|"
    r"exclu|excl\b|without|discount|saving|change|points|accepted|paid\s*amount|小计|找零|rounding\s*ad",
    re.IGNORECASE,
)
TAX_ONLY = re.compile(
    r"total\s*(?:g.t|sst)|(?:tax|gst|sst)\s*(?:total|pay)|(?:gst|tax)\s*(?:am\w*t|summary|code|@|\d)|税额",
    re.IGNORECASE,
)
INCLUSIVE = re.compile(r"[il1]nc[li1u]", re.IGNORECASE)
SUMMARY = re.compile(r"(?:gst|tax|sst)\s*(?:summary|code|analysis)|taxab", re.IGNORECASE)
ROUNDING = re.compile(r"round", re.IGNORECASE)
PAID = re.compile(r"\bcash\b(?!\s*bill)|\btendered\b|\breceived\b|现金", re.IGNORECASE)
CHANGE = re.compile(r"\bchange\b|找零", re.IGNORECASE)


def _total(rows: Sequence[Row]) -> tuple[Decimal | None, str, bool]:
    """The total, its currency, and whether to trust it."""
    found: list[tuple[int, int, Decimal, str]] = []
    rounded = 0
    for place, row in enumerate(rows):
        text = _text(row)
        if SUMMARY.search(text) and found:
            break  # what follows are the sums of the tax table
        # Where a receipt rounds, the total comes after the rounding.
        rounded = 3 if ROUNDING.search(text) and found else rounded
        weight = _weight(text)
        if not weight:
            continue
        amounts = _amounts(text) or (_amounts(_text(rows[place + 1])) if place + 1 < len(rows) and weight > 2 else [])
        if amounts:
            amount, currency = amounts[-1]
            found.append((weight + (rounded if weight > 2 else 0), place, amount, currency))
    handed = _handed_over(rows)
    if not found:
        return max(handed, default=None), _currency(rows), False
    _, _, amount, currency = max(found, key=lambda each: (each[0], each[2] in handed, each[1]))
    return amount, currency or _currency(rows), not handed or amount in handed


def _weight(text: str) -> int:
    """How surely a row states the total, 0 (not at all) to 6."""
    if NO_TOTAL.search(text) or (TAX_ONLY.search(text) and not INCLUSIVE.search(text)):
        return 0
    return next((weight for weight, label in LABELS if re.search(label, text, re.IGNORECASE)), 0)


def _handed_over(rows: Sequence[Row]) -> set[Decimal]:
    """What the total can be by what was paid in cash and given back; empty when either is not there."""
    paid = {amount for row in rows if PAID.search(_text(row)) for amount, _ in _amounts(_text(row))}
    change = {amount for row in rows if CHANGE.search(_text(row)) for amount, _ in _amounts(_text(row))}
    return {given - back for given in paid for back in change if given > back}


def _amounts(text: str) -> list[tuple[Decimal, str]]:
    amounts = []
    for found in AMOUNT.finditer(text):
        value = Decimal(f"{found['whole'].replace(',', '')}.{found['cents']}")
        amounts.append((-value if found["sign"] else value, found["currency"] or ""))
    return amounts


def _currency(rows: Sequence[Row]) -> str:
    signs = re.findall(r"\bRM\b|USD|EUR|CNY|GBP|[$€£¥￥]", " ".join(_text(row) for row in rows))
    return max(signs, key=signs.count) if signs else ""
