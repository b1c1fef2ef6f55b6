"""The patterns of ``calm.toml``: what is calm in a text, and what a reply may be besides an answer."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

__all__ = ["says"]

FILE = Path(__file__).parent / "calm.toml"


@cache
def _written() -> tuple[dict[str, str], dict[str, list[str]]]:
    """The lists of words, and the patterns of each kind."""
    content = tomllib.loads(FILE.read_text("utf-8"))
    return content["lists"], content["patterns"]


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    lists, patterns = _written()
    return re.compile("|".join(re.sub("<([a-z]+)>", lambda found: lists[found[1]], each) for each in patterns[kind]))


def says(kind: str, text: str) -> bool:
    """Returns whether a text matches a pattern of a kind.

    Args:
        kind: a name of ``calm.toml``.
        text: as `facts.plain` returns it.
    """
    return bool(_pattern(kind).search(text))
