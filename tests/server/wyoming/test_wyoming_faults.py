"""Tests Wyoming clients that misbehave: wrong, endless and unread events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from assistant.errors import SettingsError
from tests.server.wyoming.conftest import SILENCE, Serve, chunks, line, send, until

pytest.importorskip("wyoming", reason="needs the extra [wyoming]")
from wyoming.asr import Transcript as Heard
from wyoming.audio import AudioStart
from wyoming.ping import Ping
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart

CHUNK = {"rate": 16_000, "width": 2, "channels": 1}


def test_events_out_of_order_are_told_and_the_next_is_answered(wyoming: Callable[..., Any]) -> None:
    wrong: list[tuple[bytes, str]] = [
        (line(type="audio-stop"), "audio-start"),
        (line(type="synthesize-chunk", data={"text": "a"}), "synthesize-start"),
        (line(type="synthesize-stop"), "synthesize-start"),
        (line(type="synthesize"), "no text"),
        (line(type="synthesize", data={"text": 5}), "text"),
        (line(type="synthesize", data={"text": "<speak/>", "text_format": "ssml"}), "SSML"),
        (line(type="synthesize", data={"text": "x" * 9_000}), "longer than"),
        (line(type="transcript", data={}), "no text"),
        (line(type="recognize", data={"text": None}), "no text"),
        (line(type="audio-chunk", data={**CHUNK, "rate": 1}, payload_length=2) + b"ab", "samples per second"),
        (line(type="audio-chunk", data={**CHUNK, "width": 3}, payload_length=2) + b"ab", "2 or 4 bytes"),
        (line(type="audio-chunk", data={**CHUNK, "channels": 0}, payload_length=2) + b"ab", "channels"),
        (line(type="audio-chunk", data={**CHUNK, "width": []}, payload_length=2) + b"ab", "2 or 4 bytes"),
        (line(type="audio-chunk", payload_length=2) + b"ab", "samples per second"),
        (line(type="detect", data={"names": ["nobody"]}), "no wake word"),
        (line(type="detect", data={"names": 5}), "not a list of texts"),
        (line(type="transcribe", data={"language": 5}), "not a text"),
        (line(type="transcribe", data={"transcript_names": [1]}), "not a list of texts"),
        (line(type="ping", data={"text": ["\ud800"]}), "not a text"),
    ]

    async def run() -> None:
        async with wyoming() as running:
            for content, said in wrong:
                told = await running.raw(content, line(type="ping", data={"text": "still here"}))
                assert [each["type"] for each in told] == ["error", "pong"], content
                assert said in told[0]["data"]["text"]
                assert told[0]["data"]["code"]
                assert "\n" not in told[0]["data"]["text"]
            assert await running.raw(line(type="no-such-event"), line(type="select-program")) == []
            for context in (5, "x", ["\ud800"], {"conversation_id": {"a": 1}}, {"conversation_id": "\ud800"}):
                asked = line(type="transcript", data={"text": "please echo \ud800", "context": context})
                assert [each["type"] for each in await running.raw(asked)] == ["handled"]
            mixed = [
                line(type="audio-chunk", data=CHUNK, payload_length=2) + b"ab",
                line(type="audio-chunk", data={**CHUNK, "rate": 48_000}, payload_length=2) + b"ab",
            ]
            [told] = await running.raw(*mixed)
            assert "changes its rate" in told["data"]["text"]

    asyncio.run(run())


def test_what_is_no_event_is_told_and_the_connection_closed(wyoming: Callable[..., Any]) -> None:
    wrong = [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x00\xff\xfe\n",
        b"[1]\n",
        b"5\n",
        b"{}\n",
        b'{"type": 5}\n',
        b'{"type": "ping", "data": [1]}\n',
        b"[" * 60_000 + b"\n",
        b"x" * 200_000,
        line(type="ping", data_length=-1),
        line(type="ping", data_length="many"),
        line(type="ping", data_length=10**12),
        line(type="audio-chunk", data=CHUNK, payload_length=10**12),
        line(type="audio-chunk", data=CHUNK, payload_length=True),
        line(type="audio-chunk", data=CHUNK, payload_length=1000) + b"cut",
        line(type="ping", data_length=10) + b"{",
        line(type="ping", data_length=4) + b"nope",
        b'{"type": "ping"',
    ]

    async def run() -> None:
        async with wyoming() as running:
            for content in wrong:
                told = await running.raw(content)
                assert [each["type"] for each in told] == ["error"], content[:80]
                assert told[0]["data"]["code"] == "bad-event"

    asyncio.run(run())


def test_an_event_that_never_ends_is_left(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming(stall=0.5) as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(line(type="audio-chunk", data=CHUNK, payload_length=1000) + b"cut")
            told = await asyncio.wait_for(reader.read(), 10)
            assert b"did not arrive" in told
            writer.close()

    asyncio.run(run())


def test_ten_thousand_tiny_events_and_a_client_that_never_reads_hold_up_nobody(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming(stall=1.0) as running:
            tiny = line(type="audio-chunk", data=CHUNK, payload_length=1) + b"a"
            flood = asyncio.create_task(running.raw(tiny * 10_000, line(type="audio-stop"), seconds=60))
            _, deaf = await asyncio.open_connection("127.0.0.1", running.port, limit=1024)
            deaf.transport.pause_reading()  # type: ignore[attr-defined]
            deaf.write(line(type="describe") * 10_000)
            async with running.client() as client:
                began = asyncio.get_running_loop().time()
                await send(client, Ping("a"))
                await until(client, "pong")
                assert asyncio.get_running_loop().time() - began < 5
            told = await flood
            assert [each["type"] for each in told] == ["transcript"]
            deaf.close()

    asyncio.run(run())


def test_sound_without_end_is_cut_off(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming(max_minutes=0.05) as running:
            second = line(type="audio-chunk", data=CHUNK, payload_length=32_000) + bytes(32_000)
            told = await running.raw(second * 4)
            assert told[0]["type"] == "error"
            assert "serve.max_minutes" in told[0]["data"]["text"]

    asyncio.run(run())


def test_a_client_that_leaves_in_the_middle_harms_nothing(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming() as running:
            for events in (
                [AudioStart(16_000, 2, 1), *chunks(SILENCE)],
                [Synthesize("One. Two. Three. Four. Five.")],
                [Heard("please slow")],
                [SynthesizeStart(), SynthesizeChunk("One. Two")],
            ):
                async with running.client() as client:
                    await send(client, *events)
            async with running.client() as client:
                await send(client, Ping("a"))
                await until(client, "pong")

    asyncio.run(run())


def test_others_are_let_in_only_by_name(serving: Serve) -> None:
    from assistant.server.server import Address
    from assistant.server.wyoming.server import _allowed, _networks, serving_wyoming

    async def run() -> None:
        async with serving() as server:
            for clients in ((), ("somewhere",)):
                with pytest.raises(SettingsError, match="client"):
                    async with serving_wyoming(server.app_state, Address("0.0.0.0", 0), clients):
                        pass

    asyncio.run(run())
    networks = _networks(["192.168.1.0/24", "10.0.0.7", "fd00::/8"])
    allowed = ("192.168.1.44", "10.0.0.7", "127.0.0.1", "::1", "::ffff:192.168.1.9", "fd00::5")
    assert all(_allowed(peer, networks) for peer in allowed)
    assert not any(_allowed(peer, networks) for peer in ("192.168.2.1", "10.0.0.8", "", "8.8.8.8", "fe80::1"))
