"""The conversation through a pipe: one line in, one answer out, no decoration."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

from assistant.errors import TextError
from assistant.repl.dispatch import take

if TYPE_CHECKING:
    from assistant.repl.conversation import Conversation

__all__ = ["converse_plain"]

AHEAD = 16
"""lines read ahead of the answers"""


async def converse_plain(conversation: Conversation, stream: BinaryIO | None = None) -> int:
    """Answer every line of a stream (standard input by default).

    Returns:
        0, or 1 when a line could not be answered.
    """
    conversation.loader.start()
    lines = _Lines(stream if stream is not None else sys.stdin.buffer)
    failed = False
    try:
        while not conversation.leaving and (line := await lines.next()):
            failed |= not await _answer(conversation, line)
        if conversation.waiting:
            failed |= not await take(conversation, "")
    finally:
        lines.stop()
        await conversation.loader.close()
    return int(failed)


class _Lines:
    """Reads lines on a thread of its own, since a pipe may stay silent for ever; at most `AHEAD` in advance."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._loop = asyncio.get_running_loop()
        self._read: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(AHEAD)
        self._stopped = False
        threading.Thread(target=self._run, name="standard input", daemon=True).start()

    def _run(self) -> None:
        for line in self._stream:
            self._room.acquire()
            if self._stopped:
                return
            self._hand_over(line)
        self._hand_over(b"")

    def _hand_over(self, line: bytes) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._read.put_nowait, line)

    async def next(self) -> bytes:
        """The next line with its end; b"" after the last."""
        line = await self._read.get()
        self._room.release()
        return line

    def stop(self) -> None:
        """Read no more."""
        self._stopped = True
        self._room.release()


async def _answer(conversation: Conversation, line: bytes) -> bool:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        conversation.complain(str(TextError("A line is not UTF-8 text, so it was left out; convert it first.")))
        return False
    return await take(conversation, text) if text.strip() else True
