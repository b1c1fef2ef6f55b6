"""Tests the share of fields read from real receipts; ``assistant evaluate receipts FOLDER`` prints the same."""

import asyncio
import os
from pathlib import Path

import pytest
from PIL import Image

from assistant import Picture, TextLine, UserError
from assistant.encoders.ocr import TextReader
from assistant.testing import FakeServices
from plugins.customer_service.measuring import measure_receipts


class Eyes(FakeServices):
    """Services that really read."""

    reader = TextReader()

    async def read_text(self, picture: Picture) -> list[TextLine]:
        return self.reader.read(picture)


def test_fields_are_counted_beside_what_the_text_holds(tmp_path: Path) -> None:
    Image.new("RGB", (200, 100), "white").save(tmp_path / "1.png")
    (tmp_path / "manifest.csv").write_text(
        "file,company,date,total\n1.png,BLUE DOOR TRADING,03/04/2024,12.50\n1.png,RED DOOR,03/04/2024,9.90\n2.png,X,,\n"
    )
    services = FakeServices(lines=["BLUE DOOR TRADING", "Date 03/04/2024", "Total  12.50", "Cash 9.90"])
    report = asyncio.run(measure_receipts(tmp_path, services))
    assert (report.receipts, report.right["company"], report.right["date"], report.right["total"]) == (3, 1, 2, 1)
    assert report.there["total"] == 2
    assert report.unread[0].startswith("2.png")
    assert report.report().value("total: in the text") == pytest.approx(200 / 3)
    with pytest.raises(UserError, match=r"manifest\.csv"):
        asyncio.run(measure_receipts(tmp_path / "none", services))


@pytest.mark.data
@pytest.mark.bench
@pytest.mark.timeout(3600)
def test_fields_of_real_receipts() -> None:
    if not (data := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA is not set: it names the folder with img_receipts_sroie")
    report = asyncio.run(measure_receipts(Path(data) / "img_receipts_sroie", Eyes()))
    print(report.report().to_json())
    shares = {field: count / report.receipts for field, count in report.right.items()}
    assert shares["company, nearly"] >= 0.88
    assert shares["date"] >= 0.93
    assert shares["total"] >= 0.90
