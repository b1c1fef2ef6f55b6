"""The assistant as an MCP server, asked by the SDK's own client: over HTTP, in one process, and as a program."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

pytest.importorskip("mcp", reason="needs the extra [mcp]")

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ElicitResult

import assistant.server
from assistant.settings import load_settings
from tests.server.conftest import SHIPPED, TOKENS, certificates, no_signals

MODES = ("auto", "legacy")
Answers = list[Any]
CHEST = "I have crushing chest pain and my left arm is numb"


def text_of(result: CallToolResult) -> str:
    return "\n".join(getattr(block, "text", "") for block in result.content)


@pytest.fixture
def opened(serving: Any, tmp_path: Path) -> Callable[..., Any]:
    """``async with opened() as app``: a real assistant with small models and the shop of the other tests."""

    @asynccontextmanager
    async def run() -> AsyncIterator[Any]:
        from assistant.app import App

        shop = tmp_path / "plugins" / "shop.py"  # as its author would write it: two of its intents change something
        examples = "examples=[f"
        shop.write_text(shop.read_text().replace(examples, f"acts=handler in (slow, buy), {examples}"))
        plugins = {"folder": str(tmp_path / "plugins"), "disabled": [*SHIPPED, "mcp"], "trusted": ["shop"]}
        app = await App.open(load_settings({"plugins": plugins}))
        app.start_loading()
        await app.wait_ready()
        try:
            yield app
        finally:
            await app.close()

    return run


@asynccontextmanager
async def connected(
    app: Any, answers: Answers | None = None, mode: str = "auto", **options: Any
) -> AsyncIterator[tuple[Client, list[str]]]:
    """The SDK's client of a door in this process, and what its user was asked.

    Args:
        answers: what the user answers: a value, or an action such as "decline"; None for a client that cannot ask.
    """
    from assistant.server.mcp.door import Door

    door, asked = Door(app, **{"local": True, **options}), list[str]()

    async def ask(context: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        answer = (answers or []).pop(0)
        if answer in ("decline", "cancel"):
            return ElicitResult(action=answer)
        return ElicitResult(action="accept", content={"answer": answer})

    try:
        async with Client(door.server, mode=mode, elicitation_callback=ask if answers is not None else None) as client:
            yield client, asked
    finally:
        door.close()


def effects(folder: Path) -> list[str]:
    path = folder / "effects.txt"
    return path.read_text().splitlines() if path.exists() else []


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


def test_conversations_are_resources_and_each_client_reads_its_own(opened: Any) -> None:
    async def run() -> None:
        async with opened() as app:
            async with connected(app) as (client, _):
                await client.call_tool("ask", {"text": "please echo", "session": "mine"})
                listed = (await client.list_resources()).resources
                [mine] = [each for each in listed if each.uri.endswith("mine")]
                text = (await client.read_resource(mine.uri)).contents[0].text  # type: ignore[union-attr]
                assert "please echo|0. And that is all." in text
                with pytest.raises(MCPError, match="no such conversation"):
                    await client.read_resource("assistant://history/other")
                with pytest.raises(MCPError, match="There is no resource"):
                    await client.read_resource("file:///etc/passwd")
                with pytest.raises(MCPError, match="The library holds no such file"):
                    await client.read_resource("assistant://library//etc/passwd")
            async with connected(app, history=False) as (client, _):
                assert not (await client.list_resources()).resources
                with pytest.raises(MCPError, match="There is no resource"):
                    await client.read_resource(mine.uri)
            async with connected(app, local=False) as (client, _):  # not the one that started us
                assert not (await client.list_resources()).resources
                with pytest.raises(MCPError):
                    await client.read_resource(mine.uri)
                assert "path" not in (await client.list_tools()).tools[1].input_schema["properties"]
                assert "has no argument 'path'" in text_of(await client.call_tool("look", {"path": "/etc/passwd"}))

    asyncio.run(run())


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[str]:
    import uvicorn

    from assistant.server.mcp.door import Door
    from assistant.server.mcp.serving import PATH, create_application
    from assistant.server.server import Address, listen_at
    from assistant.server.tokens import Clients

    door = Door(app, local=False)
    socket, address = listen_at(Address("127.0.0.1", 0))
    application = create_application(door, Clients(TOKENS), address)
    server = uvicorn.Server(uvicorn.Config(application, log_config=None, access_log=False, lifespan="on"))
    server.capture_signals = no_signals  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve([socket]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        yield address.url + PATH
    finally:
        server.should_exit = True
        await task
        door.close()
        socket.close()


@asynccontextmanager
async def over_http(url: str, name: str, answers: Answers, mode: str = "auto") -> AsyncIterator[Client]:
    async def ask(context: Any, params: Any) -> ElicitResult:
        return ElicitResult(action="accept", content={"answer": answers.pop(0)})

    headers = {"Authorization": f"Bearer {TOKENS[name]}"}
    async with httpx2.AsyncClient(headers=headers, verify=certificates()) as http:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport, mode=mode, elicitation_callback=ask) as client:
            yield client


@pytest.mark.parametrize("mode", MODES)
def test_over_http_with_a_token(opened: Any, tmp_path: Path, mode: str) -> None:
    async def run() -> None:
        async with opened() as app, listening(app) as url:
            async with over_http(url, "app", [True, 2], mode) as client:
                result = await client.call_tool("shop-buy", {"request": "please buy cups", "session": "cups"})
                assert text_of(result) == "You bought 2."
            async with over_http(url, "other", [], mode) as client:
                with pytest.raises(MCPError):
                    await client.read_resource("assistant://history/cups")
        assert effects(tmp_path) == ["ordered 2"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Bearer {TOKENS['app']}", "Host": "evil.example"}, 421),
        ({"Authorization": f"Bearer {TOKENS['app']}", "Origin": "https://evil.example"}, 403),
    ],
)
def test_who_has_no_token_or_comes_from_elsewhere_stays_outside(opened: Any, headers: Any, status: int) -> None:
    async def run() -> None:
        async with opened() as app, listening(app) as url, httpx2.AsyncClient(verify=certificates()) as client:
            asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
            accept = {"Accept": "application/json, text/event-stream", **headers}
            assert (await client.post(url, json=asked, headers=accept)).status_code == status

    asyncio.run(run())


@pytest.fixture
def program(tmp_path: Path) -> dict[str, Any]:
    """The command of a real `assistant mcp`, with data of its own and a plugin that prints."""
    plugins = tmp_path / "home" / "config" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "loud.py").write_text("print('I print', flush=True)\n")
    env = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    env |= {"ASSISTANT_HOME": str(tmp_path / "home"), "ASSISTANT_OFFLINE": "1"}
    return {"command": sys.executable, "args": ["-m", "assistant", "mcp"], "env": env, "cwd": str(Path.cwd())}


def test_as_a_program_only_the_protocol_reaches_its_standard_output(program: dict[str, Any]) -> None:
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    asked = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "ask", "arguments": {"text": CHEST}}},
    ]
    process = subprocess.Popen(
        [program["command"], *program["args"]],
        env=program["env"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"not json\n" + "\n".join(map(json.dumps, asked)).encode() + b"\n")
    process.stdin.flush()
    answers: dict[Any, Any] = {}
    while 2 not in answers:
        message = json.loads(process.stdout.readline())  # each line is one
        answers[message.get("id")] = message
    rest, errors = process.communicate(timeout=30)
    assert rest == b""
    assert "112" in answers[2]["result"]["content"][0]["text"]  # also without any model's weights
    assert b"Traceback" not in errors


def blocks(language: str) -> list[str]:
    page = (Path(assistant.server.__file__).parent / "mcp" / "README.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_pages_example_runs_and_its_snippets_start_it(program: dict[str, Any], tmp_path: Path) -> None:
    command = tmp_path / "bin" / "assistant"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\ncd {Path.cwd()}\nASSISTANT_HOME={tmp_path}/home exec {sys.executable} -m assistant "$@"\n'
    )
    command.chmod(0o755)
    env = program["env"] | {"PATH": f"{command.parent}:{program['env']['PATH']}"}
    [example] = blocks("python")
    done = subprocess.run([sys.executable, "-c", example], env=env, capture_output=True, text=True, timeout=120)
    tools, _, answer = done.stdout.partition("\n")
    assert {"ask", "dice-roll_die", "clock-set_timer"} <= set(tools.split()), done.stderr[-1000:]
    assert not [name for name in tools.split() if name.startswith("mcp-")]
    assert "112" in answer
    for snippet in map(json.loads, blocks("json")):
        [servers] = snippet.values()
        assert [servers["assistant"]["command"], *servers["assistant"]["args"]] == ["assistant", "mcp"]
