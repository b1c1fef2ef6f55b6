"""Clients of `/v1/listen`."""

import asyncio
import json
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

import numpy as np
import pytest

from assistant.speech import Synthesizer

websockets = pytest.importorskip("websockets.asyncio.client", reason="needs the extra [serve]")
from websockets.exceptions import ConnectionClosed  # noqa: E402

Serve = Callable[..., Any]


TOKEN = {"Authorization": "Bearer a-token-of-the-tests"}


@cache
def spoken(text: str = "Please echo this sound.") -> bytes:
    """A sentence and the silence after it, PCM16 at 16 kHz."""
    samples = Synthesizer("hibari").recording(text).samples
    return pcm(np.concatenate((samples, np.zeros(int(1.3 * 16_000), np.float32))))


def pcm(samples: Any) -> bytes:
    return (np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes()


class Talk:
    """A client: everything that it was sent, as it comes."""

    def __init__(self, socket: Any) -> None:
        self.socket, self.events, self.sound = socket, [], b""
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for message in self.socket:
                if isinstance(message, bytes):
                    self.sound += message
                else:
                    self.events.append(json.loads(message))
        except ConnectionClosed:
            pass

    async def until(self, kind: str, seconds: float = 60, **values: Any) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while True:
                for event in self.events:
                    if event["type"] == kind and all(event.get(name) == value for name, value in values.items()):
                        return event
                await asyncio.sleep(0.02)

    async def send(self, **message: Any) -> None:
        with suppress(ConnectionClosed):  # `until` shows why
            await self.socket.send(json.dumps(message))

    async def say(self, sound: bytes, step: int = 2048, pace: float = 0.02) -> None:
        for at in range(0, len(sound), step):
            await self.socket.send(sound[at : at + step])
            await asyncio.sleep(pace)

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]


@asynccontextmanager
async def talking(server: Any, headers: dict[str, str] = TOKEN, **start: Any) -> Any:
    url = server.url.replace("http", "ws") + "/v1/listen"
    async with websockets.connect(url, additional_headers=headers) as socket:
        talk = Talk(socket)
        if start:
            await talk.send(type="start", **start)
        yield talk
