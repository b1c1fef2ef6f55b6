"""A passage of a course: some sentences, and exactly where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from assistant import Match

from .saying import said_file, said_time
from .wording import Language, say

__all__ = ["Kind", "Passage", "clock", "spoken_passages", "written_passages"]

Kind = Literal["page", "slide", "lecture", "text"]

LONGEST = 320
"""characters of a passage that is spoken or printed, about three sentences"""
SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


@dataclass(frozen=True)
class Passage:
    """A stretch of a course that can be found and named."""

    file: str
    """path inside the course folder"""
    kind: Kind
    text: str
    page: int = 0
    """page of a PDF, from 1; 0 where there are no pages"""
    start: float = -1.0
    """seconds from the beginning of a recording; -1 where there is none"""
    end: float = -1.0

    def where(self, language: Language) -> str:
        """Returns the place as text: "handout.pdf, page 2" or "lecture.ogg at 01:12"."""
        return say(f"where_{self.kind}", language, file=self.file, page=self.page, time=clock(self.start))

    def said(self, language: Language) -> str:
        """Returns the place as spoken text: "lecture gradient descent at 1 minute 12 seconds"."""
        time = said_time(self.start, language)
        return say(f"where_{self.kind}", language, file=said_file(self.file), page=self.page, time=time)

    def to_json(self) -> dict[str, Any]:
        """For programs: file, kind, text, and page or mm:ss and seconds where there are any."""
        found: dict[str, Any] = {"passage": self.text, "file": self.file, "kind": self.kind}
        if self.page:
            found["page"] = self.page
        if self.start >= 0:
            found |= {"time": clock(self.start), "start_s": round(self.start, 1), "end_s": round(self.end, 1)}
        return found

    def stored(self) -> dict[str, Any]:
        """As the index keeps it."""
        return asdict(self)

    def place(self) -> dict[str, str | int | float]:
        """All of it but the words."""
        return {"file": self.file, "kind": self.kind, "page": self.page, "start": self.start, "end": self.end}

    @classmethod
    def found(cls, match: Match) -> Passage:
        """Builds a passage from a match of the course's collection."""
        return cls(**{**match.metadata, "text": match.text})  # type: ignore[arg-type]

    @classmethod
    def restored(cls, values: Mapping[str, Any], file: str) -> Passage:
        """Read back what `stored` wrote; the file may have been renamed since."""
        return cls(**{**values, "file": file})


def clock(seconds: float) -> str:
    """Seconds as mm:ss, or h:mm:ss from one hour on; "" for none."""
    if seconds < 0:
        return ""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


def written_passages(file: str, kind: Kind, text: str, page: int = 0) -> list[Passage]:
    """A written text in passages of whole sentences."""
    plain = " ".join(text.split())
    found: list[str] = []
    for sentence in filter(None, SENTENCE.split(plain)):
        if found and len(found[-1]) + len(sentence) < LONGEST:
            found[-1] += f" {sentence}"
        else:
            found.append(sentence)
    return [Passage(file, kind, each, page) for each in found]


def spoken_passages(file: str, segments: Sequence[tuple[float, float, str]]) -> list[Passage]:
    """Splits speech into overlapping passages; one begins at every sentence, so that no sentence is cut.

    Args:
        segments: start and end in seconds, and the words between. Within one, a sentence's time is estimated from
            the number of letters before it: speech of one speaker is even enough for that (see the tests).
    """
    timed = [each for start, end, words in segments for each in _timed(start, end, words)]
    found = []
    for place, (start, end, text) in enumerate(timed):
        for _, later, sentence in timed[place + 1 :]:
            if len(text) + len(sentence) >= LONGEST:
                break
            text, end = f"{text} {sentence}", later
        found.append(Passage(file, "lecture", text, start=start, end=end))
    return found


def _timed(start: float, end: float, words: str) -> list[tuple[float, float, str]]:
    sentences = [each for each in SENTENCE.split(words.strip()) if each.strip()]
    letters = sum(map(len, sentences)) or 1
    found, before = [], 0
    for sentence in sentences:
        after = before + len(sentence)
        found.append((start + (end - start) * before / letters, start + (end - start) * after / letters, sentence))
        before = after
    return found
