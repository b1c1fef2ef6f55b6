"""The conversation through a pipe: one line in, one answer out, no decoration."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, BinaryIO

from assistant.errors import TextError
from assistant.repl.dispatch import take
from assistant.terminal.background import in_background

if TYPE_CHECKING:
    from assistant.repl.conversation import Conversation

__all__ = ["converse_plain"]


async def converse_plain(conversation: Conversation, stream: BinaryIO | None = None) -> int:
    """Answer every line of a stream (standard input if None); returns 1 when a line could not be answered, else 0."""
    conversation.loader.start()
    lines = stream if stream is not None else sys.stdin.buffer
    failed = False
    try:
        # A pipe may never send anything; leaving must not wait for it.
        while not conversation.leaving and (line := await in_background(lines.readline)):
            failed |= not await _answer(conversation, line)
        if conversation.waiting:
            failed |= not await take(conversation, "")
    finally:
        await conversation.loader.close()
    return int(failed)


async def _answer(conversation: Conversation, line: bytes) -> bool:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        conversation.complain(str(TextError("A line is not UTF-8 text, so it was left out; convert it first.")))
        return False
    return await take(conversation, text) if text.strip() else True
