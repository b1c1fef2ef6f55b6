"""The conversation through a pipe: one line in, one answer out, no decoration."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

from assistant.errors import TextError

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
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes] = asyncio.Queue(AHEAD)
    source = stream if stream is not None else sys.stdin.buffer

    def read() -> None:  # on a thread of its own: a pipe may stay silent for ever
        for line in source:
            asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()
        asyncio.run_coroutine_threadsafe(lines.put(b""), loop).result()

    threading.Thread(target=read, name="standard input", daemon=True).start()
    conversation.loader.start()
    failed = False
    try:
        while not conversation.leaving and (line := await lines.get()):
            failed |= not await _answer(conversation, line)
        if conversation.waiting:
            failed |= not await conversation.take("")
    finally:
        await conversation.loader.close()
    return int(failed)


async def _answer(conversation: Conversation, line: bytes) -> bool:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        conversation.complain(str(TextError("A line is not UTF-8 text, so it was left out; convert it first.")))
        return False
    return await conversation.take(text) if text.strip() else True
