"""Text in pictures, Chinese and English, with PP-OCR (rapidocr; the models come inside the package)."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from assistant.errors import ModelUnavailable
from assistant.types import Picture, TextLine

__all__ = ["TextReader"]

MAX_SIDE = 2000
"""pixels; a larger picture is made smaller: print that is legible to people stays so"""
DETECTION_SIDE = 1280
"""pixels; where print is, is found on a copy no larger than this. The package's own rule, a shorter side of at
least 736, blows a label of 300 by 60 pixels up to 3680 by 736: three seconds instead of a tenth of one"""
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
            from rapidocr import RapidOCR

            self._engine = RapidOCR(
                params={
                    "Global.log_level": "critical",
                    "Global.text_score": MIN_SCORE,
                    "Global.use_cls": False,  # turns upside-down lines; pictures come upright
                    "Det.limit_type": "max",
                    "Det.limit_side_len": DETECTION_SIDE,
                    "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
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

        What stands side by side in one row is one line, as a label and its amount; two spaces mark a wide gap.

        Raises:
            ModelUnavailable: the models cannot be had.
        """
        self.load()
        image = picture.image
        scale = min(1.0, MAX_SIDE / max(image.size))
        if scale < 1.0:
            size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
            image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        found = self._engine(np.ascontiguousarray(np.asarray(image)[:, :, ::-1]))  # it wants blue, green, red
        if not len(found) or found.boxes is None:
            return []
        pieces = [
            _Piece(text.strip(), float(score), tuple((float(x) / scale, float(y) / scale) for x, y in box))
            for text, score, box in zip(found.txts, found.scores, found.boxes, strict=True)
            if text.strip()
        ]
        return [_line(row, picture.image.size) for row in _rows(pieces)]


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


def _line(row: Sequence[_Piece], size: tuple[int, int]) -> TextLine:
    text = row[0].text
    for last, piece in pairwise(row):
        text += ("  " if piece.left - last.right > 2 * last.height else " ") + piece.text
    letters = [max(len(piece.text), 1) for piece in row]
    confidence = sum(piece.score * count for piece, count in zip(row, letters, strict=True)) / sum(letters)
    xs = [min(max(x, 0.0), float(size[0])) for piece in row for x, _ in piece.corners]
    ys = [min(max(y, 0.0), float(size[1])) for piece in row for _, y in piece.corners]
    return TextLine(text, min(confidence, 1.0), (min(xs), min(ys), max(xs), max(ys)))
