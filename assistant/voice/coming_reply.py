"""A reply that is still being made, sentence by sentence."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

from assistant.bus import Bus
from assistant.events import Event, ReplyPart
from assistant.speech.speakable import sentences
from assistant.types import Reply, Turn, TurnResult

__all__ = ["ComingReply"]

ENDS = re.compile(r"(?:[。！？；…]|(?<!\d)[.!?…][\"”’)\]]*)\s*$")
"""the end of a text that may be the end of a sentence"""
PAUSE = 0.05
"""seconds without more text after which that counts as one"""


class ComingReply:
    """Has a turn answered, and gives the sentences of its reply as they come.

    Args:
        bus: announces the pieces of the reply.
        turn: what is answered.
        work: answers it.
    """

    def __init__(self, bus: Bus, turn: Turn, work: Coroutine[Any, Any, TurnResult]) -> None:
        self._turn = turn.id
        self._speech = ""
        self._at = 0.0
        """when the last of it came, on the loop's clock"""
        self._more = asyncio.Event()
        self._stop_listening = bus.listen(self._take, (ReplyPart,))
        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(self._ended)

    @property
    def done(self) -> bool:
        """Whether the whole reply is there."""
        return self._task.done()

    @property
    def reply(self) -> Reply:
        """The reply, as far as it is there.

        Raises:
            Exception: it could not be made.
        """
        return self._task.result().reply if self._task.done() else Reply(self._speech)

    async def begun(self) -> None:
        """Wait until a first sentence is there, or the whole reply."""
        while not self.done and not self._complete(self._speech):
            await self._wait()

    async def sentences(self) -> AsyncIterator[str]:
        """The sentences from the first on, each as soon as it is there.

        Raises:
            Exception: the reply could not be made.
        """
        given = 0
        while True:
            done = self.done
            whole = self._whole() if done else self._speech
            ready = sentences(whole[given:]) if done else self._complete(whole[given:])
            for sentence in ready[: None if done else 1]:
                given = _after(whole, sentence, given)
                yield sentence
            if done:
                return
            if not ready:
                await self._wait()

    def cancel(self) -> None:
        """Make no more of it."""
        self._stop_listening()
        self._task.cancel()

    def _whole(self) -> str:
        spoken = self.reply.spoken
        return spoken if spoken.startswith(self._speech) else f"{self._speech}\n{spoken}"

    def _complete(self, text: str) -> list[str]:
        """The sentences of a text that more may follow, without the last if it may go on."""
        found = sentences(text)
        ended = text.endswith("\n") or (ENDS.search(text) is not None and self._left <= 0)
        return found if ended else found[:-1]

    @property
    def _left(self) -> float:
        """Seconds until a pause after the last text is long enough to end a sentence."""
        silent = asyncio.get_running_loop().time() - self._at
        return round(PAUSE - silent, 3)

    async def _wait(self) -> None:
        """Wait for more text, or for the end; at the end of what may be a sentence only for a moment."""
        left = self._left if ENDS.search(self._speech) else 0.0
        self._more.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._more.wait(), left if left > 0 else None)

    def _take(self, event: Event) -> None:
        if isinstance(event, ReplyPart) and event.turn == self._turn:
            self._speech += event.speech
            self._at = asyncio.get_running_loop().time()
            self._more.set()

    def _ended(self, task: asyncio.Future[TurnResult]) -> None:
        self._stop_listening()
        self._more.set()
        if not task.cancelled():
            task.exception()  # told by `reply`


def _after(text: str, sentence: str, start: int) -> int:
    """Where a sentence of a text ends, whose spaces may have been changed."""
    for word in sentence.split():
        start = text.index(word, start) + len(word)
    return start
