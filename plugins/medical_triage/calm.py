"""The patterns of ``calm.toml``: what is calm in a text, and what a reply may be besides an answer."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

__all__ = ["says"]

FILE = Path(__file__).parent / "calm.toml"


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    content = tomllib.loads(FILE.read_text("utf-8"))
    lists: dict[str, str] = content["lists"]
    return {
        name: re.compile("|".join(re.sub("<([a-z]+)>", lambda found: lists[found[1]], each) for each in patterns))
        for name, patterns in content["patterns"].items()
    }


def says(kind: str, text: str) -> bool:
    """Whether a text holds a pattern of a kind.

    Args:
        kind: a name of ``calm.toml``.
        text: as `facts.plain` returns it.
    """
    return bool(_patterns()[kind].search(text))
