"""Text in pictures, Chinese and English, with PP-OCR (rapidocr; the models come inside the package).

A page may lie on its side, stand upside down or be tilted: each stretch of print is cut out and levelled before it is
read, and the rows are then put together as if the page lay straight.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from assistant.encoders.device import providers
from assistant.encoders.page import Page, runs_upright
from assistant.encoders.threads import limited
from assistant.errors import ModelUnavailable
from assistant.types import Picture, TextLine

__all__ = ["TextReader"]

MAX_SIDE = 2000
"""pixels; a larger picture is made smaller: print that is legible to people stays so"""
DETECTION_SIDE = 1280
"""pixels; where print is, is found on a copy no larger than this. The package's own rule, a shorter side of at
least 736, blows a label of 300 by 60 pixels up to 3680 by 736: three seconds instead of a tenth of one"""
FAINT = 110.0
"""difference of the darkest and the lightest tones (0 to 255) below which the contrast is stretched"""
LAID_DOWN = 1.5
"""height over width from which the package lays a line down before it is read"""
VOTERS = 9
"""lines that vote whether the page stands on its head"""
ON_ITS_HEAD = 0.4
"""mean vote, from -1 to 1, from which it does"""
MIN_SCORE = 0.5
"""what is read with less confidence is noise"""


@dataclass(frozen=True)
class _Piece:
    """One stretch of print, as detected."""

    text: str
    score: float
    corners: tuple[tuple[float, float], ...]
    """left top, right top, right bottom, left bottom"""

    @property
    def left(self) -> float:
        return min(x for x, _ in self.corners)

    @property
    def right(self) -> float:
        return max(x for x, _ in self.corners)

    @property
    def height(self) -> float:
        (x0, y0), _, _, (x3, y3) = self.corners
        return max(math.hypot(x3 - x0, y3 - y0), 1.0)

    @property
    def starts_at(self) -> float:
        """The height at which it begins on its left: on a tilted photo not where it ends."""
        return (self.corners[0][1] + self.corners[3][1]) / 2

    @property
    def ends_at(self) -> float:
        return (self.corners[1][1] + self.corners[2][1]) / 2


class TextReader:
    """Reads print in pictures.

    Args:
        threads: processor threads.
    """

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._engine: Any = None

    def load(self) -> None:
        """Load the models now instead of at the first `read`. Idempotent.

        Raises:
            ModelUnavailable: the package or its models are missing or damaged.
        """
        if self._engine is not None:
            return
        try:
            self._engine = _engine_class()(
                params={
                    "Global.log_level": "critical",
                    "Global.text_score": MIN_SCORE,
                    "Global.use_cls": True,
                    "Det.limit_type": "max",
                    "Det.limit_side_len": DETECTION_SIDE,
                    "EngineConfig.onnxruntime.intra_op_num_threads": limited(self._threads),
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                    "EngineConfig.onnxruntime.use_cuda": "CUDAExecutionProvider" in providers(),
                }
            )
            logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
            self._engine(np.full((64, 64, 3), 255, np.uint8))  # the models load at the first picture
        except Exception as error:  # the package raises its own, onnxruntime's and the operating system's errors
            self._engine = None
            raise ModelUnavailable(
                f"Text in pictures cannot be read: rapidocr did not start ({error}); "
                f"install it again: pip install rapidocr"
            ) from error

    def read(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a picture, top to bottom.

        What stands side by side in one row is one line, as a label and its amount; two spaces mark a wide gap. Of a
        page that lies turned or tilted the boxes are those of the page laid straight.

        Raises:
            ModelUnavailable: the models cannot be had.
        """
        self.load()
        image = picture.image
        scale = min(1.0, MAX_SIDE / max(image.size))
        if scale < 1.0:
            size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
            image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        pixels = np.ascontiguousarray(np.asarray(_contrasted(image))[:, :, ::-1])  # it wants blue, green, red
        found = self._engine(pixels)
        if not len(found) or found.boxes is None:
            return []
        corners = np.asarray(found.boxes, np.float32) / scale
        page = Page.of(corners, self._engine.quarters, picture.image.size)
        straight = page.straighten(corners)
        pieces = [
            _Piece(text.strip(), float(score), tuple((float(x), float(y)) for x, y in box))
            for text, score, box in zip(found.txts, found.scores, straight, strict=True)
            if text.strip()
        ]
        return [_line(row, page.size) for row in _rows(pieces)]


def _contrasted(image: Image.Image) -> Image.Image:
    """The picture, with faint print made darker."""
    tones = np.asarray(image.convert("L").resize((256, 256)))
    low, high = np.percentile(tones, (0.2, 99.8))
    return image if high - low >= FAINT else ImageOps.autocontrast(image, cutoff=0.05, preserve_tone=True)


def _engine_class() -> Any:
    """The package's engine, which finds out how the page is turned before it reads the print.

    Lines that run upright are laid on their side by the package. Whether they then stand on their head is one matter of
    the whole page: the longest lines vote, and a single line that the classifier mistakes is not turned over.
    """
    from rapidocr import RapidOCR

    class Engine(RapidOCR):  # type: ignore[misc]
        quarters = 0
        """quarter turns counter-clockwise after which the page stands upright, 0 to 3"""

        def crop_text_regions(self, img: Any, det_boxes: Any) -> list[Any]:
            crops: list[Any] = super().crop_text_regions(img, det_boxes)
            sideways = runs_upright(np.asarray(det_boxes, np.float32))
            self.quarters = 1 if sideways else 0
            if sideways:  # the package laid down what is much taller than wide; short words belong to this page too
                crops = [c if c.shape[1] >= LAID_DOWN * c.shape[0] else np.rot90(c) for c in crops]
            return crops

        def cls_and_rotate(self, img: list[Any]) -> tuple[list[Any], Any]:
            from rapidocr.ch_ppocr_cls import TextClsOutput

            longest = sorted(range(len(img)), key=lambda i: -img[i].shape[1] / max(img[i].shape[0], 1))[:VOTERS]
            answers = self._load_cls_model()([img[i] for i in longest]).cls_res
            votes = [score if "180" in label else -score for label, score in answers]
            if sum(votes) > ON_ITS_HEAD * len(votes):
                self.quarters += 2
                img = [np.ascontiguousarray(np.rot90(each, 2)) for each in img]
            return img, TextClsOutput()

    return Engine


def _rows(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Pieces that stand on one row, left to right; the rows top to bottom."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.left):
        fitting = [row for row in rows if _continues(row[-1], piece)]
        if fitting:
            min(fitting, key=lambda row: abs(row[-1].ends_at - piece.starts_at)).append(piece)
        else:
            rows.append([piece])
    return sorted(rows, key=lambda row: (row[0].starts_at, row[0].left))


def _continues(last: _Piece, piece: _Piece) -> bool:
    if piece.left < last.right - 0.5 * last.height:  # one above the other
        return False
    like_sized = 0.5 < piece.height / last.height < 2.0
    return like_sized and abs(last.ends_at - piece.starts_at) < 0.5 * min(last.height, piece.height)


def _line(row: Sequence[_Piece], size: tuple[float, float]) -> TextLine:
    text = row[0].text
    for last, piece in pairwise(row):
        text += ("  " if piece.left - last.right > 2 * last.height else " ") + piece.text
    letters = [max(len(piece.text), 1) for piece in row]
    confidence = sum(piece.score * count for piece, count in zip(row, letters, strict=True)) / sum(letters)
    xs = [min(max(x, 0.0), float(size[0])) for piece in row for x, _ in piece.corners]
    ys = [min(max(y, 0.0), float(size[1])) for piece in row for _, y in piece.corners]
    return TextLine(text, min(confidence, 1.0), (min(xs), min(ys), max(xs), max(ys)))
