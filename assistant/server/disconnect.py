"""Ends the work for a request when its client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request

from assistant.server.error_responses import ErrorResponse

__all__ = ["unless_left"]

T = TypeVar("T")


async def unless_left(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Does the work, and cancels it when the client leaves; the request's body was read before.

    Raises:
        ErrorResponse: the client left.
    """
    task = asyncio.ensure_future(work)
    left = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ErrorResponse(499, "left", "The client left.")
        return task.result()
    finally:
        for each in (task, left):
            each.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
