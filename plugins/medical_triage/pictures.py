"""Pictures of skin and X-rays: whether they can be judged, what is plainly visible, and who should look. No verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from assistant import AssistantError, Dialogue, Picture, Reply, Services, Turn, picture_problem

from .alarm_replies import emergency_reply
from .archive import is_grey, told
from .facts import plain
from .red_flags import red_flags
from .wording import Language, language_of, say

__all__ = ["Spot", "find_spot", "is_grey", "review_skin", "review_xray"]

WORKING_EDGE = 256
"""longer edge in pixels at which spots are measured"""
BLURRED = 8.0
"""skin and X-rays are soft by nature: sharp ones have 13 and more, blurred by 4 pixels at most 3"""
PERHAPS_SKIN = 0.02
"""probability of a picture of skin below which it is taken for something else"""
SURE = 0.6
"""probability from which an object in it is named"""
CLEAR = 22.0
"""difference in lightness (0 to 255) between a spot and the skin around it from which it stands out"""


@dataclass(frozen=True)
class Spot:
    """Measurements of a spot on a picture."""

    share: float
    """of the picture's area, 0 to 1"""
    contrast: float
    """how much darker than its surroundings, 0 to 255"""
    uneven: float
    """share of its area without a counterpart when it is folded along either axis, 0 (even) to 1"""
    tones: int
    """clearly different tones in it, 1 to 6"""


def find_spot(picture: Picture) -> Spot | None:
    """The dark spot near the middle of a picture; None when nothing stands out.

    The threshold is Otsu's ("A threshold selection method from gray-level histograms", 1979).
    """
    image = picture.image.copy()
    image.thumbnail((WORKING_EDGE, WORKING_EDGE), Image.Resampling.BILINEAR)
    # Hair and pores are finer than a spot.
    grey = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(2)), dtype=np.float64)
    dark = grey < _otsu(grey)
    height, width = grey.shape
    rows, columns = np.mgrid[0:height, 0:width]
    # Corners are often dark from the lens; a spot is what is dark inside the ellipse of the frame.
    inside = ((rows / height - 0.5) / 0.45) ** 2 + ((columns / width - 0.5) / 0.45) ** 2 <= 1.0
    spot = dark & inside
    share = float(spot.sum() / inside.sum())
    if not 0.003 < share < 0.65:
        return None
    contrast = float(np.median(grey[inside & ~dark]) - np.median(grey[spot]))
    return Spot(share, contrast, _unevenness(spot), _tones(grey[spot])) if contrast >= CLEAR else None


def _otsu(grey: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
    counts, edges = np.histogram(grey, bins=64, range=(0.0, 255.0))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[int(np.nanargmax(between)) + 1])


def _unevenness(spot: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> float:
    rows, columns = np.nonzero(spot)
    middle_row, middle_column = int(rows.mean().round()), int(columns.mean().round())
    reach = max(abs(rows - middle_row).max(), abs(columns - middle_column).max())
    frame = np.zeros((2 * reach + 1, 2 * reach + 1), dtype=bool)
    frame[rows - middle_row + reach, columns - middle_column + reach] = True
    folds = (frame ^ frame[::-1], frame ^ frame[:, ::-1])
    return float(np.mean([fold.sum() / (2 * frame.sum()) for fold in folds]))


def _tones(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int:
    counts, _ = np.histogram(values, bins=10, range=(0.0, 255.0))
    return int(np.clip((counts > 0.05 * values.size).sum(), 1, 6))


NO_PHOTO = (
    "don't have", "dont have", "don’t have", "haven't", "havent", "haven’t", "isn't working", "broken",
    "no photo", "no picture", "no camera", "no phone", "without", "can't",
    "cant", "can’t", "cannot", "unable", "not possible", "skip", "没有", "没法", "不能",
    "拍不", "看不", "不方便", "跳过",
)  # fmt: skip
"""beginnings of words that say that there will be no photo"""


async def _picture(turn: Turn, dialogue: Dialogue, question: str) -> Picture | None:
    """The picture that was shown or asked for; None where the user has none."""
    if turn.images:
        return turn.images[0]
    shown = await dialogue.ask(say(question, language_of(turn.utterance)), kind=Picture, mentions=NO_PHOTO)
    return shown if isinstance(shown, Picture) else None


CHANGED = re.compile(
    r"\b(?:chang\w*|bigger|grow\w*|grew|larger|bleed\w*|itch\w*|crust\w*|ooz\w*|irregular|new mole|sore|hurts?)\b"
    r"|\b(?:dark(?:er|ening)|doesnt heal|not heal\w*)\b|变大|变化|变黑|出血|流血|痒|结痂|不愈|长大"
)


async def review_skin(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Describe a skin photo in plain terms, ask the ABCDE questions, and say who should look at it."""
    language = language_of(turn.utterance)
    _, flags = red_flags(turn.utterance)
    if flags:
        return emergency_reply(flags, language)
    picture = await _picture(turn, dialogue, "skin_photo")
    if picture is None:
        parts = [say(key, language) for key in ("skin_unseen", "skin_who", "skin_abcde", "skin_rash")]
        parts.append(say("sources", language, names="NHS: Moles, Melanoma; NICE NG12"))
        return Reply("\n".join(parts), speech=say("skin_speech", language), data={"skin": False})
    if (seen := await _something_else(picture, services)) is not None:
        return _not_skin(seen, language)
    problem = picture_problem(picture, BLURRED)
    parts = [say("picture_" + problem, language)] if problem else []
    parts.append(_described(find_spot(picture), language))
    parts += await told(picture, "skin", services, language)
    changed = bool(CHANGED.search(plain(turn.utterance)))
    parts += [say("skin_changed" if changed else "skin_who", language), say("skin_abcde", language)]
    parts += [say("skin_rash", language), say("picture_no_verdict", language)]
    parts.append(say("sources", language, names="NHS: Moles, Melanoma; NICE NG12"))
    return Reply("\n".join(parts), speech=say("skin_speech_changed" if changed else "skin_speech", language))


async def _something_else(picture: Picture, services: Services) -> str | None:
    """Returns the name of what a picture surely shows instead of skin, "" if it has no name, None if it may be skin."""
    try:
        kinds = await services.picture_kinds(picture)
        objects = await services.classify(picture, 1)
    except AssistantError:
        return None
    if not kinds or kinds.get("skin", 0.0) >= PERHAPS_SKIN:
        return None
    return objects[0][0] if objects and objects[0][1] >= SURE else ""


def _not_skin(seen: str, language: Language) -> Reply:
    """Says that the picture shows something else, and who should look at a rash."""
    named = seen if language == "en" else ""
    parts = [say("skin_other_named", language, thing=named) if named else say("skin_other", language)]
    parts += [say(key, language) for key in ("skin_photo_again", "skin_who", "skin_rash", "picture_no_verdict")]
    parts.append(say("sources", language, names="NHS: Moles, Melanoma; NICE NG12"))
    return Reply("\n".join(parts), speech=say("skin_other", language), data={"skin": False})


def _described(spot: Spot | None, language: Language) -> str:
    if spot is None:
        return say("skin_nothing", language)
    even = "skin_uneven" if spot.uneven > 0.2 else "skin_even"
    tones = "skin_tones" if spot.tones > 2 else "skin_tone"
    return say(
        "skin_seen",
        language,
        share=round(100 * spot.share),
        shape=say(even, language),
        tones=say(tones, language, count=spot.tones),
    )


MARKS = re.compile(r"\b(?:L|R|LEFT|RIGHT|AP|PA|LAT|LATERAL|ERECT|SUPINE|PORTABLE|UPRIGHT|SEMI-?ERECT)\b")


async def review_xray(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Check an X-ray picture's quality, say what is plainly on it, and who reads it."""
    language = language_of(turn.utterance)
    _, flags = red_flags(turn.utterance)
    if flags:
        return emergency_reply(flags, language)
    picture = await _picture(turn, dialogue, "xray_photo")
    if picture is None:
        return Reply("\n".join(say(key, language) for key in ("xray_who", "xray_ask", "xray_urgent")))
    problem = picture_problem(picture, BLURRED)
    parts = [say("picture_" + problem, language)] if problem and problem != "dark" else []
    width, height = picture.image.size
    parts.append(say("xray_seen" if is_grey(picture) else "xray_colour", language, width=width, height=height))
    if marks := await _marks(picture, services):
        parts.append(say("xray_marks", language, marks=", ".join(marks)))
    parts += await told(picture, "xray", services, language)
    parts += [say("xray_who", language), say("xray_ask", language), say("xray_urgent", language)]
    parts.append(say("picture_no_verdict", language))
    parts.append(say("sources", language, names="NHS: X-ray"))
    return Reply("\n".join(parts), speech=say("xray_speech", language))


async def _marks(picture: Picture, services: Services) -> list[str]:
    """The radiographer's marks on a film, such as "L" for the left side or "PORTABLE"."""
    try:
        lines = await services.read_text(picture)
    except AssistantError:
        return []
    return list(dict.fromkeys(mark for line in lines for mark in MARKS.findall(line.text.upper())))
