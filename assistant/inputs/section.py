"""What is read from a document, and the rows of a table as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from assistant.types import Picture

__all__ = ["Section", "row_texts"]


@dataclass(frozen=True)
class Section:
    """A stretch of a document with a place of its own."""

    text: str = ""
    place: str = ""
    """where it stands, for people: "page 3", "slide 2", "sheet Costs"; "" for the whole of a plain text"""
    picture: Picture | None = None
    """a page that is a picture: its text must be read from its pixels"""
    missing: str = ""
    """what of the document could not be read, for people: "3 pictures within it"; "" for nothing"""


_FILE = re.compile(r"\S+\.[a-z]\w{1,4}", re.IGNORECASE)
"""a cell that is a file's name"""
LONGEST_NAME = 30
"""characters of a column's name"""
LOOKED = 5
"""rows below the first that may show what is a heading"""


def row_texts(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A text for every row, in order: "item: fuel | euros: 260"; "" for an empty one.

    The first row names the columns where it holds words alone and a row below it numbers. Names of files and the
    row's own number at its start are left out.
    """
    names = rows[0] if _names_columns(rows) else ()
    for place, row in enumerate(rows):
        pairs = zip_longest((cell.strip() for cell in row), names if place else (), fillvalue="")
        kept = [
            (cell, name) for column, (cell, name) in enumerate(pairs) if cell and not _is_label(cell, column, place)
        ]
        if len(kept) == 1:
            yield kept[0][0]
        else:
            yield " | ".join(f"{name.strip()}: {cell}" if name.strip() else cell for cell, name in kept)


def _is_label(cell: str, column: int, place: int) -> bool:
    return bool(_FILE.fullmatch(cell)) or (not column and cell in (str(place - 1), str(place)))


def _names_columns(rows: Sequence[Sequence[str]]) -> bool:
    if len(rows) < 2:
        return False
    first = [cell.strip() for cell in rows[0] if cell.strip()]
    below = rows[1 : 1 + LOOKED]
    return (
        len(first) > 1
        and all(len(cell) <= LONGEST_NAME and not any(map(str.isdecimal, cell)) for cell in first)
        and any(any(map(str.isdecimal, cell)) for row in below for cell in row)
    )
