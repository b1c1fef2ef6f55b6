"""Reads whole sentences by patterns in a file beside the plugin's code, for intents that say what surely means them."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

__all__ = ["Sentences"]

_POLITE = re.compile(
    r"^(?:(?:hey|hi|ok|okay|please|and|also|oh|now|then|can you|could you|would you(?: be willing to| mind)?|will you"
    r"|can we|i(?:'m| am)? (?:(?:want|need|wanting)(?: you)? to|wanna)|i(?:'d| would) like(?: you)? to|let'?s"
    r"|go ahead and|is it possible to|are you able to|kindly)[\s,]+)+"
    r"|^(?:(?:请问|请|麻烦你?|劳驾|帮我|帮忙|替我|给我|你?能不能|你?可以|能|再|还|顺便|我想|我要)[\s,，]*)+",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"(?:[\s,，]*(?:please|thanks|thank you|for me|谢谢|好吗|可以吗|吧|呢|吗|一下))*[\s.!?。！？]*$", re.IGNORECASE
)


class Sentences:
    """The sentences of a file.

    A table of the file has ``rules``: pairs of a name and a regular expression. ``@NAME@`` in one stands for the
    pattern of that name in the table ``fragments``. A group may stand in several branches of an expression.

    Args:
        file: a TOML file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._compiled: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def fitting(self, table: str, text: str) -> Iterator[tuple[str, dict[str, str]]]:
        """The rules of a table that a whole text fits: each one's name, and its groups that hold something."""
        if table not in self._compiled:
            self._compiled[table] = [
                (name, re.compile(self._whole(pattern), re.IGNORECASE | re.DOTALL))
                for name, pattern in self._words[table]["rules"]
            ]
        for name, pattern in self._compiled[table]:
            if found := pattern.fullmatch(text):
                yield name, {group.partition("__")[0]: value for group, value in found.groupdict().items() if value}

    @staticmethod
    def without_courtesies(text: str, *, ends: bool = True) -> str:
        """A sentence without "please", "can you" and the like (and its full stop, where `ends`), in one line."""
        said = _POLITE.sub("", " ".join(text.split()).replace("’", "'"))
        return _ENDS.sub("", said) if ends else said

    @cached_property
    def _words(self) -> dict[str, Any]:
        return tomllib.loads(self._file.read_text("utf-8"))

    def _whole(self, pattern: str) -> str:
        while (filled := re.sub(r"@(\w+)@", lambda found: self._words["fragments"][found[1]], pattern)) != pattern:
            pattern = filled
        times: Counter[str] = Counter()

        def numbered(found: re.Match[str]) -> str:
            times[found[1]] += 1
            return found[0] if times[found[1]] == 1 else f"(?P<{found[1]}__{times[found[1]]}>"

        return re.sub(r"\(\?P<(\w+)>", numbered, pattern)
