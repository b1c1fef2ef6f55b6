"""Receipts of eighteen layouts and fifteen countries, photographed: ``assistant evaluate receipts --drawn PART``."""

import asyncio
import csv
from pathlib import Path

import pytest

from assistant import UserError
from plugins.customer_service.drawing import PARTS, draw_receipts
from plugins.customer_service.measuring import measure_receipts
from plugins.customer_service.tests.test_real_receipts import Eyes


def drawn(folder: Path, part: str, each: int) -> list[dict[str, str]]:
    try:
        draw_receipts(folder, part, each=each)
    except UserError as error:
        pytest.skip(str(error))
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("part", PARTS)
def test_every_layout_is_drawn_the_same_at_every_run(tmp_path: Path, part: str) -> None:
    rows = drawn(tmp_path, part, each=1)
    assert len(rows) >= 8
    assert len({row["layout"] for row in rows}) == len(rows)
    first = (tmp_path / rows[0]["file"]).read_bytes()
    assert drawn(tmp_path, part, each=1) == rows
    assert (tmp_path / rows[0]["file"]).read_bytes() == first


@pytest.mark.models
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_photographed_receipts_are_read(tmp_path: Path) -> None:
    rows = drawn(tmp_path, "development", each=2)
    report = asyncio.run(measure_receipts(tmp_path, Eyes()))
    print(report.report().to_json())
    assert report.receipts == len(rows)
    assert report.right["company"] >= 0.83 * len(rows)
    assert report.right["date"] >= 0.93 * len(rows)
    assert report.right["total"] >= 0.97 * len(rows)
