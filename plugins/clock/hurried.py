"""Times as people write them in a hurry, in words that the readers of times know: "tmrw mornin", "half seven"."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from assistant import Turn

__all__ = ["spelled", "spelled_out"]

ALIKE = 0.8
"""share of letters in their order from which a word is "remind", mistyped"""
_ASKED = re.compile(r"\b(?P<word>r[a-z]{4,6})(?P<me> me\b)", re.IGNORECASE)
_HOUR = r"(?:1[0-2]|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_AT = r"(^\W*|\b(?:at|for|by|like|say|to|till?|until|around|about|it|so|me|alarm) )"
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(said, re.IGNORECASE), meant)
    for said, meant in (
        (r"\b(?:tmrw|tmr|tmw|tomoz|tom+or+ow|2mor+ow|2mor+o)\b", "tomorrow"),
        (r"\b(?:tonite|2nite)\b", "tonight"),
        (r"\b(morn|even)in\b'?", r"\1ing"),
        (r"\bx-?mas\b", "Christmas"),
        (rf"{_AT}half (?={_HOUR}\b(?! ?(?:a|an|of|dozen|hours?|minutes?|price|percent|%)\b))", r"\1half past "),
        (rf"(?:\b(?:at|around|about|like|say) )?\b({_HOUR})-?ish\b", r"at \1"),
        (rf"\b(?:around|about|like|say) ({_HOUR})(?=\W*$)", r"at \1"),
        (
            r"\b(at|to|for|by|so|it|say|until|till) (\d{1,2}) ([0-5]\d)(?=\W*$|\s+(?:please|instead|then)\b)",
            r"\1 \2:\3",
        ),
        (rf"\b(alarms?|me|up) (?:for )?({_HOUR}) (?=(?:tomorrow|today|tonight|this|in the)\b)", r"\1 at \2 "),
        (r"天天(?=.{0,8}[点时])", "每天"),
        (r"(小时|钟头|分钟|刻钟|天|周|星期|个月|年)以后", r"\1之后"),
    )
)


@lru_cache(256)
def spelled_out(text: str) -> str:
    """The words with their times spelled out; the same words where nothing is shortened."""
    for said, meant in _PLAIN:
        text = said.sub(meant, text)
    return _ASKED.sub(_remind, text)


def _remind(found: re.Match[str]) -> str:
    from difflib import SequenceMatcher  # rarely needed

    alike = SequenceMatcher(None, found["word"].lower(), "remind").ratio() >= ALIKE
    return f"remind{found['me']}" if alike else found.group()


def spelled(turn: Turn) -> Turn:
    """The turn with its times spelled out."""
    plain = spelled_out(turn.utterance)
    return turn if plain == turn.utterance else replace(turn, text=plain, transcript=None)
