"""Which words a text must hold for a regular expression to be found in it at all.

To look for a substring costs little beside a search, and most expressions of the vocabulary begin with a choice of
words, where the search engine has no such short cut of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from re import _constants as op  # type: ignore[attr-defined]  # the engine's own reading of an expression
from re import _parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["needles"]

REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def needles(expression: str) -> tuple[str, ...]:
    """Lower-case substrings of which every match holds at least one; ("",) where none can be told."""
    return tuple(sorted(_needed(_parser.parse(expression)) or {""}))


def _needed(items: Iterable[tuple[Any, Any]]) -> frozenset[str]:
    """Of what follows one another, the part that is hardest to find; empty for none."""
    found: list[frozenset[str]] = []
    run = ""
    for kind, value in items:
        if kind is op.LITERAL:
            run += chr(value).lower()
            continue
        found.append(frozenset({run}))
        run = ""
        found.append(_of_one(kind, value))
    found.append(frozenset({run}))
    return max(found, key=lambda part: min(map(len, part), default=0)) - {""}


def _of_one(kind: Any, value: Any) -> frozenset[str]:
    if kind is op.SUBPATTERN:
        return _needed(value[3])
    if kind is op.ATOMIC_GROUP:
        return _needed(value)
    if kind in REPEATS and value[0] >= 1:
        return _needed(value[2])
    if kind is op.BRANCH:
        parts = [_needed(part) for part in value[1]]
        return frozenset().union(*parts) if all(parts) else frozenset()
    return frozenset()
