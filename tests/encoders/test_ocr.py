"""Print in pictures is read, row by row; the models come with the package."""

from __future__ import annotations

import csv
import os
import re
import time
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from assistant.encoders.ocr import TextReader
from assistant.inputs.image_file import read_picture
from assistant.types import Picture

RECEIPT = [("CORNER BAKERY", ""), ("Rye bread", "3.20"), ("Coffee", "2.75"), ("TOTAL", "5.95"), ("Date 12/03/2024", "")]


def _receipt(tilt: float = 0.0) -> Picture:
    image = Image.new("RGB", (420, 330), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(24)
    for row, (label, amount) in enumerate(RECEIPT):
        draw.text((40, 40 + 50 * row), label, fill="black", font=font)
        draw.text((310, 40 + 50 * row), amount, fill="black", font=font)
    return Picture(image.rotate(tilt, fillcolor="white", resample=Image.Resampling.BICUBIC))


@pytest.fixture(scope="module")
def reader() -> TextReader:
    return TextReader(threads=1)


@pytest.mark.parametrize("tilt", [0.0, 4.0, -4.0])
def test_rows_of_a_receipt_stay_together(tilt: float, reader: TextReader) -> None:
    lines = reader.read(_receipt(tilt))
    expected = [f"{label}  {amount}".strip().replace(" ", "") for label, amount in RECEIPT]
    assert [line.text.replace(" ", "") for line in lines] == expected
    assert "  " in lines[1].text
    assert all(line.confidence > 0.8 for line in lines)
    tops = [line.box[1] for line in lines]
    assert tops == sorted(tops)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("tilt", [0, 13, -9])
def test_a_page_that_lies_turned_and_tilted_is_read_row_by_row(turned: int, tilt: int, reader: TextReader) -> None:
    page = Image.new("RGB", (560, 470), "white")
    page.paste(_receipt().image, (70, 70))
    image = page.rotate(turned + tilt, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    lines = reader.read(Picture(image))
    expected = [f"{label}  {amount}".strip().replace(" ", "") for label, amount in RECEIPT]
    assert [line.text.replace(" ", "") for line in lines] == expected
    tops = [line.box[1] for line in lines]
    assert tops == sorted(tops)


def test_faint_print_is_read(reader: TextReader) -> None:
    faint = Image.eval(_receipt().image, lambda tone: 228 + tone // 12)  # 21 of 255 tones between paper and print
    assert [line.text.replace(" ", "") for line in reader.read(Picture(faint))][-2:] == ["TOTAL5.95", "Date12/03/2024"]


def test_boxes_are_in_pixels_of_the_picture_given(reader: TextReader) -> None:
    image = Image.new("RGB", (3200, 1000), "white")
    ImageDraw.Draw(image).text((1800, 400), "EXIT 42", fill="black", font=ImageFont.load_default(120))
    (line,) = reader.read(Picture(image))
    assert line.text.replace(" ", "") == "EXIT42"
    left, top, right, bottom = line.box
    assert 1700 < left < 1850
    assert 2150 < right < 2450
    assert 350 < top < 450 < 500 < bottom < 600


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (600, 400)])
def test_picture_without_print_has_no_lines(size: tuple[int, int], reader: TextReader) -> None:
    assert reader.read(Picture(Image.new("RGB", size, "white"))) == []


def test_small_label_takes_a_fraction_of_a_second_and_nothing_is_printed(
    reader: TextReader, capfd: pytest.CaptureFixture[str]
) -> None:
    label = Image.new("RGB", (300, 60), "white")
    ImageDraw.Draw(label).text((10, 20), "Order A-1047", fill="black", font=ImageFont.load_default(16))
    reader.load()
    began = time.process_time()
    assert [line.text for line in reader.read(Picture(label))] == ["Order A-1047"]
    assert time.process_time() - began < 2.5  # it took three on a quiet machine when small pictures were blown up
    assert capfd.readouterr() == ("", "")


@pytest.mark.data
def test_totals_and_dates_of_real_receipts_are_read(reader: TextReader) -> None:
    folder = Path(os.environ.get("ASSISTANT_DATA", "")) / "img_receipts_sroie"
    if not os.environ.get("ASSISTANT_DATA"):
        pytest.skip("ASSISTANT_DATA is not set")
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:8]
    found = 0
    for row in rows:
        text = "".join(line.text for line in reader.read(read_picture(folder / row["file"])))
        squeezed = re.sub(r"\s", "", text)
        found += row["total"] in squeezed
        found += re.sub(r"\s", "", row["date"]) in squeezed
    assert found >= 0.85 * 2 * len(rows)
