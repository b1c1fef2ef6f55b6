"""The whole sheet: decision, shares, words, pictures and sound, one below the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageDraw

from assistant.errors import InputError
from assistant.explanation.drawing.canvas import FAINT, LINE, MARGIN, PAPER, WIDTH, can_draw, write
from assistant.explanation.drawing.panels import BarsPanel, HeadPanel, PicturePanel, SoundPanel, WordsPanel
from assistant.explanation.findings import Explanation
from assistant.types import Turn

__all__ = ["draw", "save", "write_picture"]

FOOT = 64
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


class _Panel(Protocol):
    @property
    def height(self) -> int: ...

    def draw(self, sheet: Image.Image, top: int) -> None: ...


def draw(explanation: Explanation, turn: Turn) -> Image.Image:
    """Draws an explanation of a turn: RGB, 1200 pixels wide."""
    panels = _panels(explanation, turn)
    sheet = Image.new("RGB", (WIDTH, sum(panel.height for panel in panels) + FOOT), PAPER)
    top = 0
    for index, panel in enumerate(panels):
        panel.draw(sheet, top)
        top += panel.height
        if 0 < index < len(panels) - 1:
            ImageDraw.Draw(sheet).line((MARGIN, top - 10, WIDTH - MARGIN, top - 10), fill=LINE)
    _foot(ImageDraw.Draw(sheet), top + 34, explanation)
    return sheet


def save(explanation: Explanation, turn: Turn, path: Path) -> str:
    """Draw an explanation into a file.

    Returns:
        One line for the user when something in it could not be drawn; "" otherwise.

    Raises:
        InputError: the file cannot be written, or is of a kind that is not a picture.
    """
    write_picture(lambda: draw(explanation, turn), path)
    if all(can_draw(passage.text) for passage in explanation.passages):
        return ""
    return "No font with Chinese characters was found, so they are drawn as boxes; install one, such as Noto Sans CJK."


def write_picture(make: Callable[[], Image.Image], path: Path) -> None:
    """Makes a picture and writes it into a file.

    Raises:
        InputError: the file cannot be written, or is of a kind that is not a picture; then nothing is made.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path.name} is not a picture's name; use one that ends in {', '.join(SUFFIXES)}")
    try:
        make().save(path)
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror or error}") from error


def _panels(explanation: Explanation, turn: Turn) -> list[_Panel]:
    panels: list[_Panel] = [HeadPanel(explanation), BarsPanel(explanation.decision)]
    panels += [WordsPanel(passage) for passage in explanation.passages]
    several = len(turn.images) > 1
    share = float(explanation.decision.contributions.get("image", 0.0))
    panels += [
        PicturePanel(turn.images[heat.picture], heat, heat.picture + 1 if several else 0, share)
        for heat in explanation.heats
        if heat.picture < len(turn.images)
    ]
    if turn.audio is not None and len(turn.audio.samples):
        panels.append(SoundPanel(turn.audio, explanation.moments))
    return panels


def _foot(pen: ImageDraw.ImageDraw, line: int, explanation: Explanation) -> None:
    if not explanation.intent:
        text = f"Decided by {explanation.decision.source}: the model was not asked, so no word or patch was weighed."
    else:
        text = "Colour: how much less likely the intent would be, against all others, without this word or patch."
    write(pen, (MARGIN, line), text, 14, FAINT)
