"""Measures many microphones at `/v1/listen`: what the WebSocket adds, what quiet ones cost, how long speakers wait."""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from assistant.errors import AssistantError
from assistant.evaluation.serving import TOKEN, running_server
from assistant.evaluation.stream import cpu_seconds
from assistant.evaluation.turn import resident_mb
from assistant.evaluation.voice import SpokenRequest, spoken_requests
from assistant.settings import Settings
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress

__all__ = ["measure_listening"]

RATE, BLOCK = 16_000, 640
"""samples per second, and of a message (40 ms)"""
PATIENCE = 60.0
"""seconds after a request in which its answer must begin"""
WATCHED = 8.0
"""seconds for which quiet clients are watched"""
VARIABLES = {"ASSISTANT_SPEECH__LANGUAGE": "en", "ASSISTANT_VOICE__FOLLOW_UP": "0"}


@dataclass
class _Heard:
    """Results of spoken requests."""

    waited: list[float] = field(default_factory=list)
    """milliseconds from the real end of speech to the first sound of the answer, at the client"""
    added: list[float] = field(default_factory=list)
    """milliseconds of it beyond what the voice loop itself counts: the way there and back"""
    unanswered: int = 0
    dropped: int = 0
    """pieces of sound that the server threw away"""


async def measure_listening(
    settings: Settings, progress: StepProgress, clients: int, speaking: int, rounds: int
) -> Report:
    """Plays spoken requests of the English voice, in real time, over loopback to a server of its own.

    Args:
        clients: at once, of which `speaking` say a request at the same moment, `rounds` times.
    """
    connected = max(clients, speaking + 1)
    requests = spoken_requests()
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder), VARIABLES) as (port, process):
        url = f"ws://127.0.0.1:{port}/v1/listen"
        await _ask(url, requests[:1], _Heard())  # warms up
        one, many = _Heard(), _Heard()
        for request in requests:
            await _ask(url, [request], one)
        before = resident_mb(process)
        async with _quiet(url, connected - speaking, sends=False):
            idle = await _share(process)
            memory = (resident_mb(process) - before) / max(1, connected - speaking)
            spent = cpu_seconds(process)
            for number in range(rounds):
                await _ask(url, [requests[(number + at) % len(requests)] for at in range(speaking)], many)
            spent = (cpu_seconds(process) - spent) / (rounds * speaking)
        async with _quiet(url, speaking, sends=True):
            streaming = await _share(process) / speaking
    of = f"{speaking} of {connected} speak at once"
    rows = [
        Row("end of speech to first sound, one client, median", statistics.median(one.waited), "ms"),
        Row(
            "of it the WebSocket's, beside the voice loop's own figure", statistics.median(one.added), "ms", at_most=60
        ),
        Row(f"{of}: median", statistics.median(many.waited), "ms"),
        Row(f"{of}: 95th percentile", float(np.percentile(many.waited, 95)), "ms"),
        Row("a spoken request, of one core", spent, "s"),
        Row("spoken requests without an answer", one.unanswered + many.unanswered, at_most=0),
        Row("pieces of sound dropped", one.dropped + many.dropped, at_most=0),
        Row(f"{connected - speaking} quiet clients, of one core", 100 * idle, "%"),
        Row("a quiet client's memory", memory, "MB"),
        Row("a microphone that streams and waits for its wake word, of one core", 100 * streaming, "%"),
    ]
    return Report("bench listen", f"{rounds * speaking + len(requests)} spoken requests, played in real time", rows)


async def _share(process: int) -> float:
    """Which part of one core a process uses."""
    before, began = cpu_seconds(process), time.monotonic()
    await asyncio.sleep(WATCHED)
    return (cpu_seconds(process) - before) / (time.monotonic() - began)


@contextlib.asynccontextmanager
async def _connected(url: str) -> AsyncIterator[ClientConnection]:
    # No queue limit: unread parts of a reply would delay closing by ten seconds.
    async with connect(url, additional_headers={"Authorization": f"Bearer {TOKEN}"}, max_queue=None) as socket:
        await socket.send(json.dumps({"type": "start", "mode": "wake", "rate": RATE, "announcements": False}))
        while (event := json.loads(await socket.recv()))["type"] != "ready":
            if event["type"] == "error":
                raise AssistantError(event["error"])
        yield socket


@contextlib.asynccontextmanager
async def _quiet(url: str, count: int, *, sends: bool) -> AsyncIterator[None]:
    """Clients that say nothing; where one `sends`, a quiet room."""
    async with contextlib.AsyncExitStack() as stack:
        connecting = [stack.enter_async_context(_connected(url)) for _ in range(count)]
        sockets = await asyncio.gather(*connecting)
        tasks = [asyncio.create_task(_read(socket, _Heard())) for socket in sockets]
        tasks += [asyncio.create_task(_send_noise(socket)) for socket in sockets if sends]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _send_noise(socket: ClientConnection) -> None:
    noise = (30 * np.random.default_rng(1).standard_normal(BLOCK)).astype(np.int16).tobytes()
    while True:
        await socket.send(noise)
        await asyncio.sleep(BLOCK / RATE)


async def _ask(url: str, requests: Sequence[SpokenRequest], heard: _Heard) -> None:
    """Each request by a client of its own, at the same moment."""
    await asyncio.gather(*(_say(url, request, heard) for request in requests))


async def _say(url: str, request: SpokenRequest, heard: _Heard) -> None:
    samples = (32767 * np.clip(request.clip.samples, -1, 1)).astype(np.int16)
    async with _connected(url) as socket:
        reading = asyncio.create_task(_read(socket, heard))
        began, at = time.monotonic(), 0
        while not reading.done() and time.monotonic() < began + request.speech_end + PATIENCE:
            await socket.send(samples[at : at + BLOCK].tobytes() or bytes(2 * BLOCK))
            at += BLOCK
            await asyncio.sleep(max(0.0, began + at / RATE - time.monotonic()))
        answer = reading.result() if reading.done() else None
        reading.cancel()
        if answer is None:
            heard.unanswered += 1
            return
        first, counted, ended = answer
        # The loop counts from its own estimate of the end of speech; here the true end is known.
        waited = 1000 * (first - began - request.speech_end)
        heard.waited.append(waited)
        heard.added.append(waited - counted - 1000 * (ended - request.speech_end))


async def _read(socket: ClientConnection, heard: _Heard) -> tuple[float, float, float] | None:
    """When the first sound of an answer came, the loop's own milliseconds to it, and where it saw speech end.

    None when there will be no sound.
    """
    understood, first, ended = False, 0.0, 0.0
    async for message in socket:
        if isinstance(message, bytes):
            if understood:  # earlier sound is a chime
                first = first or time.monotonic()
            continue
        event: dict[str, Any] = json.loads(message)
        heard.dropped += event["type"] == "dropped"
        match event["type"]:
            case "transcript":
                understood = not event["rejected"]
            case "speech_end":
                ended = event["speech_end"]
            case "first_sound":
                return first or time.monotonic(), event["latency_ms"]["to first sound"], ended
            case "audio_end" | "ignored":
                return None
    return None
