"""Finds the words that a text must hold before a regular expression can match.

To look for a substring costs little beside a search, and an expression none of whose words is in a text need not even
be compiled. The expressions are read here as far as the vocabulary uses them: what is not understood needs nothing.
"""

from __future__ import annotations

import re

__all__ = ["required"]

TOKEN = re.compile(
    r"(?P<look>\(\?<?[=!])|(?P<open>\((?:\?(?:[:>]|P<\w+>))?)|(?P<close>\))|(?P<or>\|)"
    r"|(?P<repeat>(?:[*+?]|\{\d*,?\d*\})[?+]?)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<any>\.|\^|\$|\\[bBdDsSwWAZ])|\\(?P<escaped>.)|(?P<plain>[\w ']+(?![*+?{])|.)",
    re.DOTALL,
)
"""one piece of an expression; letters that nothing repeats are one piece"""
Needed = frozenset[str]
"""substrings of which a match holds one; empty for none"""


def required(expression: str) -> tuple[str, ...]:
    """Lower-case substrings of which every match holds at least one; ("",) where none can be told."""
    tokens = [(found.lastgroup or "", found) for found in TOKEN.finditer(expression)]
    return tuple(sorted(_Reader(tokens).choice() or {""}))


class _Reader:
    """Reads pieces from the left to the right."""

    def __init__(self, tokens: list[tuple[str, re.Match[str]]]) -> None:
        self._tokens = tokens
        self._at = 0

    def choice(self) -> Needed:
        """Branches up to a closing bracket or the end: one of each, or nothing where a branch needs nothing."""
        branches = [self._branch()]
        while self._at < len(self._tokens) and self._tokens[self._at][0] == "or":
            self._at += 1
            branches.append(self._branch())
        return frozenset().union(*branches) if all(branches) else frozenset()

    def _branch(self) -> Needed:
        """Of what follows one another, the part that is hardest to find."""
        parts: list[Needed] = []
        run = ""
        while self._at < len(self._tokens) and self._tokens[self._at][0] not in ("or", "close"):
            kind, found = self._tokens[self._at]
            self._at += 1
            letter = found["escaped"] or found["plain"] or ""
            needed = self._group(kind) if kind in ("open", "look") else frozenset[str]()
            optional = self._repeated()
            if letter and optional is None:
                run += letter.lower()
                continue
            parts.append(frozenset({run} if run else ()))
            run = ""
            if not optional:
                parts.append(frozenset({letter.lower()}) if letter else needed)
        parts.append(frozenset({run} if run else ()))
        return max(parts, key=lambda part: min(map(len, part), default=0))

    def _group(self, kind: str) -> Needed:
        inside = self.choice()
        self._at += 1  # the closing bracket
        return inside if kind == "open" else frozenset()

    def _repeated(self) -> bool | None:
        """Returns whether the last piece may be missing; None if nothing repeats it."""
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != "repeat":
            return None
        times = self._tokens[self._at][1][0]
        self._at += 1
        return times[0] in "*?" or times.startswith(("{0", "{,"))
