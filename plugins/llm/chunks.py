"""Pieces of a model's answer, the same for every kind of model."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

__all__ = ["CallPart", "Chunk", "Message", "on_thread"]

Message = dict[str, Any]
"""one message of a chat, as OpenAI's chat completions have it"""


@dataclass(frozen=True)
class CallPart:
    """A piece of a tool call; those of one index make one call."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    """JSON, in pieces"""


@dataclass(frozen=True)
class Chunk:
    """A piece of an answer."""

    text: str = ""
    calls: tuple[CallPart, ...] = ()
    model: str = ""
    """who says it; "" where the server does not tell"""


async def on_thread(make: Callable[[], Iterator[Chunk]]) -> AsyncGenerator[Chunk, None]:
    """Yields the items of a blocking iterator as soon as each is ready; the thread ends after its next item."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[Chunk | BaseException | None]()
    left = threading.Event()

    def put(item: Chunk | BaseException | None) -> None:
        with suppress(RuntimeError):  # the loop was closed
            loop.call_soon_threadsafe(queue.put_nowait, item)

    def work() -> None:
        try:
            for chunk in make():
                if left.is_set():
                    return
                put(chunk)
            put(None)
        except BaseException as error:  # raised below, where the caller waits
            put(error)

    threading.Thread(target=work, name="language model", daemon=True).start()
    try:
        while (item := await queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        left.set()
