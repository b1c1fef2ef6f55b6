"""Reads one of several choices, or yes and no, in English and Chinese."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.intents.numbers import TENS, UNITS

__all__ = ["match_choice", "mentioned_choices", "read_yes_no"]


ALIKE, WORD_ALIKE = 0.85, 0.75
"""how alike (0 to 1) a mention of several words has to be on average, and each word, to count as said: "ice coffee" """
SIMILAR = 0.8
"""how alike a misspelt mention has to be where nothing better is there"""
_DIGITS = {
    word: str(number) for number, word in [*enumerate(UNITS), *((10 * tens, word) for tens, word in enumerate(TENS, 2))]
}


@dataclass(frozen=True)
class _Mention:
    slot: str
    choice: str
    start: int
    end: int


def mentioned_choices(text: str, slots: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The choices of each slot that a text mentions: none, one, or several.

    A word belongs to the longest choice it is part of, whosever that is: "a medium roast" mentions no size.

    Args:
        text: what was said.
        slots: slot → its choices.
    """
    words = _words(text)
    mentions = [
        _Mention(slot, choice, start, start + len(form))
        for slot, choices in slots.items()
        for choice in choices
        for form in [_form(choice)]
        for start in range(len(words) - len(form) + 1)
        if form and _said(words[start : start + len(form)], form)
    ]
    best = [each for each in mentions if not any(_within(each, other) for other in mentions)]
    found = {slot: list(dict.fromkeys(each.choice for each in best if each.slot == slot)) for slot in slots}
    free = [word for place, word in enumerate(words) if not any(each.start <= place < each.end for each in best)]
    for slot, choices in slots.items():
        if not found[slot] and (guess := _nearest(free, choices)):
            found[slot] = [guess]
    return found


def match_choice(text: str, choices: Sequence[str]) -> str | None:
    """The one choice a text mentions, perhaps misspelt; None when it mentions none or several."""
    found = mentioned_choices(text, {"": choices})[""]
    return found[0] if len(found) == 1 else None


def _said(words: Sequence[str], form: Sequence[str]) -> bool:
    if list(words) == list(form):
        return True
    if len(form) < 2 or _numbers(words) != _numbers(form):
        return False
    alike = [difflib.SequenceMatcher(None, *pair).ratio() for pair in zip(words, form, strict=True)]
    return min(alike) >= WORD_ALIKE and sum(alike) / len(alike) >= ALIKE


def _within(mention: _Mention, other: _Mention) -> bool:
    inside = other.start <= mention.start and mention.end <= other.end
    return inside and mention.end - mention.start < other.end - other.start


def _nearest(words: Sequence[str], choices: Sequence[str]) -> str | None:
    scored = sorted(((_likeness(words, _form(choice)), choice) for choice in choices), reverse=True)
    if not scored or scored[0][0] < SIMILAR or (len(scored) > 1 and scored[1][0] == scored[0][0]):
        return None
    return scored[0][1]


def _form(choice: str) -> list[str]:
    return _words(choice.replace("_", " ").replace("-", " "))


def _numbers(words: Sequence[str]) -> list[str]:
    return [word for word in words if word.isdigit()]


def _words(text: str) -> list[str]:
    """The words of a text; numbers in digits, however they are said: "twelve ounce" is "12 oz"."""
    text = re.sub(r"(?<=\d)(?=oz\b)", " ", text.lower())
    found = re.findall(r"[a-z0-9']+|[^\W\da-z_]", text)
    return ["ounce" if word == "oz" else _DIGITS.get(word, word) for word in found]


def _windows(words: Sequence[str], size: int) -> Iterator[str]:
    for start in range(len(words) - size + 1):
        yield " ".join(words[start : start + size])


def _likeness(words: Sequence[str], form: Sequence[str]) -> float:
    target = " ".join(form)
    if len(target) < 4:  # short words are alike by accident
        return 0.0
    alike = (
        difflib.SequenceMatcher(None, window, target).ratio()
        for window in _windows(words, len(form))
        if _numbers(window.split()) == _numbers(form)
    )
    return max(alike, default=0.0)


_UNSURE = re.compile(r"don'?t know|not sure|no idea|maybe|perhaps|不知道|不确定|也许|不清楚")
_YES = re.compile(
    r"\b(?:yes|yeah|yep|yup|sure|ok|okay|of course|certainly|absolutely|correct|right|true|"
    r"please(?=\W*$)|please do(?!n)|go ahead|do it|no problem|why not|i do|i am|it is|it does|definitely|fine)\b"
    r"|好|是|对|行|可以|嗯|没错|没问题|当然|要|愿意"
)
_NO = re.compile(
    r"\b(?:no(?! problem)|nope|nah|not|don'?t|doesn'?t|isn'?t|never|false|wrong|negative|none|neither)\b"
    r"|不|(?<!有)没(?!错|问题)|否|别"
)


def read_yes_no(text: str) -> bool | None:
    """Yes (True), no (False), or None when a text says neither. What is said first counts."""
    text = text.lower().replace("’", "'")
    if _UNSURE.search(text):
        return None
    yes, no = _YES.search(text), _NO.search(text)
    if yes and no:
        # "why not" and 没问题 hold a no inside; 不好 and "not right" hold a yes behind.
        return yes.start() <= no.start()
    return True if yes else False if no else None
