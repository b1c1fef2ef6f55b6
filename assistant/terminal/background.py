"""Runs slow calls on daemon threads, which do not delay the end of the program."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["in_background"]

T = TypeVar("T")


async def in_background(call: Callable[..., T], *args: object) -> T:
    """Run ``call(*args)`` on a daemon thread, for which leaving does not wait: an import or a recording may take
    seconds.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result, error = None, None
        try:
            result = call(*args)
        except BaseException as problem:  # handed to whoever waits
            error = problem
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name=f"background {getattr(call, '__name__', '')}", daemon=True).start()
    return await done
