"""The parts of the sheet: each measures itself, then draws itself at a height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from assistant.explanation.drawing.canvas import (
    ACCENT,
    FAINT,
    FOR,
    INK,
    LINE,
    MARGIN,
    PALE,
    WIDTH,
    heat_colours,
    overlay,
    shade,
    text_width,
    write,
)
from assistant.explanation.findings import Explanation, Heat, Moment, Passage
from assistant.types import MODALITIES, OUT_OF_SCOPE, AudioClip, Decision, FloatArray, Picture

__all__ = ["BarsPanel", "HeadPanel", "PicturePanel", "SoundPanel", "WordsPanel", "spread"]

INNER = WIDTH - 2 * MARGIN
NAMES = {"text": "what was typed", "image": "picture", "audio": "what was said"}
LEAST_HEAT = 0.1
"""nats; a picture whose every part counts for less does not glow"""
WORD, LEADING = 30, 58
"""pixels: letters and lines of the words' panel"""


def _title(pen: ImageDraw.ImageDraw, top: int, text: str) -> None:
    write(pen, (MARGIN, top + 18), text, 17, FAINT, bold=True)


@dataclass(frozen=True)
class HeadPanel:
    """The decision and its confidence."""

    explanation: Explanation
    height = 128

    def draw(self, sheet: Image.Image, top: int) -> None:
        """Draw."""
        pen = ImageDraw.Draw(sheet)
        decision = self.explanation.decision
        headline = "No intent fits" if decision.intent == OUT_OF_SCOPE else decision.intent
        pen.rectangle((0, top, WIDTH, top + 108), fill=(34, 52, 62))
        write(pen, (MARGIN, top + 58), headline, 34, (255, 255, 255), bold=True)
        write(pen, (MARGIN, top + 88), self._subtitle(), 17, (178, 196, 200))
        sure = f"{100 * decision.confidence:.0f} %"
        write(pen, (WIDTH - MARGIN, top + 60), sure, 40, (255, 190, 120), bold=True, anchor="rs")
        write(pen, (WIDTH - MARGIN, top + 88), "sure", 17, (178, 196, 200), anchor="rs")

    def _subtitle(self) -> str:
        decision = self.explanation.decision
        if decision.outcome == "out_of_scope":
            nearest = self.explanation.intent
            return f"Nearest, and what is explained below: {nearest}" if nearest else "Nothing known comes near."
        if decision.outcome == "clarify" and len(decision.options) > 1:
            return f"Asked which is meant: {' or '.join(decision.options)}"
        return "Asked for more" if decision.outcome == "clarify" else f"Decided by {decision.source}"


@dataclass(frozen=True)
class BarsPanel:
    """Each input's share, and the nearest alternatives, side by side."""

    decision: Decision

    @property
    def shares(self) -> list[tuple[str, float]]:
        """Rows of the left column."""
        given = self.decision.contributions
        return [(NAMES[m], float(given[m])) for m in MODALITIES if m in given]

    @property
    def candidates(self) -> list[tuple[str, float]]:
        """Rows of the right column."""
        return [(c.intent, c.confidence) for c in self.decision.candidates[:5]]

    @property
    def height(self) -> int:
        """Pixels."""
        return 56 + 34 * max(len(self.shares), len(self.candidates), 1)

    def draw(self, sheet: Image.Image, top: int) -> None:
        """Draw."""
        pen = ImageDraw.Draw(sheet)
        _title(pen, top, "Share of each input")
        for row, (label, share) in enumerate(self.shares):
            _bar(pen, MARGIN, top + 38 + 34 * row, 150, 250, label, share, ACCENT)
        right = MARGIN + 520
        write(pen, (right, top + 18), "Intents that came to mind", 17, FAINT, bold=True)
        for row, (label, share) in enumerate(self.candidates):
            _bar(pen, right, top + 38 + 34 * row, 290, 210, label, share, FOR if row == 0 else (170, 172, 176))


def _bar(
    pen: ImageDraw.ImageDraw,
    left: int,
    top: int,
    room: int,
    length: int,
    label: str,
    share: float,
    colour: tuple[int, int, int],
) -> None:
    while text_width(label, 16) > room - 12 and len(label) > 4:
        label = label.rstrip("…")[:-1] + "…"
    write(pen, (left, top + 16), label, 16)
    start = left + room
    pen.rounded_rectangle((start, top + 2, start + length, top + 18), 8, fill=PALE)
    if (filled := round(length * min(max(share, 0.0), 1.0))) >= 4:
        pen.rounded_rectangle((start, top + 2, start + filled, top + 18), min(8, filled // 2), fill=colour)
    write(pen, (start + length + 12, top + 16), f"{100 * share:.0f} %", 16, FAINT)


@dataclass(frozen=True)
class WordsPanel:
    """Words, each on a ground as dark as it counted."""

    passage: Passage

    def _places(self) -> list[tuple[int, int, float, str, float]]:
        """Left, line, width, text and weight of each word; a text that is too long ends in a mark."""
        places: list[tuple[int, int, float, str, float]] = []
        left, line = 0.0, 0
        end = 0
        for word in self.passage.words:
            gap = 14 if word.start > end else 2
            width = text_width(word.text, WORD) + 12
            left += gap if left else 0
            if left + width > INNER and left:
                left, line = 0.0, line + 1
            if line >= 5:
                break
            places.append((round(left), line, width, word.text, word.weight))
            left, end = left + width, word.end
        return places

    @property
    def height(self) -> int:
        """Pixels."""
        return 52 + LEADING * (1 + max((line for _, line, *_ in self._places()), default=0))

    def draw(self, sheet: Image.Image, top: int) -> None:
        """Draw."""
        pen = ImageDraw.Draw(sheet)
        _title(pen, top, "Words" if self.passage.modality == "text" else "Words that were heard")
        _legend(pen, WIDTH - MARGIN - 300, top + 6)
        most = max((abs(word.weight) for word in self.passage.words), default=0.0)
        for left, line, width, text, weight in self._places():
            x, y = MARGIN + left, top + 40 + LEADING * line
            pen.rounded_rectangle((x, y, x + width, y + 44), 7, fill=shade(weight, most))
            write(pen, (x + 6, y + 32), text, WORD)


def _legend(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    write(pen, (left, top + 12), "against", 14, FAINT)
    for step in range(-6, 7):
        x = left + 62 + 12 * (step + 6)
        pen.rectangle((x, top, x + 11, top + 13), fill=shade(step, 6))
    write(pen, (left + 226, top + 12), "for", 14, FAINT)


@dataclass(frozen=True, eq=False)
class PicturePanel:
    """A picture as it is, and with the heat over it."""

    picture: Picture
    heat: Heat
    number: int
    """of pictures shown, 0 when there is only one"""
    share: float
    """of all pictures in the decision, 0 to 1"""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height at which the picture is shown, pixels."""
        width, height = self.picture.image.size
        scale = min((INNER - 100) / 2 / width, 420 / height)
        return max(1, round(width * scale)), max(1, round(height * scale))

    @property
    def height(self) -> int:
        """Pixels."""
        return 52 + self.size[1] + 24

    def draw(self, sheet: Image.Image, top: int) -> None:
        """Draw."""
        pen = ImageDraw.Draw(sheet)
        what = f"where “{self.heat.thing}” is" if self.heat.thing else f"{100 * self.share:.0f} % of the decision"
        _title(pen, top, f"Picture {self.number or ''}".strip() + f" ({what})")
        width, height = self.size
        small = self.picture.image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (MARGIN, top + 36))
        left = MARGIN + width + 24
        sheet.paste(overlay(small, spread(self.heat, (width, height))), (left, top + 36))
        x0, y0, x1, y1 = self.heat.box
        seen = (left + x0 * width, top + 36 + y0 * height, left + x1 * width - 1, top + 36 + y1 * height - 1)
        pen.rectangle(seen, outline=(255, 255, 255), width=1)
        self._scale(sheet, left + width + 20, top + 36, height)

    def _scale(self, sheet: Image.Image, left: int, top: int, height: int) -> None:
        steps = np.linspace(1.0, 0.0, height, dtype=np.float32)[:, None].repeat(14, axis=1)
        sheet.paste(Image.fromarray(heat_colours(steps).astype(np.uint8)), (left, top))
        pen = ImageDraw.Draw(sheet)
        write(pen, (left + 22, top + 14), "looks" if self.heat.thing else "counted", 14, FAINT)
        write(pen, (left + 22, top + 30), "like it" if self.heat.thing else "most", 14, FAINT)
        write(pen, (left + 22, top + height - 4), "nothing", 14, FAINT)


def spread(heat: Heat, size: tuple[int, int]) -> FloatArray:
    """A heat over a picture of so many pixels (width, height): (height, width), 0 to 1, smooth, 0 outside its box."""
    width, height = size
    grid = np.maximum(heat.grid, 0.0)
    grid = grid / max(float(grid.max()), LEAST_HEAT)
    left, right = round(heat.box[0] * width), max(round(heat.box[2] * width), round(heat.box[0] * width) + 1)
    top, bottom = round(heat.box[1] * height), max(round(heat.box[3] * height), round(heat.box[1] * height) + 1)
    smooth = Image.fromarray(grid.astype(np.float32)).resize((right - left, bottom - top), Image.Resampling.BICUBIC)
    values = np.zeros((height, width), np.float32)
    values[top:bottom, left:right] = np.clip(np.asarray(smooth), 0.0, 1.0)[: height - top, : width - left]
    return values


@dataclass(frozen=True, eq=False)
class SoundPanel:
    """The recording, shaded where words were said that counted, and the words under it."""

    clip: AudioClip
    moments: Sequence[Moment]
    height = 240

    def draw(self, sheet: Image.Image, top: int) -> None:
        """Draw."""
        pen = ImageDraw.Draw(sheet)
        _title(pen, top, f"Recording, {self.clip.duration:.1f} s")
        upper, lower = top + 36, top + 166
        pen.rectangle((MARGIN, upper, MARGIN + INNER, lower), fill=PALE)
        most = max((abs(m.weight) for m in self.moments), default=0.0)
        per_second = INNER / max(self.clip.duration, 1e-3)
        for moment in self.moments:
            x = (MARGIN + moment.start * per_second, MARGIN + moment.end * per_second)
            pen.rectangle((x[0], upper, max(x[1], x[0] + 1), lower), fill=shade(moment.weight, most, PALE))
        middle = (upper + lower) / 2
        for column, (low, high) in enumerate(_envelope(self.clip.samples, INNER)):
            y = sorted((middle - 62 * low, middle - 62 * high))
            pen.line((MARGIN + column, y[0], MARGIN + column, max(y[1], y[0] + 1)), fill=INK)
        self._words(pen, lower, per_second)

    def _words(self, pen: ImageDraw.ImageDraw, lower: int, per_second: float) -> None:
        """Words under their sound, in as many rows as keep them apart, at most three."""
        ends = [0.0, 0.0, 0.0]
        for moment in self.moments:
            x = MARGIN + (moment.start + moment.end) / 2 * per_second
            half = text_width(moment.text, 15) / 2
            row = next((r for r, end in enumerate(ends) if x - half > end + 6), None)
            if row is None:
                continue
            ends[row] = x + half
            pen.line((x, lower, x, lower + 6 + 20 * row), fill=LINE)
            write(pen, (x, lower + 22 + 20 * row), moment.text, 15, anchor="ms")


def _envelope(samples: FloatArray, columns: int) -> list[tuple[float, float]]:
    """Lowest and highest sample of each column, the loudest scaled to 1."""
    loudest = float(np.abs(samples).max(initial=1e-6))
    edges = np.linspace(0, len(samples), columns + 1).astype(int)
    parts = (samples[a : max(b, a + 1)] for a, b in pairwise(edges))
    return [(float(p.min()) / loudest, float(p.max()) / loudest) if len(p) else (0.0, 0.0) for p in parts]
