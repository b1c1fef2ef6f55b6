"""What is said unasked: its order, how often it rings, and how a reply that it breaks into goes on."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from assistant.events import Announced
from assistant.outputs.earcons import earcon
from assistant.types import AudioClip, Reply

__all__ = ["Ring", "Ringing"]

TIMES = 5
"""times that something insistent rings, unless it is stopped"""
WAITING = 50
"""announcements that wait to be said; of more, the oldest go unsaid (they were shown)"""


@dataclass(frozen=True)
class Ring:
    """One announcement, said once."""

    reply: Reply
    chime: AudioClip
    left: int
    """times it rings again"""


class Ringing:
    """A queue of announcements. What is insistent comes back until `stop`."""

    def __init__(self) -> None:
        self._waiting: deque[Ring] = deque(maxlen=WAITING)
        self._current: Ring | None = None

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, event: Announced) -> None:
        """Takes an announcement."""
        reply = Reply(event.text, event.speech, data=event.data, follow_up=True)
        self._waiting.append(Ring(reply, earcon("ring"), TIMES - 1 if event.insistent else 0))

    def next(self) -> Ring | None:
        """What is to be said now."""
        self._current = self._waiting.popleft() if self._waiting else None
        return self._current

    def over(self) -> None:
        """Ends the current one without an answer; it comes again if it is insistent."""
        ring, self._current = self._current, None
        if ring is not None and ring.left:
            self._waiting.append(Ring(ring.reply, ring.chime, ring.left - 1))

    def stop(self) -> None:
        """Ends the current one: the user said something to it."""
        self._current = None
