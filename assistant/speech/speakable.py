"""Text made speakable: cut into sentences, without markup, addresses and symbols nobody says."""

from __future__ import annotations

import re

__all__ = ["sentences", "speakable"]

_BREAK = re.compile(r"(?<=[。！？；…])\s*|\n+|(?<=[.!?…])[\"”’)\]]*\s+(?=\S)")
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|approx|e\.g|i\.e)|\b[A-Z])\.$")
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_ADDRESS = re.compile(r"https?://(?:www\.)?([^\s/?#]+)\S*")
_MARKUP = re.compile(
    r"^\s*(?:#{1,6}|>|[-*+•]|\d+[.)](?=\s))\s+|(?<!\w)[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}(?!\w)|^\s*[-=_*]{3,}\s*$",
    re.MULTILINE,
)
_EMOJI = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]")
_UNITS_ZH = {"%": "百分之", "°C": "摄氏度", "km": "公里", "kg": "公斤", "cm": "厘米", "ml": "毫升", "mg": "毫克"}


def speakable(text: str, language: str = "en") -> str:
    """The text as it is said: no code blocks, markup, emoji or address parts; units as words.

    English numbers are read by the voice itself.
    """
    text = _CODE.sub(" ", text)
    text = _LINK.sub(r"\1", text)
    text = _ADDRESS.sub(r"\1", text)
    text = _MARKUP.sub("", text)
    text = _EMOJI.sub("", text)
    if language == "zh":
        text = re.sub(r"(\d+(?:\.\d+)?)\s*%", r"百分之\1", text)
        for unit, name in _UNITS_ZH.items():
            text = re.sub(rf"(\d)\s*{re.escape(unit)}(?![A-Za-z])", rf"\1{name}", text)
    else:
        text = re.sub(r"\s*[→⇒]\s*", " to ", text)
        text = text.replace("≈", " about ").replace("×", " times ").replace("≥", " at least ").replace("≤", " at most ")
        text = re.sub(r"(?<=\w)\s*&\s*(?=\w)", " and ", text)
    return re.sub(r"[ \t]+", " ", text).strip()


def sentences(text: str) -> list[str]:
    """The sentences of an English or Chinese text, in order; titles and initials do not end one."""
    parts: list[str] = []
    for part in (piece.strip() for piece in _BREAK.split(text)):
        if not part:
            continue
        if parts and _ABBREVIATION.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {part}"
        else:
            parts.append(part)
    return parts
