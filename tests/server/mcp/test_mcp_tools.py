"""Tests the assistant's tools over MCP: schemas, confirmations, emergencies, errors, pictures and recordings."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from tests.server.mcp.conftest import CHEST, MODES, connected, effects, text_of

pytest.importorskip("mcp", reason="needs the extra [mcp]")


def test_every_intent_is_a_tool_with_its_schema_and_what_it_does(opened: Any) -> None:
    async def run() -> None:
        async with opened() as app, connected(app) as (client, _):
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert {"ask", "look", "transcribe", "library_search", "shop-echo", "shop-slow", "shop-buy"} <= set(tools)
            slow = tools["shop-slow"]
            assert slow.input_schema["properties"]["seconds"] == {"type": "number"}
            assert slow.annotations is not None
            assert slow.annotations.read_only_hint is False
            assert "the user is asked first" in (slow.description or "")
            assert tools["shop-echo"].input_schema["required"] == ["request"]
            assert tools["library_search"].annotations.read_only_hint is True  # type: ignore[union-attr]

    asyncio.run(run())


@pytest.mark.parametrize("mode", MODES)
def test_what_acts_is_done_after_the_users_yes_and_its_questions_are_passed_on(
    opened: Any, tmp_path: Path, mode: str
) -> None:
    async def run() -> None:
        async with opened() as app, connected(app, [True, 3], mode) as (client, asked):
            result = await client.call_tool("shop-buy", {"request": "please buy cups"})
            assert text_of(result) == "You bought 3."
            assert asked == ["Buy something? The request: “please buy cups”.", "How many?"]
        assert effects(tmp_path) == ["ordered 3"]

    asyncio.run(run())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("answer", ["decline", "cancel", False, "yes", None])
def test_without_a_plain_yes_nothing_is_done(opened: Any, tmp_path: Path, mode: str, answer: Any) -> None:
    async def run() -> None:
        async with opened() as app, connected(app, [answer], mode) as (client, asked):
            result = await client.call_tool("shop-slow", {"request": "please slow", "seconds": 0.01})
            assert text_of(result) == "Nothing was done: the user did not confirm it."
            assert len(asked) == 1
        assert effects(tmp_path) == []

    asyncio.run(run())


@pytest.mark.parametrize("mode", MODES)
def test_a_client_that_cannot_ask_takes_two_steps(opened: Any, tmp_path: Path, mode: str) -> None:
    async def run() -> None:
        async with opened() as app, connected(app, None, mode) as (client, _):
            call = {"request": "please slow", "seconds": 0.01}
            first = await client.call_tool("shop-slow", call)
            token = first.structured_content["confirmation"]
            assert "Nothing was done yet. Ask the user" in text_of(first)
            for wrong in ({**call, "seconds": 0.02, "confirmation": token}, {**call, "confirmation": "x" * 32}):
                assert "unknown, expired, or for another call" in text_of(await client.call_tool("shop-slow", wrong))
            assert effects(tmp_path) == []
            assert text_of(await client.call_tool("shop-slow", {**call, "confirmation": token})) == "At last."
            again = await client.call_tool("shop-slow", {**call, "confirmation": token})
            assert again.is_error
        assert effects(tmp_path) == ["slow begins", "slow ends"]

    asyncio.run(run())


def test_ask_confirms_too_and_only_the_users_own_yes_counts(opened: Any, tmp_path: Path) -> None:
    async def run() -> None:
        async with opened() as app:
            async with connected(app, ["decline"]) as (client, asked):
                assert "Nothing was done" in text_of(await client.call_tool("ask", {"text": "please slow"}))
                assert asked == ["Take some time? The request: “please slow”."]
            async with connected(app, None) as (client, _):
                first = await client.call_tool("ask", {"text": "please buy it"})
                confirmed = {"text": "please buy it", "confirmation": first.structured_content["confirmation"]}
                asks = await client.call_tool("ask", confirmed)
                assert asks.structured_content["waits_for_answer"] is True
                assert text_of(asks).startswith("How many?")
                assert text_of(await client.call_tool("ask", {"text": "4"})) == "You bought 4."
        assert effects(tmp_path) == ["ordered 4"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("ask", {"text": CHEST}),
        ("shop-echo", {"request": CHEST}),
        ("shop-slow", {"request": CHEST}),
        ("ask", {"text": "我胸口剧痛，左臂发麻"}),
    ],
)
def test_an_emergency_comes_before_everything(opened: Any, tmp_path: Path, tool: str, arguments: Any) -> None:
    async def run() -> None:
        async with opened() as app, connected(app, None) as (client, _):
            result = await client.call_tool(tool, arguments)
            assert result.structured_content["intent"].startswith("medical_triage.")
            assert "112" in text_of(result) or "120" in text_of(result)
        assert effects(tmp_path) == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("nothing", {}, "There is no tool 'nothing'."),
        ("shop-echo", {}, ""),
        ("shop-slow", {"request": "x", "seconds": "many"}, "seconds cannot be 'many'"),
        ("shop-echo", {"request": ["x"]}, "must be a text: the user's words"),
        ("shop-echo", {"request": "x", **{f"a{n}": n for n in range(200)}}, "has no argument 'a0'"),
        ("shop-echo", {"request": "x" * 50_000}, "characters"),
        ("shop-echo", {"request": "x", "session": "../other"}, "session must be"),
        ("ask", {}, "ask needs the argument text."),
        ("ask", {"text": 7}, "text must be a text"),
        ("look", {"question": "what?"}, "Give either a path or image, in base64."),
        ("look", {"image": "no base64!"}, "image is not base64."),
        ("look", {"image": base64.b64encode(b"no picture").decode()}, ""),
        ("look", {"path": "/no/such/picture.png"}, "picture.png"),
        ("transcribe", {"path": "/no/such/sound.wav"}, "sound.wav"),
        ("library_search", {"query": "x", "top": 1000}, "top must be 1 to 20"),
        ("shop-fail", {"request": "please fail"}, ""),
    ],
)
def test_what_cannot_be_gets_one_line(opened: Any, tool: str, arguments: Any, said: str) -> None:
    async def run() -> None:
        async with opened() as app, connected(app, [True]) as (client, _):
            result = await client.call_tool(tool, arguments)
            assert said in text_of(result)
            assert "Traceback" not in text_of(result)
            assert len(text_of(result)) < 500
            assert text_of(await client.call_tool("ask", {"text": "please echo"})).startswith("please echo|")

    asyncio.run(run())


def test_pictures_and_recordings_come_as_base64_or_by_path(opened: Any, tmp_path: Path) -> None:
    stream, sound = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(stream, "PNG")
    soundfile.write(sound, np.zeros(8_000, np.float32), 16_000, format="WAV")
    (tmp_path / "picture.png").write_bytes(stream.getvalue())

    async def run() -> None:
        async with opened() as app, connected(app, None) as (client, _):
            given = {"image": base64.b64encode(stream.getvalue()).decode(), "question": "please echo"}
            assert text_of(await client.call_tool("look", given)).startswith("please echo|1.")
            path = {"path": str(tmp_path / "picture.png"), "question": "please echo"}
            assert text_of(await client.call_tool("look", path)).startswith("please echo|1.")
            heard = await client.call_tool("transcribe", {"audio": base64.b64encode(sound.getvalue()).decode()})
            assert heard.structured_content["segments"] == [{"start": 0.0, "end": 0.5, "text": "please echo sound"}]

    asyncio.run(run())


def test_a_call_that_its_client_cancels_ends(opened: Any, tmp_path: Path) -> None:
    async def run() -> None:
        async with opened() as app, connected(app, [True]) as (client, _):
            call = asyncio.ensure_future(client.call_tool("shop-slow", {"request": "please slow", "seconds": 30}))
            for _ in range(200):
                if effects(tmp_path):
                    break
                await asyncio.sleep(0.02)
            call.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await call
            async with asyncio.timeout(5):
                assert "please echo|" in text_of(await client.call_tool("ask", {"text": "please echo"}))
        assert effects(tmp_path) == ["slow begins"]

    asyncio.run(run())
