"""Sentences of a passage: what an answer quotes, and the headings they stand under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

__all__ = ["Sentence", "label_of", "split_sentences", "stands_alone"]

_END = re.compile(r"[.!?]+[\"'”’)]*(?=\s)|[。！？；]+[”」）]*|$")
_SHORTENED = re.compile(r"(?:^|\b(?:Mr|Mrs|Ms|Dr|St|Prof|No|Nr|approx|vs|etc|e\.g|i\.e|[A-Z])|^\W*\d{1,3})\.$")
"""a full stop that ends no sentence: after a title, an initial, or the number of a list"""
_NUMBERED = re.compile(
    r"(?:§ ?\d+[.):]?|\d{1,2}(?:\.\d{1,2})*[.)]|[IVX]{1,5}\.|第?[一二三四五六七八九十]{1,3}[、条章节])"
    r"\s*[^\W\d]\D{0,40}?[.:：]?"
)
"""a heading with a number: "5. Notice." """
_POINT = re.compile(r"\d{1,2}[.)]")
NUMBERED_WORDS = 5
_RULE = re.compile(r"[\s|:+=-]+")
"""a line that only draws a table"""
_LABELLED = re.compile(r"([^\W\d][^:：|.!?。！？]{0,30})[:：]\s*\S")
"""a line that is a field with its value: "Bike lock: 0936" """
_HEADER = re.compile(r"(From|To|Cc|Date|Subject): ?(.*)")
_TELLING_HEADERS = ("From", "Date")
"""of a mail; the subject stands above each sentence"""
_REPLIES = re.compile(r"(?:(?:re|fwd?|aw|wg|回复|转发)\s*[:：]\s*)+", re.IGNORECASE)
HEADING = 60
"""characters of a line that is a heading: with a colon at its end, or none of a sentence before one that has"""
_CLOSING = frozenset(".!?。！？")
WRAPPED = 60
"""characters of a line that goes on in the next one unless it ends like a sentence"""


class Sentence(NamedTuple):
    """A sentence, or a line of a list or a table."""

    text: str
    heading: str = ""
    """the headings above it, the sender and subject of a mail, or the first row of its table; "" for none"""


def split_sentences(text: str) -> list[Sentence]:
    """The sentences of a text, in order, none of them empty; headings alone where there is nothing else."""
    lines = _lines(text)
    found: list[Sentence] = []
    top, section, columns = "", "", ""
    headers: dict[str, str] = {}
    for place, (line, after) in enumerate(zip_longest(lines, lines[1:], fillvalue="")):
        if len(headers) == place and (header := _HEADER.fullmatch(line)):
            headers[header[1]] = _REPLIES.sub("", header[2])
            sender = re.sub(r"\s*<.*|[\"']", "", headers.get("From", ""))
            top = ": ".join(filter(None, (sender, headers.get("Subject", ""))))
            if header[1] in _TELLING_HEADERS or not after:
                found.append(Sentence(line, top))
            continue
        columns = columns if " | " in line and not _LABELLED.match(line) else ""
        if headers and line.startswith(">") and line[-1] in ":?：？":
            continue  # quoted parts of the mail that it answers
        if after and _is_heading(line, after):
            top, section = (top, _bare(line)) if top or _numbered(line) else (_bare(line), section)
            continue
        if " | " in line and " | " in after and not columns and not any(map(str.isdecimal, line)):
            columns = line
            continue
        for each in _cut(line):
            if _POINT.match(each) and _POINT.match(section):
                section = ""
            above = (top, section if section not in top else "", columns)
            found.append(Sentence(each, ": ".join(filter(None, above))))
            if _numbered(each):
                section = _bare(each)
    return found


def stands_alone(sentence: str) -> bool:
    """Returns whether a sentence is independent of its neighbours: a field, a table's row."""
    return " | " in sentence or (bool(_LABELLED.match(sentence)) and not _HEADER.match(sentence))


def label_of(sentence: str) -> str:
    """The label of a field, such as "Bike lock" in "Bike lock: 0936"; "" where a sentence is none."""
    label = None if " | " in sentence else _LABELLED.match(sentence)
    return label[1] if label else ""


def _bare(line: str) -> str:
    return line.lstrip("# ").rstrip(":：")


def _numbered(line: str) -> bool:
    return len(line.split()) <= NUMBERED_WORDS and bool(_NUMBERED.fullmatch(line))


def _is_heading(line: str, after: str) -> bool:
    if line.startswith("#") or _numbered(line):
        return True
    if len(line) > HEADING or stands_alone(line) or line[0] in "-*•·>":
        return False
    bare = line[-1].isalnum() and after[-1] in _CLOSING and not any(map(str.isdecimal, line))
    return line[-1] in ":：" or bare


def _lines(text: str) -> list[str]:
    lines: list[str] = []
    for line in (_row(" ".join(part.split())) for part in text.splitlines()):
        if line and lines and lines[-1] and _goes_on(lines[-1], line):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return [line for line in lines if line]


def _row(line: str) -> str:
    """A line without what draws a table, and without the marks of bold print."""
    if _RULE.fullmatch(line):
        return ""
    if line.startswith("|") and line.endswith("|"):
        line = " | ".join(cell.strip() for cell in line.strip("|").split("|"))
    return re.sub(r"\*\*(\S(?:.*?\S)?)\*\*", r"\1", line)


def _goes_on(line: str, after: str) -> bool:
    if " | " in line or " | " in after or _HEADER.fullmatch(line) or line.startswith("#") or after[0] in "-*•·#>":
        return False
    return (len(line) >= WRAPPED and line[-1] not in ".!?:;。！？：；") or after[0].islower()


def _cut(line: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(line):
        if _SHORTENED.search(line[start : match.end()]) and match.end() < len(line):
            continue
        if sentence := line[start : match.end()].strip():
            yield sentence
        start = match.end()
