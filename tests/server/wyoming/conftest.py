"""A server of the Wyoming protocol, and its clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

pytest.importorskip("wyoming", reason="needs the extra [wyoming]")
from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.event import Event

Serve = Callable[..., Any]


SILENCE = np.zeros(8_000, np.float32)


class Running:
    """A server of the protocol, and its clients."""

    def __init__(self, server: Any, port: int) -> None:
        self.server, self.port = server, port

    def client(self) -> AsyncTcpClient:
        return AsyncTcpClient("127.0.0.1", self.port)

    async def raw(self, *parts: bytes, seconds: float = 20) -> list[dict[str, Any]]:
        """Sends bytes as they are and closes that side; returns the heads of all events that come."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            writer.write_eof()
            told, found = await asyncio.wait_for(reader.read(), seconds), []
            while told:
                line, _, told = told.partition(b"\n")
                head = json.loads(line)
                length = head.get("data_length") or 0
                found.append({**head, "data": json.loads(told[:length]) if length else {}})
                told = told[length + (head.get("payload_length") or 0) :]
            return found
        finally:
            writer.close()


@pytest.fixture
def wyoming(serving: Serve) -> Callable[..., Any]:
    from assistant.server.server import Address
    from assistant.server.wyoming.server import serving_wyoming

    @asynccontextmanager
    async def running(**limits: Any) -> AsyncIterator[Running]:
        async with (
            serving(**limits) as server,
            serving_wyoming(server.app_state, Address("127.0.0.1", 0)) as address,
        ):
            yield Running(server, address.port)

    return running


def chunks(samples: Any, rate: int = 16_000, size: int = 1024) -> list[Event]:
    content = (np.asarray(samples) * 32767).astype("<i2").tobytes()
    return [AudioChunk(rate, 2, 1, content[at : at + size]).event() for at in range(0, len(content), size)]


async def send(client: AsyncTcpClient, *events: Any) -> None:
    for event in events:
        await client.write_event(event if isinstance(event, Event) else event.event())


async def until(client: AsyncTcpClient, *kinds: str) -> list[Event]:
    found: list[Event] = []
    while not found or found[-1].type not in kinds:
        event = await asyncio.wait_for(client.read_event(), 30)
        assert event is not None, f"it ended after {[each.type for each in found]}"
        found.append(event)
    return found


def line(**head: Any) -> bytes:
    return json.dumps(head).encode() + b"\n"
