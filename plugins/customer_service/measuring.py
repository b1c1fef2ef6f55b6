"""Measures how well receipts are read: each field beside its ceiling, the receipts whose text holds the right value."""

from __future__ import annotations

import csv
import difflib
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assistant import AssistantError, Picture, Services, TextLine, UserError
from assistant.terminal.report import Peer, Report, Row, percent
from assistant.terminal.steps import StepProgress

from .receipts import find_dates, parse_receipt

__all__ = ["FIELDS", "ReceiptReport", "measure_receipts"]

FIELDS = ("company", "company, nearly", "date", "total")
GOALS = {"company": 83, "date": 93, "total": 97}
"""field → least per cent read right"""
NEARLY = 0.8
"""share of matching letters from which a company's name is nearly right"""


@dataclass
class ReceiptReport:
    """Counts over a folder of receipts."""

    receipts: int = 0
    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    """field → receipts on which it was read right"""
    there: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    """field → receipts whose text, as it was read, holds the right value somewhere"""
    seconds: float = 0.0
    """for reading the text of all"""
    peer_seconds: float = 0.0
    """the same by RapidOCR as it comes, receipt by receipt in turn; 0 where it was not asked for"""
    unread: list[str] = field(default_factory=list)
    """files that could not be opened, and why"""

    def report(self) -> Report:
        """Makes the report: shares of receipts, each with its ceiling."""
        count = self.receipts or 1
        rows = []
        for name in FIELDS:
            rows.append(percent(f"{name}: read right", self.right[name] / count, at_least=GOALS.get(name)))
            rows.append(percent(f"{name}: in the text", self.there[name] / count))
        peer = Peer("RapidOCR as it comes", self.peer_seconds / count) if self.peer_seconds else None
        at_most = 1.1 * peer.value if peer else None
        rows.append(Row("reading a receipt's text", self.seconds / count, "s", at_most, peer=peer))
        return Report("evaluate receipts", f"{self.receipts} receipts", rows, [f"not read: {e}" for e in self.unread])


async def measure_receipts(
    folder: Path, services: Services, progress: StepProgress = lambda step, done, total: None, *, peers: bool = False
) -> ReceiptReport:
    """Reads every receipt of a folder.

    Args:
        peers: also time RapidOCR as it comes on the same pictures.

    Raises:
        UserError: there is no manifest with the columns file, company, date and total.
    """
    report, rows = ReceiptReport(), _rows(folder)
    bare = _bare_reader() if peers else None
    await services.read_text(Picture(Image.new("RGB", (64, 64), "white")))  # so that no receipt waits for the models
    for done, row in enumerate(rows):
        progress("reading receipts", done, len(rows))
        try:
            picture = await services.open_picture(folder / row["file"])
            began = time.monotonic()
            lines = await services.read_text(picture)
            report.seconds += time.monotonic() - began
            if bare is not None:
                began = time.monotonic()
                bare(np.asarray(picture.image)[:, :, ::-1])
                report.peer_seconds += time.monotonic() - began
        except AssistantError as error:
            report.unread.append(f"{row['file']}: {error}")
            lines = []
        report.receipts += 1
        _count(report, row, lines)
    return report


def _bare_reader() -> Callable[[NDArray[np.uint8]], object]:
    from rapidocr import RapidOCR

    reader: Callable[[NDArray[np.uint8]], object] = RapidOCR(params={"Global.log_level": "critical"})
    reader(np.full((64, 64, 3), 255, np.uint8))  # the models load at the first picture
    return reader


def _rows(folder: Path) -> list[dict[str, str]]:
    manifest = folder / "manifest.csv"
    try:
        rows = list(csv.DictReader(manifest.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{manifest} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not rows or not {"file", "company", "date", "total"} <= set(rows[0]):
        raise UserError(f"{manifest} needs rows with the columns file, company, date and total")
    return rows


def _count(report: ReceiptReport, row: dict[str, str], lines: list[TextLine]) -> None:
    receipt, text = parse_receipt(lines), "\n".join(line.text for line in lines)
    company, wanted = letters(receipt.company), letters(row["company"])
    day = next(iter(find_dates(row["date"])), None)
    total = _price(row["total"])
    right = {
        "company": company == wanted,
        "company, nearly": difflib.SequenceMatcher(None, company, wanted).ratio() >= NEARLY,
        "date": day is not None and receipt.day == day,
        "total": total is not None and receipt.total == total,
    }
    there = {
        "company": wanted in letters(text),
        "company, nearly": wanted in letters(text) or _nearly_there(wanted, lines),
        "date": day is not None and day in set(find_dates(text)),
        "total": total is not None
        and total in {_price(found) for found in re.findall(r"\d[\d,]*\s?[.,]\s?\d\d", text)},
    }
    for name in FIELDS:
        report.right[name] += right[name]
        report.there[name] += there[name] or right[name]


def _nearly_there(wanted: str, lines: list[TextLine]) -> bool:
    texts = [letters(line.text) for line in lines]
    pairs = [*texts, *(one + two for one, two in pairwise(texts))]
    return any(difflib.SequenceMatcher(None, each, wanted).ratio() >= NEARLY for each in pairs)


def letters(text: str) -> str:
    """The letters and digits of a name, lower case and without accents: how companies are compared."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ł", "l"))
    return "".join(each for each in plain if each.isalnum())


def _price(text: str) -> Decimal | None:
    plain = re.sub(r"[^\d.,]", "", text)
    plain = re.sub(r",(?=\d\d$)", ".", plain).replace(",", "")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None
