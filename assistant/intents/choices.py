"""One of several choices, and yes or no, as people say them in English and Chinese."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

__all__ = ["match_choice", "read_yes_no"]


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+|[^\W\da-z_]", text.lower())


def _windows(words: Sequence[str], size: int) -> Iterator[str]:
    for start in range(len(words) - size + 1):
        yield " ".join(words[start : start + size])


def match_choice(text: str, choices: Sequence[str], similar: float = 0.8) -> str | None:
    """The one choice a text mentions, or None when it mentions none or several.

    Args:
        similar: how alike (0 to 1) a misspelt mention has to be.
    """
    words = _words(text)
    forms = {choice: _words(choice.replace("_", " ").replace("-", " ")) for choice in choices}
    named = [choice for choice, form in forms.items() if form and " ".join(form) in _windows(words, len(form))]
    # "extra large" mentions "large" too: the longest mention stands for those inside it.
    best = [choice for choice in named if not any(_inside(forms[choice], forms[other]) for other in named)]
    if best:
        return best[0] if len(best) == 1 else None
    scored = sorted(((_likeness(words, form), choice) for choice, form in forms.items()), reverse=True)
    if not scored or scored[0][0] < similar or (len(scored) > 1 and scored[1][0] == scored[0][0]):
        return None
    return scored[0][1]


def _inside(form: Sequence[str], other: Sequence[str]) -> bool:
    return len(form) < len(other) and " ".join(form) in _windows(other, len(form))


def _likeness(words: Sequence[str], form: Sequence[str]) -> float:
    target = " ".join(form)
    if len(target) < 4:  # short words are alike by accident
        return 0.0
    return max((difflib.SequenceMatcher(None, w, target).ratio() for w in _windows(words, len(form))), default=0.0)


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
