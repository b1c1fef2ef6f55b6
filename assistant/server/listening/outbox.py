"""What waits to be sent to one client, bounded."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocket

__all__ = ["Outbox"]

MOST = 600
"""messages that wait: 10 s of sound and its events"""
HALF = MOST // 2
"""messages from which on what can be left out is left out"""
STUCK = 20.0
"""seconds that one message may wait for the client to read"""
SKIPPED = frozenset({"dropped", "level", "partial"})
"""events that are left out for a client that reads too slowly"""


class Outbox:
    """Sends messages one after another. A client that reads too slowly loses levels and partials, then its connection.

    Attributes:
        dropped: messages that were left out.
    """

    def __init__(self, socket: WebSocket) -> None:
        self.dropped = 0
        self._socket = socket
        self._waiting: deque[dict[str, Any] | bytes] = deque()
        self._came = asyncio.Event()
        self._overflowed = False

    def put(self, message: Mapping[str, Any] | bytes) -> None:
        """Takes a message to be sent; returns at once."""
        skippable = not isinstance(message, bytes) and message["type"] in SKIPPED
        if len(self._waiting) >= (HALF if skippable else MOST):
            self.dropped += 1
            self._overflowed = self._overflowed or not skippable
        else:
            self._waiting.append(message if isinstance(message, bytes) else dict(message))
        self._came.set()

    def drop_sound(self) -> None:
        """Leaves out sound that was not sent yet: it was interrupted."""
        self._waiting = deque(message for message in self._waiting if not isinstance(message, bytes))

    async def run(self) -> None:
        """Sends until it is cancelled; TimeoutError when the client does not read."""
        while True:
            while self._waiting:
                message = self._waiting.popleft()
                async with asyncio.timeout(STUCK):
                    if isinstance(message, bytes):
                        await self._socket.send_bytes(message)
                    else:
                        await self._socket.send_json(message)
            if self._overflowed:
                raise TimeoutError
            self._came.clear()
            await self._came.wait()
