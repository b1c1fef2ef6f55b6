"""Reads a question to the library: its content words, its topic, and the kind of file that can answer it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path, PurePath
from typing import Any, Literal

from assistant.retrieval.items import Hit, Kind
from assistant.retrieval.library.fields import AMOUNTS, Wanted, read_wanted
from assistant.retrieval.terms import stem_of, telling_words

__all__ = ["Expected", "LibraryQuestion", "holds_expected", "read_question", "telling"]

FIELDED, BILL = 2.0, 3.5
"""what dates or amounts that are as asked for add to a logit, and what they add to a bill's"""
_CODE = re.compile(r"\b[A-Za-z]+-?\d[A-Za-z\d]*\b", re.ASCII)
NAMED = 4.0
"""what the file's own name adds, where a request to find holds nothing else"""
ANOTHER = -6.0
"""what an identifier, or a value such as a time of day, adds that is asked for and not there"""
Expected = Literal["time", "money", "number", "person", ""]


@cache
def _words() -> dict[str, Any]:
    """The file `questions.toml`, its regular expressions compiled."""
    kept: dict[str, Any] = tomllib.loads(Path(__file__).with_name("questions.toml").read_text("utf-8"))
    asking = frozenset(kept.pop("asking").split())
    person = re.compile(kept["holds"]["person"])  # only the form of a name tells a person from a thing
    words = _compiled(kept)
    return {**words, "asking": asking, "holds": {**words["holds"], "person": person}}


def _compiled(value: Any) -> Any:
    match value:
        case str():
            return re.compile(value, re.IGNORECASE)
        case dict():
            return {key: _compiled(each) for key, each in value.items()}
        case [dict(), *_]:
            return [_compiled(each) for each in value]
    return value


@dataclass(frozen=True)
class LibraryQuestion:
    """A question, read."""

    text: str
    kind: Kind | None = None
    """only such things, where the question names them: "the photo with …" """
    endings: frozenset[str] = frozenset()
    """file endings, where it names a kind of file, such as a mail; of use only when the library has such files"""
    wanted: Wanted = field(default_factory=Wanted)
    """dates and amounts that the thing must have"""
    focus: str = ""
    """what the question itself calls its subject: "notice" in "what does my contract say about notice?" """

    @cached_property
    def topic(self) -> str:
        """The thing to find in a request to find; else the whole question."""
        match = _words()["search"].search(self.text)
        return next((part.strip() for part in match.groups() if part), self.text) if match else self.text

    @cached_property
    def words(self) -> list[str]:
        """Its telling words, stemmed."""
        return telling(self.topic)

    @cached_property
    def expects(self) -> Expected:
        """Kind of value that the answer must hold; "" for any."""
        return next((kind for kind, words in _words()["expected"].items() if words.search(self.text)), "")

    def fielded(self, hit: Hit, title: str) -> float:
        """Returns the logit added to a hit's relevance for the names, identifiers, dates and amounts asked for."""
        if self.lacks_code(hit, title) or self.lacks_value(hit):
            return ANOTHER
        if not self.wanted:
            return NAMED if self.names(title) else 0.0
        if not _words()["bill"].search(self.text):
            return FIELDED
        bill = _words()["bill"].search(f"{title} {hit.text}") or (
            _words()["total"].search(hit.text) and AMOUNTS in hit.metadata
        )
        return BILL if bill else -FIELDED / 2

    @cached_property
    def codes(self) -> frozenset[str]:
        """Identifiers that it names, in lower case: "E24", "A1008"."""
        return frozenset(code.lower().replace("-", "") for code in _CODE.findall(self.text))

    def names(self, title: str) -> bool:
        """Returns whether it asks to find a file by its name."""
        return self.topic != self.text and bool(self.words) and set(self.words) <= set(telling(title))

    def lacks_code(self, hit: Hit, title: str) -> bool:
        """Returns whether a hit is about something else than the identifiers that are asked for."""
        told = f"{title} {hit.text}".lower().replace("-", "")
        return any(code not in told for code in self.codes)

    def lacks_value(self, hit: Hit) -> bool:
        """Returns whether a hit lacks a value of the form asked for: no time of day after "what time"."""
        return any(each["asked"].search(self.text) and not each["held"].search(hit.text) for each in _words()["values"])

    def suits(self, hit: Hit) -> bool:
        """Returns whether a hit is of the kind, and has the dates and amounts, that are asked for."""
        ending = PurePath(hit.source).suffix.lower()
        right = not self.endings or ending in self.endings
        return right and self.wanted.held_by(hit.metadata)


def read_question(text: str, endings: Callable[[], Collection[str]] = lambda: ()) -> LibraryQuestion:
    """Read a question; the endings of the library's files are asked for only when it names a kind of file."""
    text = " ".join(text.split())
    kind = next((kind for kind, words in _words()["kinds"].items() if words.search(text)), None)
    named = [each["endings"] for each in _words()["endings"] if each["words"].search(text)]
    known = frozenset(endings()) if named else frozenset()
    there = frozenset().union(*named) & known
    match = _words()["focus"].search(text)
    focus = next((part for part in match.groups() if part), "") if match else ""
    wanted = read_wanted(text) if _words()["things"].search(text) else Wanted()
    return LibraryQuestion(text, kind, there, wanted, focus.strip(" ?？.。!！"))


def telling(text: str) -> list[str]:
    """The words of a text that say what it is about, stemmed, each once; Chinese as pairs of characters."""
    plain = _words()["asking_chinese"].sub(" ", text.lower())
    asking = _words()["asking"]
    # A single letter is the end of "landlord's".
    told = (
        word
        for word in telling_words(plain)
        if word not in asking and not (len(word) == 1 and word.isalpha() and word.isascii())
    )
    return list(dict.fromkeys(stem_of(word) for word in told))


def holds_expected(kind: Expected, text: str) -> float:
    """Returns whether a text holds what a question expects: 1 if so, 2 for the total of a bill, -1 if not."""
    if kind and not _words()["holds"][kind].search(text):
        return -1.0
    return 2.0 if kind == "money" and _words()["total"].search(text) else 1.0
