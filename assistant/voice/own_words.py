"""The assistant's own words: what was said aloud and when, and whether a transcript is only an echo of it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

__all__ = ["OwnWords"]

SAME = 0.7
"""share of a transcript's letters, found in what was said, from which it is an echo: recognition mishears half words"""
ALIKE = 0.5
"""the same for a transcript that is perhaps an echo"""
NEAR = 0.8
"""seconds by which an echo comes late, at most; who repeats what was just said comes later"""
FAR = 8.0
"""the same where the devices were away, or sound is heard late"""
EARLY = 0.5
"""seconds by which a word may seem to be heard before it was said: its place within the sentence is estimated"""
DOUBTED = 60.0
"""seconds for which an echo, once heard, is expected again"""
LONG = 16
"""letters (four words) from which a transcript, heard during the reply, is an echo however late it comes"""
ENOUGH = 2
"""echoes taken for a user, one after another, after which the assistant falls silent"""
REPLIES = 12
"""replies that are remembered"""


@dataclass
class _Reply:
    start: float | None = None
    """second at which it is heard first; None before"""
    end: float = 0.0
    """second until which it was heard so far"""
    length: float = 0.0
    sentences: list[tuple[str, float, float]] = field(default_factory=list)
    """letters of each sentence, seconds into the reply at which it begins, seconds it lasts"""


class OwnWords:
    """Remembers what was said aloud; all seconds are those of the microphone's sound."""

    def __init__(self) -> None:
        self._replies: deque[_Reply] = deque(maxlen=REPLIES)
        self._late_until = self._echo_until = -1.0
        self._echoes = 0

    def begin(self) -> None:
        """Marks the start of a reply that is not audible yet."""
        self._replies.append(_Reply())

    def add(self, text: str, seconds: float) -> None:
        """Adds words or a sound of this duration to the reply."""
        reply = self._replies[-1]
        reply.sentences.append((_letters(text), reply.length, seconds))
        reply.length += seconds

    def played(self, start: float, end: float) -> None:
        """Marks the span in which the reply was audible."""
        if self._replies:
            reply = self._replies[-1]
            reply.start = start if reply.start is None else reply.start
            reply.end = max(reply.end, end)

    def doubt(self, now: float) -> None:
        """Expects echoes late for a while: sound was lost, or is heard late."""
        self._late_until = now + DOUBTED

    def echoes(self, now: float) -> bool:
        """Returns whether the assistant hears itself these days, so that speech alone must not interrupt it."""
        return now < self._echo_until

    def judge(self, text: str, start: float, end: float, *, called: bool) -> Literal["", "own", "enough"]:
        """Judges what was heard between two seconds; `called` when a wake word or a key began it.

        Returns:
            "own" for an echo; "enough" when the assistant has begun to talk to itself; "" for a user's words.
        """
        share = self.share(text, start, end)
        if called or share < ALIKE:
            self._echoes = 0
            return "own" if share >= SAME else ""
        self._echoes += 1
        self._echo_until = end + DOUBTED
        if self._echoes >= ENOUGH:
            self._echoes = 0
            return "enough"
        return "own" if share >= SAME else ""

    def share(self, text: str, start: float, end: float) -> float:
        """The share of a transcript's letters, 0 to 1, that were said aloud when they were heard."""
        heard = _letters(text)
        if not heard:
            return 0.0
        near, delay = self._found(heard, start, end, NEAR)
        if near >= ALIKE and -EARLY <= delay <= NEAR:
            return near
        far, delay = self._found(heard, start, end, FAR)
        if not -EARLY <= delay <= FAR:
            return 0.0
        if start < self._late_until:
            return far
        during = any(reply.start is not None and reply.start <= start <= reply.end for reply in self._replies)
        if far >= SAME and (self._whole(heard, start) or (len(heard) >= LONG and during)):
            self.doubt(end)
            return far
        return 0.0

    def _found(self, heard: str, start: float, end: float, late: float) -> tuple[float, float]:
        """The share of `heard` that was said up to `late` seconds before, and by how much later it was heard."""
        said, times = self._said(start - late - EARLY, end + EARLY)
        least = 2 if _SIGNS.search(heard) else 3
        blocks = SequenceMatcher(None, said, heard, autojunk=False).get_matching_blocks()
        blocks = [block for block in blocks if block.size >= min(least, len(heard))]
        if not blocks:
            return 0.0, 0.0
        first, last = blocks[0], blocks[-1]
        step = (end - start) / len(heard)
        delays = [
            start + step * first.b - times[first.a],
            start + step * (last.b + last.size) - times[last.a + last.size - 1],
        ]
        return sum(block.size for block in blocks) / len(heard), sum(delays) / 2

    def _said(self, start: float, end: float) -> tuple[str, list[float]]:
        """The letters that were heard between two seconds, each with its second."""
        letters: list[str] = []
        times: list[float] = []
        for reply in self._replies:
            if reply.start is None or reply.end < start:
                continue
            for text, offset, seconds in reply.sentences:
                begins = reply.start + offset
                at = [begins + seconds * (place + 0.5) / len(text) for place in range(len(text))]
                first, last = bisect_left(at, start), bisect_left(at, min(end, reply.end + EARLY))
                letters.append(text[first:last])
                times += at[first:last]
        return "".join(letters), times

    def _whole(self, heard: str, start: float) -> bool:
        """Returns whether all of the last reply was heard: no part of it, which a user might take up."""
        said = next((reply for reply in reversed(self._replies) if reply.start is not None), None)
        if said is None or start - said.end > FAR:
            return False
        return SequenceMatcher(None, "".join(text for text, *_ in said.sentences), heard).ratio() >= SAME


_SIGNS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def _letters(text: str) -> str:
    return "".join(re.findall(r"\w", text.lower()))
