"""Makes text speakable: removes markup, addresses and signs that are not read aloud, and cuts it into sentences."""

from __future__ import annotations

import re
from functools import cache

from assistant.language import reply_languages, say

__all__ = ["pieces", "sentences", "speakable"]

_BREAK = re.compile(r"\s*\n\s*|[。！？；…]+[”’」』）)\]]*\s*|[.!?…]+[\"”’」』）)\]]*\s+(?=\S)")
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|approx|e\.g|i\.e)|\b[A-Z])\.\s*$")
_NUMBERED = re.compile(r"(?:^|\n)\s*\d+[.)]\s*$")
"""the number of a list's item"""
_BEFORE_NUMBER = re.compile(r"\b[A-Za-z][^\W\daeiou_]{0,3}\.\s+$|\b(?:fig|art|ca|vol|ed|sec)\.\s+$", re.IGNORECASE)
"""a short word that a number follows: p. 3, Nr. 5"""
_DAY_OF_MONTH = re.compile(r"(?<![\d.])[0-3]?\d\.\s+$")
"""of a German date, which a month follows: 27. November"""
_PAIRS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【", "》": "《", "」": "「", "』": "『", "”": "“"}
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_ADDRESS = re.compile(r"https?://(?:www\.)?([^\s/?#]+)\S*")
_MARKUP = re.compile(
    r"^\s*(?:#{1,6}|>|[-*+•]|\d+[.)](?=\s))\s+|(?<!\w)[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}(?!\w)|^\s*[-=_*]{3,}\s*$",
    re.MULTILINE,
)
_EMOJI = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]")
_UNITS_ZH = {"%": "百分之", "°C": "摄氏度", "km": "公里", "kg": "公斤", "cm": "厘米", "ml": "毫升", "mg": "毫克"}

_SIGNS = (
    (r"\s*[→⇒]\s*", "to"),
    ("≈", "about"),
    ("×", "times"),
    ("≥", "at_least"),
    ("≤", "at_most"),
    (r"(?<=\w)\s*&\s*(?=\w)", "and"),
)
"""signs that are no sound, and the key of the word for each"""


_CLOCK = re.compile(r"(?<![\d:])0?(\d{1,2}):(\d\d)(?![\d:])(?: Uhr)?")
_EUROS = re.compile(r"(?<![\d.,])(\d[\d.]*),(\d\d) €")


def speakable(text: str, language: str = "en") -> str:
    """The text to speak: no code blocks, markup, emoji or address parts; units as words.

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
        for sign, name in _SIGNS:
            text = re.sub(sign, say(f"aloud_{name}", language), text)
        if language != "en" and language in reply_languages():
            text = _CLOCK.sub(lambda found: _in_two(found, "aloud_time", "aloud_hour", language), text)
            text = _EUROS.sub(lambda found: _in_two(found, "aloud_amount", "aloud_euros", language), text)
    return re.sub(r"[ \t]+", " ", text).strip()


def _in_two(found: re.Match[str], both: str, whole: str, language: str) -> str:
    """A time or an amount in words; its second number only where that is not 00."""
    return say(whole if found[2] == "00" else both, language, first=found[1], second=found[2].removeprefix("0"))


def sentences(text: str) -> list[str]:
    """The sentences of an English or Chinese text, in order, without the space around them; see `pieces`."""
    return [stripped for piece in pieces(text) if (stripped := piece.strip())]


def pieces(text: str) -> list[str]:
    """A text cut after each sentence; joined they are the text again.

    Titles, initials, the numbers of lists and what stands in brackets or quotation marks end no sentence.
    """
    found: list[str] = []
    start = 0
    for mark in _BREAK.finditer(text):
        piece = text[start : mark.end()]
        if "\n" in mark[0] or not _goes_on(piece, text[mark.end() :].partition("\n")[0]):
            found.append(piece)
            start = mark.end()
    return [*found, text[start:]] if start < len(text) else found


@cache
def _months() -> tuple[str, ...]:
    return tuple(say("months", "de").split())


def _goes_on(piece: str, rest: str) -> bool:
    """Returns whether a sentence goes on after a mark that ends most; `rest` is the rest of its line."""
    if _ABBREVIATION.search(piece) or _NUMBERED.search(piece):
        return True
    if rest[:1].isdigit() and _BEFORE_NUMBER.search(piece):
        return True
    if _DAY_OF_MONTH.search(piece) and rest.startswith(_months()):
        return True
    if rest[:1].islower() and not piece.rstrip().endswith(("!", "?")):
        return True
    opened: list[str] = []
    for character in piece:
        if character in _PAIRS.values():
            opened.append(character)
        elif opened and _PAIRS.get(character) == opened[-1]:
            opened.pop()
    return any(closing in rest for closing, opening in _PAIRS.items() if opening in opened)
