"""Paper, ink and letters: colours, fonts, and text that flows."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from assistant.types import FloatArray

__all__ = [
    "ACCENT",
    "AGAINST",
    "FAINT",
    "FOR",
    "INK",
    "LINE",
    "MARGIN",
    "PALE",
    "PAPER",
    "WIDTH",
    "Font",
    "blend",
    "can_draw",
    "cjk_available",
    "font",
    "heat_colours",
    "overlay",
    "shade",
    "text_width",
    "write",
]

WIDTH, MARGIN = 1200, 56
"""pixels"""
PAPER, INK, FAINT, LINE, PALE = (252, 251, 248), (34, 38, 46), (116, 121, 130), (224, 222, 215), (240, 238, 232)
FOR, AGAINST, ACCENT = (240, 120, 32), (70, 130, 190), (38, 110, 120)
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Colour = tuple[int, int, int]

LATIN = ("DejaVuSans.ttf", "Arial.ttf", "Helvetica.ttc", "LiberationSans-Regular.ttf")
LATIN_BOLD = ("DejaVuSans-Bold.ttf", "Arial Bold.ttf", "arialbd.ttf", "LiberationSans-Bold.ttf")
CJK = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "NotoSansSC[wght].ttf",
    "SourceHanSansSC-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "STHeiti Light.ttc",
    "Arial Unicode.ttf",
    "msyh.ttc",
    "simhei.ttf",
    "simsun.ttc",
)
"""fonts with Chinese characters, as Linux, macOS and Windows name them"""


@cache
def _first(names: tuple[str, ...], size: int) -> Font | None:
    for name in names:
        try:
            return ImageFont.truetype(name, size)  # looks in the system's font folders
        except OSError:
            continue
    return None


@cache
def font(size: int, *, bold: bool = False, cjk: bool = False) -> Font:
    """A font of that many pixels; Pillow's own where the system has none."""
    found = _first(CJK, size) if cjk else _first(LATIN_BOLD if bold else LATIN, size)
    return found or _first(LATIN, size) or ImageFont.load_default(size)


def cjk_available() -> bool:
    """Returns whether Chinese characters can be drawn."""
    return _first(CJK, 16) is not None


def _wide(letter: str) -> bool:
    return "\u2e80" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7af" or "\uf900" <= letter <= "\uffef"


def can_draw(text: str) -> bool:
    """Returns whether the fonts of this system hold the text's characters."""
    return cjk_available() or not any(_wide(letter) for letter in text)


def _font_of(text: str, size: int, *, bold: bool) -> Font:
    return font(size, cjk=True) if any(map(_wide, text)) else font(size, bold=bold)


def text_width(text: str, size: int) -> float:
    """Pixels."""
    return float(_font_of(text, size, bold=False).getlength(text))


def write(
    pen: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size: int,
    colour: Colour = INK,
    *,
    bold: bool = False,
    anchor: str = "ls",
) -> None:
    """Write one line; the place is on its base line."""
    chosen = _font_of(text, size, bold=bold)
    pen.text(place, text, colour, chosen, anchor if isinstance(chosen, ImageFont.FreeTypeFont) else None)


def blend(under: Colour, over: Colour, share: float) -> Colour:
    """A colour between two; share 1 is `over`."""
    red, green, blue = (round(a + (b - a) * min(max(share, 0.0), 1.0)) for a, b in zip(under, over, strict=True))
    return red, green, blue


def shade(weight: float, most: float, paper: Colour = PAPER) -> Colour:
    """Orange for what speaks for the intent, blue for what speaks against it; paper for 0."""
    share = 0.0 if most <= 0 else min(abs(weight) / most, 1.0)
    return blend(paper, FOR if weight > 0 else AGAINST, 0.85 * share**0.8)


_STOPS = np.array([[68, 20, 110], [160, 42, 100], [222, 73, 64], [251, 155, 40], [252, 240, 120]], np.float32)


def heat_colours(values: FloatArray) -> FloatArray:
    """Colours (…, 3), 0 to 255, of values 0 to 1: violet, red, orange, yellow."""
    place = np.clip(values, 0.0, 1.0) * (len(_STOPS) - 1)
    channels = [np.interp(place, np.arange(len(_STOPS)), _STOPS[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def overlay(picture: Image.Image, heat: FloatArray) -> Image.Image:
    """The RGB picture, darkened and greyed where the heat (height, width) is 0, and glowing where it is 1."""
    pixels = np.asarray(picture.convert("RGB"), np.float32)
    grey = pixels.mean(axis=-1, keepdims=True)
    calm = 0.55 * pixels + 0.25 * grey + 20
    opacity = (0.75 * np.clip(heat, 0, 1) ** 0.9)[..., None]
    mixed = calm * (1 - opacity) + heat_colours(heat) * opacity
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))
