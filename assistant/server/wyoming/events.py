"""Events of the protocol, read within limits: a client may not make the server wait, or fill its memory.

A line of JSON, then as many bytes of JSON data and of payload as it declares.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from wyoming.event import Event, async_write_event

__all__ = ["LINE", "EventError", "Peer"]

LINE = 1 << 16
"""longest line, bytes"""
DATA = 1 << 20
"""most bytes of data"""
PAYLOAD = 1 << 22
"""most bytes of payload: two minutes of sound at 16 kHz"""
IDLE = 600.0
"""seconds after which a client that says nothing is left"""


class EventError(Exception):
    """The data are not an event; the connection must be closed."""


class Peer:
    """Reads and writes the events of one connection, each within `stall` seconds once it has begun."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stall: float) -> None:
        self._reader, self._writer, self._stall = reader, writer, stall

    async def read(self) -> Event | None:
        """The next event; None at the end, and when the client says nothing for long. EventError when it is none."""
        try:
            async with asyncio.timeout(IDLE):
                line = await self._reader.readline()
        except TimeoutError:
            return None
        except ValueError as error:
            raise EventError(f"A line is longer than {LINE} bytes.") from error
        if not line:
            return None
        if not line.endswith(b"\n"):
            raise EventError("An event is incomplete.")
        try:
            async with asyncio.timeout(self._stall):
                return await self._rest(_object(line))
        except TimeoutError as error:
            raise EventError(f"An event did not arrive within {self._stall:g} s.") from error
        except asyncio.IncompleteReadError as error:
            raise EventError("An event is incomplete.") from error

    async def _rest(self, head: dict[str, Any]) -> Event:
        kind, data = head.get("type"), head.get("data") or {}
        if not isinstance(kind, str) or not isinstance(data, dict):
            raise EventError("An event has a type, and data by name.")
        if length := _length(head, "data_length", DATA):
            data = {**data, **_object(await self._reader.readexactly(length))}
        length = _length(head, "payload_length", PAYLOAD)
        return Event(kind, data, await self._reader.readexactly(length) if length else None)

    async def let_go(self) -> None:
        """Discard further input for a moment; closing earlier would lose what was sent."""
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(0.5):
                while await self._reader.read(LINE):
                    pass

    async def write(self, event: Event) -> None:
        """Send an event; ConnectionError when the client does not read, or is gone."""
        try:
            async with asyncio.timeout(self._stall):
                await async_write_event(event, self._writer)
        except TimeoutError as error:
            self._writer.transport.abort()
            raise ConnectionAbortedError("the client does not read") from error


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
        if b"\\u" in text:  # half a character cannot be sent back
            found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise EventError("An event is a line of JSON.") from error
    if not isinstance(found, dict):
        raise EventError("An event is a JSON object.")
    return found


def _length(head: dict[str, Any], name: str, most: int) -> int:
    length = head.get(name) or 0
    if not isinstance(length, int) or isinstance(length, bool) or not 0 <= length <= most:
        raise EventError(f"{name} is a number of bytes, at most {most}.")
    return length
