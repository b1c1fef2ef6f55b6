"""Loads the request patterns of ``said.toml``."""

import re
from pathlib import Path

from assistant import Sentences

__all__ = ["fitting", "without_courtesies", "without_fillers"]

_FILLER = re.compile(
    r"(?:,\s*)?\b(?:u+m+|u+h+|e+r+m*)\b[\s,.…]*|^(?:那个|嗯+|呃+|额+|哎呀?|诶)[\s….,，。]+", re.IGNORECASE
)
_ENDS = re.compile(
    r"(?:[\s,]+(?:tho|though|pls|plz|mate|ta|cheers|would you|will you|can you|could you))+\W*$", re.IGNORECASE
)
_STARTS = re.compile(r"^(?:(?:just|maybe|quickly|actually|oh)[\s,]+)+", re.IGNORECASE)
_sentences = Sentences(Path(__file__).parent / "said.toml")
fitting = _sentences.fitting


def without_fillers(text: str) -> str:
    """A sentence without "um" and the like."""
    return _FILLER.sub(" ", text).strip() if _FILLER.search(text) else text


def without_courtesies(text: str, *, ends: bool = True) -> str:
    """A sentence without "please", "can you", "um" and the like; see `Sentences.without_courtesies`."""
    said = _STARTS.sub("", without_fillers(text))
    return Sentences.without_courtesies(_ENDS.sub("", said) if ends else said, ends=ends)
