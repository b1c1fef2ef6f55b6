"""Runs slow calls on daemon threads, which do not delay the end of the program."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["in_background"]

T = TypeVar("T")


async def in_background(call: Callable[..., T], *args: object) -> T:
    """Run ``call(*args)`` on a daemon thread, for which leaving does not wait: it may take seconds."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # from here on nothing can cancel it

    def work() -> None:
        try:
            future.set_result(call(*args))
        except BaseException as error:  # passed on to the waiting caller
            future.set_exception(error)

    threading.Thread(target=work, name=f"background {getattr(call, '__name__', '')}", daemon=True).start()
    return await asyncio.wrap_future(future)
