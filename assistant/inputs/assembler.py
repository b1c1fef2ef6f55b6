"""Groups the inputs that belong together into one `Turn`.

A picture shown and the words about it are one turn. What is attached waits for its words, typed or spoken;
words complete the turn. Attachments older than the window are dropped with a notice.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from assistant.bus import Bus
from assistant.errors import TextError
from assistant.events import ItemsDropped, Notice
from assistant.types import AudioClip, Picture, Turn

__all__ = ["MAX_ATTACHED", "TurnAssembler", "clean_text"]

MAX_ATTACHED = 8
"""attachments that may wait for their words; the oldest goes when one more comes"""

_HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""halves of a character that stand for no byte"""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean_text(text: str, max_chars: int) -> str:
    """Typed or piped text, fit for every encoder and the database; TextError beyond `max_chars` characters.

    Control characters (NUL too) become spaces and lone surrogates, which stand for bytes in a wrong encoding,
    become the replacement character.
    """
    if len(text) > max_chars:
        raise TextError(
            f"The text is too long: {len(text):,} characters; the limit is {max_chars:,}. "
            "Send the part that matters, or raise text.max_chars in the settings.",
            too_large=True,
        )
    readable = _HALF.sub("�", text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return _CONTROL.sub(" ", readable).strip()


class TurnAssembler:
    """Collects one session's inputs; an attachment waits `window` seconds for its words."""

    def __init__(
        self, session: str, bus: Bus, window: float, max_chars: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.session = session
        self.dropped = 0
        self._bus = bus
        self._window = window
        self._max_chars = max_chars
        self._clock = clock
        self._attached: list[tuple[float, Picture | AudioClip]] = []

    @property
    def waiting(self) -> tuple[Picture | AudioClip, ...]:
        """The attachments that wait for words."""
        return tuple(item for _, item in self._attached)

    def attach(self, item: Picture | AudioClip) -> None:
        """Keep a picture or clip for the next text."""
        if len(self._attached) == MAX_ATTACHED:
            self._let_go(1, f"Only {MAX_ATTACHED} attachments can wait: the oldest was dropped.")
        self._attached.append((self._clock(), item))

    def complete(self, text: str = "", audio: AudioClip | None = None) -> Turn | None:
        """Build the turn that this text completes, with all attachments; None if there is neither.

        TextError when the text is too long; what is attached goes on waiting.
        """
        text = clean_text(text, self._max_chars)
        oldest = self._clock() - self._window
        if expired := sum(at < oldest for at, _ in self._attached):
            self._let_go(expired, f"{expired} attachment(s) dropped: no words came within {self._window:.0f} s.")
        items, self._attached = self.waiting, []
        images = tuple(item for item in items if isinstance(item, Picture))
        clips = [item for item in items if isinstance(item, AudioClip)]
        audio = audio or (clips[-1] if clips else None)
        if not (text or images or audio):
            return None
        return Turn(session=self.session, text=text, audio=audio, images=images)

    def _let_go(self, count: int, why: str) -> None:
        del self._attached[:count]
        self.dropped += count
        self._bus.publish(ItemsDropped(queue=f"attachments of {self.session}", count=self.dropped))
        self._bus.publish(Notice(text=why))
