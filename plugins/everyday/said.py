"""How people ask, read from ``said.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["fitting", "without_courtesies"]

POLITE = re.compile(
    r"^(?:(?:hey|hi|ok|okay|please|and|also|oh|now|then|can you|could you|would you|will you|can we|i want(?: you)? to"
    r"|i(?:'d| would) like(?: you)? to|let'?s|go ahead and)[\s,]+)+"
    r"|^(?:(?:请问|请|麻烦你?|劳驾|帮我|帮忙|替我|给我|你?能不能|你?可以|能|再|还|顺便|我想|我要)[\s,，]*)+",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"(?:[\s,，]*(?:please|thanks|thank you|for me|谢谢|好吗|可以吗|吧|呢|吗|一下))*[\s.!?。！？]*$", re.IGNORECASE
)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "said.toml").read_text("utf-8"))


@cache
def _rules(section: str) -> list[tuple[str, re.Pattern[str]]]:
    return [
        (name, re.compile(_whole(pattern), re.IGNORECASE | re.DOTALL)) for name, pattern in _words()[section]["rules"]
    ]


def _whole(pattern: str) -> str:
    while (filled := re.sub(r"@(\w+)@", lambda found: str(_words()["fragments"][found[1]]), pattern)) != pattern:
        pattern = filled
    return pattern


def fitting(section: str, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rules of a section that a whole text fits, in order: the name of each, and its groups that hold something."""
    for name, pattern in _rules(section):
        if found := pattern.fullmatch(text):
            yield name, {group: value for group, value in found.groupdict().items() if value}


def without_courtesies(text: str, *, ends: bool = True) -> str:
    """A sentence without "please", "can you" and the like.

    Args:
        ends: take them off its end too.
    """
    said = POLITE.sub("", " ".join(text.split()).replace("’", "'"))
    return ENDS.sub("", said) if ends else said
