"""Tests MCP clients over HTTP and over standard streams, and the resources of each."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server.mcp.conftest import CHEST, MODES, Answers, connected, effects, text_of

pytest.importorskip("mcp", reason="needs the extra [mcp]")
import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult

import assistant.server
from tests.server.conftest import TOKENS, certificates, no_signals


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


@pytest.mark.slow
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
