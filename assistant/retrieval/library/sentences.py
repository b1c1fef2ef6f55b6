"""Sentences of a passage: what an answer quotes, and the headings they stand under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

__all__ = ["Sentence", "split_sentences"]

_END = re.compile(r"[.!?]+[\"'”’)]*(?=\s)|[。！？；]+[”」）]*|$")
_SHORTENED = re.compile(r"(?:^|\b(?:Mr|Mrs|Ms|Dr|St|Prof|No|Nr|approx|vs|etc|e\.g|i\.e|[A-Z])|^\W*\d{1,3})\.$")
"""a full stop that ends no sentence: after a title, an initial, or the number of a list"""
HEADING = 60
"""characters of a line that is a heading: with a colon at its end, or none of a sentence before one that has"""
_CLOSING = frozenset(".!?。！？")
WRAPPED = 60
"""characters of a line that goes on in the next one unless it ends like a sentence"""


class Sentence(NamedTuple):
    """A sentence, or a line of a list or a table."""

    text: str
    heading: str = ""
    """the headings above it, or the first row of its table; "" for none"""


def split_sentences(text: str) -> list[Sentence]:
    """The sentences of a text, in order, none of them empty; headings alone where there is nothing else."""
    lines = _lines(text)
    found: list[Sentence] = []
    headings: list[str] = []
    for line, after in zip_longest(lines, lines[1:], fillvalue=""):
        if after and _is_heading(line, after):
            headings = [*headings[:1], line.lstrip("# ").rstrip(":：")]
            continue
        found += [Sentence(each, ": ".join(headings)) for each in _cut(line)]
        if not headings and " | " in line:
            headings = [line]
    return found


def _is_heading(line: str, after: str) -> bool:
    if line.startswith("#"):
        return True
    bare = line[-1].isalnum() and after[-1] in _CLOSING and not line[0].isdigit()
    return len(line) <= HEADING and (line[-1] in ":：" or bare)


def _lines(text: str) -> list[str]:
    lines: list[str] = []
    for line in (" ".join(part.split()) for part in text.splitlines()):
        if line and lines and lines[-1] and _goes_on(lines[-1], line):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return [line for line in lines if line]


def _goes_on(line: str, after: str) -> bool:
    open_end = len(line) >= WRAPPED and line[-1] not in ".!?;。！？；"
    return (open_end or after[0].islower()) and not line.startswith("#")


def _cut(line: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(line):
        if _SHORTENED.search(line[start : match.end()]) and match.end() < len(line):
            continue
        if sentence := line[start : match.end()].strip():
            yield sentence
        start = match.end()
