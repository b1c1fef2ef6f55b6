"""Tests clients of `/v1/listen` that misbehave, leave, or are too many."""

import asyncio
import json
from typing import Any

import numpy as np
import pytest

from tests.server.listening.conftest import TOKEN, Serve, spoken, talking

websockets = pytest.importorskip("websockets.asyncio.client", reason="needs the extra [serve]")
from websockets.exceptions import InvalidStatus  # noqa: E402

MINUTES = 24 * 60
"""of a stream that does not end"""


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("hello", "not JSON"),
        ('{"type": "push"}', "first message must be"),
        ('{"type": "start", "format": "mp3"}', "format"),
        ('{"type": "start", "rate": 12345}', "12345 Hz"),
        ('{"type": "start", "voice": 1}', "voice is not known here"),
        (b"\0\0", "first message must be"),
    ],
)
def test_a_wrong_first_message_is_told_and_the_connection_closed(serving: Serve, first: Any, told: str) -> None:
    async def run() -> None:
        async with serving() as server, talking(server) as talk:
            await talk.socket.send(first)
            assert told in (await talk.until("error"))["error"]
            await asyncio.wait_for(talk.socket.wait_closed(), 5)
            assert talk.socket.close_code == 1008

    asyncio.run(run())


def test_wrong_messages_are_told_and_the_conversation_goes_on(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, talking(server, mode="push_to_talk") as talk:
            await talk.until("ready")
            await talk.socket.send(b"\0\0\0")
            assert "3 bytes are not whole 16-bit samples" in (await talk.until("error"))["error"]
            await talk.socket.send("sound?")
            await talk.send(type="dance")
            await talk.until("error", error="'dance' is an unknown message; use push, release, stop, image or end.")
            await talk.send(type="push")
            for sample in range(10_000):  # tiny messages
                await talk.socket.send(spoken()[2 * sample : 2 * sample + 2])
            await talk.say(spoken()[20_000:])
            await talk.until("reply", 40)
            for _ in range(60):
                await talk.send(type="dance")
            await asyncio.wait_for(talk.socket.wait_closed(), 10)
            assert talk.socket.close_code == 1008

    asyncio.run(run())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Cookie": "assistant-1=app.9999999999.00"},
        {"Origin": "https://evil.example", "Cookie": "assistant-1=app.9999999999.00"},
        {"Origin": "https://evil.example", **TOKEN},
    ],
)
def test_a_socket_without_a_token_is_refused_before_it_opens(serving: Serve, headers: dict[str, str]) -> None:
    async def run() -> None:
        async with serving() as server:
            with pytest.raises(InvalidStatus) as refused:
                async with talking(server, headers):
                    pass
            assert refused.value.response.status_code in (401, 403)
            if "Origin" not in headers:
                assert json.loads(refused.value.response.body)["code"] == "no_token"

    asyncio.run(run())


@pytest.mark.parametrize(
    "cut",
    [
        b"\x82\xfe\xff\xff" + bytes(4) + b"half of it",  # of 65,535 bytes of sound
        b"\x81\xfe",  # not even its length
        b"\x01\x81" + bytes(4) + b"{",  # the first part of a text that goes on
        b"\x87\x80" + bytes(4),  # no frame of RFC 6455
        b"\x82\x01a",  # not masked
    ],
)
def test_half_a_frame_ends_its_connection_and_nothing_else(serving: Serve, cut: bytes) -> None:
    async def run() -> None:
        async with serving() as server:
            before = len(asyncio.all_tasks())
            async with talking(server, mode="push_to_talk") as talk:
                await talk.until("ready")
                talk.socket.transport.write(cut)
                await asyncio.sleep(0.2)
                talk.socket.transport.abort()
            for _ in range(100):
                await asyncio.sleep(0.05 if len(asyncio.all_tasks()) > before else 0)
            assert len(asyncio.all_tasks()) <= before
            async with talking(server, mode="push_to_talk") as talk:
                await talk.until("ready")

    asyncio.run(run())


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_a_day_of_sound_leaves_no_memory_behind_and_the_next_word_is_heard(serving: Serve) -> None:
    from assistant.evaluation.turn import resident_mb

    minute = (30 * np.random.default_rng(1).standard_normal(60 * 16_000)).astype("<i2").tobytes()

    async def run() -> None:
        async with serving() as server, talking(server, mode="push_to_talk") as talk:
            await talk.until("ready")
            for number in range(MINUTES):
                levels = talk.kinds().count("level")
                await talk.say(minute, step=128_000, pace=0)  # 4 s a message, as fast as it is taken
                for _ in range(12_000):
                    if talk.kinds().count("level") >= levels + 55:  # one for each second that was heard
                        break
                    await asyncio.sleep(0.005)
                talk.events.clear()
                if number == MINUTES // 24:
                    before = resident_mb()
            assert resident_mb() - before < 50
            await talk.send(type="push")
            await talk.say(spoken())
            assert (await talk.until("reply", 40))["reply"]["text"].startswith("please echo sound|0.")
            assert "error" not in talk.kinds()

    asyncio.run(run())


def test_more_microphones_than_the_settings_allow_are_refused_and_places_come_free(serving: Serve) -> None:
    async def run() -> None:
        async with serving(listeners=1) as server:
            async with talking(server, mode="push_to_talk") as first:
                await first.until("ready")
                async with talking(server, mode="push_to_talk") as second:
                    assert (await second.until("error"))["code"] == "busy"
            await asyncio.sleep(0.3)
            async with talking(server, mode="push_to_talk") as third:
                await third.until("ready")

    asyncio.run(run())


@pytest.mark.slow
def test_a_client_that_never_reads_loses_levels_first_and_then_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn
    from starlette.websockets import WebSocket

    from assistant.server.listening.outbox import HALF, MOST, Outbox
    from assistant.server.server import Address, listen_at

    monkeypatch.setattr("assistant.server.listening.outbox.STUCK", 0.5)
    ended: list[str] = []

    async def flood(scope: Any, receive: Any, send: Any) -> None:
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        outbox = Outbox(socket)
        for _ in range(2 * MOST):
            outbox.put({"type": "level"})
        levels = outbox.dropped
        for _ in range(2 * MOST):
            outbox.put(bytes(60_000))
        ended.append(f"{levels} {outbox.dropped - levels}")
        try:
            await outbox.run()
        except TimeoutError:
            ended.append("slow")

    async def run() -> None:
        listening, address = listen_at(Address("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(flood, log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve([listening]))
        async with websockets.connect(address.url.replace("http", "ws"), max_queue=1):
            for _ in range(100):
                await asyncio.sleep(0.1 if len(ended) < 2 else 0)
        server.should_exit = True
        await task

    asyncio.run(run())
    assert ended == [f"{2 * MOST - HALF} {MOST + HALF}", "slow"]


def test_a_client_that_goes_away_in_the_middle_leaves_nothing_behind(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            before = len(asyncio.all_tasks())
            for _ in range(3):
                async with talking(server, mode="push_to_talk") as talk:
                    await talk.until("ready")
                    await talk.send(type="push")
                    await talk.say(spoken()[:20_000], pace=0)
                    talk.socket.transport.abort()
            for _ in range(100):
                await asyncio.sleep(0.05 if len(asyncio.all_tasks()) > before else 0)
            assert len(asyncio.all_tasks()) <= before

    asyncio.run(run())
