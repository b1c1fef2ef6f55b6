"""How many fields of real receipts are read right. ``pytest -m bench -s plugins/customer_service`` prints them."""

import csv
import difflib
import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from assistant import Picture
from assistant.encoders.ocr import TextReader
from plugins.customer_service.receipts import find_dates, parse_receipt


def letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


@pytest.mark.data
@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_fields_of_real_receipts() -> None:
    if not (data := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA is not set: it names the folder with img_receipts_sroie")
    folder = Path(data) / "img_receipts_sroie"
    reader = TextReader()
    right = {"company": 0, "company, nearly": 0, "date": 0, "total": 0}
    rows = list(csv.DictReader((folder / "manifest.csv").read_text(encoding="utf-8").splitlines()))
    for row in rows:
        receipt = parse_receipt(reader.read(Picture(Image.open(folder / row["file"]).convert("RGB"))))
        ours, theirs = letters(receipt.company), letters(row["company"])
        total = re.sub(r"[^\d.]", "", row["total"])
        right["company"] += ours == theirs
        right["company, nearly"] += difflib.SequenceMatcher(None, ours, theirs).ratio() >= 0.8
        right["date"] += receipt.day == next(iter(find_dates(row["date"])), None)
        right["total"] += bool(total) and receipt.total == Decimal(total)
    shares = {field: count / len(rows) for field, count in right.items()}
    print({field: f"{share:.1%}" for field, share in shares.items()}, f"of {len(rows)} receipts")
    assert shares["company, nearly"] >= 0.85
    assert shares["date"] >= 0.90
    assert shares["total"] >= 0.85
