"""Cutting texts into passages short enough to mean one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["cut_passages"]

LENGTH = 600
"""characters of a passage at most: about 150 word pieces, well within what the encoders read"""

_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"(?<=[.!?。！？;；])\s*|\n")


def cut_passages(text: str, length: int = LENGTH) -> list[str]:
    """Cuts at paragraphs, then at sentences, then anywhere, into passages of at most `length` characters, none empty.

    A Markdown heading goes with what follows it. Short paragraphs share a passage.
    """
    passages: list[str] = []
    current, after_heading = "", False
    for piece in _pieces(text, length):
        heading = piece.startswith("#")
        joined = f"{current}\n{piece}" if current else piece
        if current and (len(joined) > length or (heading and not after_heading)):
            passages.append(current)
            current = piece
        else:
            current = joined
        after_heading = heading
    return [*passages, current] if current else passages


def _pieces(text: str, length: int) -> Iterator[str]:
    for paragraph in _PARAGRAPH.split(text):
        paragraph = paragraph.strip()
        if len(paragraph) <= length:
            if paragraph:
                yield paragraph
            continue
        for sentence in _SENTENCE.split(paragraph):
            sentence = sentence.strip()
            yield from (sentence[at : at + length] for at in range(0, len(sentence), length))
