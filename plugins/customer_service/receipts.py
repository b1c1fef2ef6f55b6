"""Company, date and total out of the lines that were read on a receipt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import takewhile

from assistant import TextLine

from .amounts import amounts_in
from .receipt_total import read_total

__all__ = ["Receipt", "find_dates", "parse_receipt"]

Row = list[TextLine]


@dataclass(frozen=True)
class Receipt:
    """Fields of a receipt; "" or None for those that could not be read."""

    company: str = ""
    day: date | None = None
    total: Decimal | None = None
    currency: str = ""
    """as printed, such as "RM" or "€" """
    sure: bool = True
    """False when the total has no label, or the numbers do not add up"""
    other: Decimal | None = None
    """the total by cash and change, or by subtotal and tax, where it is another one"""


def parse_receipt(lines: Sequence[TextLine]) -> Receipt:
    """Read a receipt.

    Args:
        lines: the lines of text with their boxes in pixels, in any order.
    """
    rows = _rows(lines)
    total = read_total([_text(row) for row in rows])
    return Receipt(_company(rows), _day(rows), total.amount, total.currency, total.sure, total.other)


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
    r"\b(?:sdn\.?\s*bhd|s/b|bhd|pvt|pte|ltd|limited|inc|llc|corp|gmbh|kg|plc|sarl|sas|s\.?r\.?l|s\.?p\.?a|b\.?v|oy|aps"
    r"|sp\.?\s*z\s*o\.?\s*o)\b|\b(?:ag|ab|sb|s\.a)(?=\W*(?:\(|$))|有限公司",
    re.IGNORECASE,
)
TRADE = re.compile(
    r"\b(?:enterprise|trading|restaurant|restoran|ristorante|mart|supermarket|supermarkt|market|markt|store|shop|cafe|café"
    r"|bistro|bakery|bäckerei|boulangerie|hardware|pharmacy|apotheke|pharmacie|station\w*|petrol\w*|hotel|kitchen"
    r"|electrical|machinery|holdings?|industries)\b|公司|商店|超市|餐厅|饭店",
    re.IGNORECASE,
)
NO_NAME = re.compile(
    r"\b(?:invoice|receipt|bill|welcome|thank|tel|phone|fax|gst|reg|co\.?\s*no|company no|roc|date|cashier"
    r"|(?:table|lot)\W*(?:no|\d+)|jalan|jln|road|street|taman|www|http|e-?mail|copy|duplicate)\b|@|^\W*no\b\.?\s*\d",
    re.IGNORECASE,
)
HEAD_ROWS, NAME_ROWS, LOUD_ROWS = 9, 5, 3
"""rows from the top in which a legal form, a name, and a name in capitals after one in small letters may stand"""


def _company(rows: Sequence[Row]) -> str:
    # From the first price on, a "café" is something that was bought.
    head = list(takewhile(lambda text: not amounts_in(text), (_text(row).strip() for row in rows[:HEAD_ROWS])))
    for form in (LEGAL_FORM, TRADE):
        for place, text in enumerate(head):
            if form.search(text) and not re.search(r"\binvoice\b|\breceipt\b", text, re.IGNORECASE):
                named = re.sub(
                    r"\s*\(?(?:co\.?|company)?\s*(?:reg|no)?[.:\s]*\d{4,}[-\s]?\w?\)?\s*$", "", text, flags=re.I
                )
                alone = re.fullmatch(r"\W*(?:\(m\)\s*)?(?:sdn\.?\s*bhd|bhd)\W*", named, re.IGNORECASE)
                if place and not TRADE.sub("", re.sub(r"[\W\d_]+|\band\b", " ", text)).strip():
                    return head[place - 1]  # "BISTRO & CAFE" below the name
                return f"{head[place - 1]} {named}".strip() if alone and place else named.strip()
    names = [text for text in head[:NAME_ROWS] if _may_be_name(text)]
    loud = [text for text in names if text.isupper() and text in head[:LOUD_ROWS]]
    return (loud or names or [""])[0]


def _may_be_name(text: str) -> bool:
    """Returns whether a row has enough letters for a name; with as many digits it is a tax or shop number."""
    return sum(map(str.isalpha, text)) >= max(4, 1 + sum(map(str.isdigit, text))) and not NO_NAME.search(text)


# The date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# OCR glues the time to the year ("201812:43") and loses a stroke ("2703/2018").
NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([/.\-])\s?(\d{1,2})\s?\2\s?(20\d\d(?=\d{1,2}:\d)|(?:\d{4}|\d{2})(?!\d))")
GLUED = re.compile(r"(?<!\d)(\d\d)(\d\d)[/.\-](20\d\d)(?!\d)")
TOGETHER = re.compile(r"(?<!\d)(\d\d)(0[1-9]|1[0-2])(20[0-4]\d)(?!\d)")
ISO = re.compile(r"(?<!\d)(20\d\d)\s?[/.\-年]\s?(\d{1,2})\s?[/.\-月]\s?(\d\d(?=\d\d?:\d)|\d{1,2}(?!\d))")
DAY_MONTH = re.compile(r"(?<!\d)(\d{1,2})\s?[-./' ]?\s?([A-Z]{3})[A-Z]*\.?\s?[-./', ]?\s?(20\d\d|\d{2})(?!\d)", re.I)
MONTH_DAY = re.compile(r"([A-Z]{3})[A-Z]*\.?\s?(\d{1,2}),?\s?(20\d\d)(?!\d)", re.IGNORECASE)


_STATE = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
AMERICAN = re.compile(
    rf"\b(?i:{_STATE})[ ,.]{{1,2}}\d{{5}}(?:-\d{{4}})?\b|,[^,\d]*\w[ ,.]{{1,2}}(?:{_STATE})$|(?i:\bsales tax\b)"
    r"|\(\d{3}\)\s?\d{3}-\d{4}(?!\d)"
)
"""a state after its town, or what only tills of North America print"""


def _day(rows: Sequence[Row]) -> date | None:
    """The first date that follows the word "date", has a time beside it, or simply stands there, in this order."""
    month_first = any(AMERICAN.search(_text(row)) for row in rows)
    ranked: list[tuple[int, int, date]] = []
    for place, row in enumerate(rows):
        text = _text(row)
        above = _text(rows[place - 1]) if place else ""
        labelled = re.search(r"\bdate\b|日期", f"{above} {text}", re.IGNORECASE)
        timed = re.search(r"\d{1,2}:\d{2}", text)
        rank = 0 if labelled else 1 if timed else 2
        ranked.extend((rank, place, day) for day in find_dates(text, month_first=month_first))
    return min(ranked)[2] if ranked else None


def find_dates(text: str, *, month_first: bool = False) -> Iterable[date]:
    """The dates in a text, in the order of the ways they are written.

    Args:
        month_first: read 3/4/2026 as the fourth of March, where both numbers can be a month.
    """
    text = re.sub(r"\b0(?=ct)", "O", text)
    for found in GLUED.finditer(text):
        yield from _date(found[3], found[2], found[1])
    for found in TOGETHER.finditer(text):
        yield from _date(found[3], found[2], found[1])
    for found in ISO.finditer(text):
        yield from _date(found[1], found[2], found[3])
    for found in NUMERIC.finditer(text):
        first, second = int(found[1]), int(found[3])
        # Most of the world writes the day first; only a month above 12 proves the other order.
        american = second > 12 >= first or (month_first and first <= 12)
        day, month = (second, first) if american else (first, second)
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
