"""Value types of documents: sections, table rows as text, and the decoding of text in any encoding."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from assistant.errors import TextError
from assistant.types import Picture

__all__ = ["Section", "decode_text", "row_texts"]


@dataclass(frozen=True)
class Section:
    """A stretch of a document with a place of its own."""

    text: str = ""
    place: str = ""
    """where it stands, for people: "page 3", "slide 2", "sheet Costs"; "" for the whole of a plain text"""
    picture: Picture | None = None
    """a page that is a picture: its text must be read from its pixels"""
    missing: str = ""
    """the parts of the document that could not be read, for display: "3 pictures within it"; "" for none"""

    def cleaned(self) -> Section:
        """Without halves of characters, which no database takes, and soft hyphens, which part words."""
        return replace(self, text=_clean(self.text), place=_clean(self.place), missing=_clean(self.missing))


def _clean(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\u00ad", "")


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


ENCODINGS = ("gb18030", "cp932", "cp949", "big5", "euc_jp", "cp1251", "koi8_r", "cp1250", "cp1252", "cp1253", "cp1254")
"""besides UTF-8 and UTF-16; of several that fit as well, the first is taken"""
MOST_SAMPLED = 65_536
"""bytes from which the encoding is detected"""
_UNLIKELY = re.compile(
    r"[\uff61-\uff9f\ue000-\uf8ff\x80-\x9f]|[^\W\d_][¤¦§¨©¬¯±²³´¶¸¹º¼½¾¿¡×÷][^\W\d_]|[a-z][\u3400-\u9fff][a-z]|£[^\W\d_]"
)
"""what no text holds but one read in a wrong encoding: half-width kana, signs or a Chinese character within a word"""
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]{3,20})""")


def decode_text(content: bytes, name: str, declares: bool = False) -> str:
    """The text of a file, without a byte order mark; `declares` if its first lines may say the encoding, as HTML does.

    TextError when it is not text, or its encoding cannot be detected.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    elif b"\0" in content[:4096]:
        raise TextError(f"{name} is not text, although its name says so")
    else:
        declared = _DECLARED.search(content[:2048]) if declares else None
        text = _decode(content, name, declared[1].decode() if declared else "")
    return text.removeprefix("\ufeff").replace("\0", "")


def _decode(data: bytes, name: str, declared: str) -> str:
    """UTF-8, the declared encoding, or that which the bytes look like."""
    for encoding in filter(None, ("utf-8", declared)):
        with contextlib.suppress(UnicodeDecodeError, LookupError):
            return data.decode(encoding)
    sample = data[:MOST_SAMPLED].rpartition(b"\n")[0] or data[:MOST_SAMPLED]
    with contextlib.suppress(UnicodeDecodeError):  # in a few words of Western text every encoding looks as good
        if 3 * sum(byte > 127 for byte in sample) < len(sample) and not _UNLIKELY.search(sample.decode("cp1252")):
            return data.decode("cp1252")
    from charset_normalizer import from_bytes

    found = {
        match.encoding: (round(match.chaos, 1), -match.coherence)
        for match in from_bytes(sample, cp_isolation=[*ENCODINGS])
    }
    for encoding in sorted(found, key=lambda each: (found[each], ENCODINGS.index(each))):
        with contextlib.suppress(UnicodeDecodeError):
            if not _UNLIKELY.search(text := data.decode(encoding)):
                return text
    raise TextError(f"{name} is not readable: its encoding is unknown; save it as UTF-8")
