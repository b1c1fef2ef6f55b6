"""Tests the settings of servers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from .home import Home, Live

pytest.importorskip("mcp", reason="needs the extra [mcp]")


def test_the_settings_say_what_is_used_what_only_reads_and_what_is_always_sent(
    live: Live, useful: dict[str, Any], wall: Path
) -> None:
    wanted = {"tools": ["write_note", "add"], "reads": ["write_note"], "arguments": {"text": "always this", "b": 5}}

    async def work(home: Home) -> None:
        assert [intent.name for intent in home.manager.intents] == ["mcp.mine_add", "mcp.mine_write_note"]
        assert home.intent("mine_write_note").acts is False
        assert home.intent("mine_write_note").slots == ()
        assert (await home.ask("mine_write_note", "write note", "once")).text.startswith("Written: always this")
        assert (await home.ask("mine_add", "add 3", "once")).speech == "8"

    live({"mine": {**useful["useful"], **wanted}}, work)


def test_servers_that_cannot_be_started_or_understood_say_why(live: Live, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    found: dict[str, str] = {}

    async def work(home: Home) -> None:
        module = home.manager.all[0].module
        found.update({name: each.failure for name, each in module._running[0].connections.items()})

    servers = {
        "absent": {"command": "no-such-program"},
        "silent": {"command": sys.executable, "args": ["-c", "print('hello')"]},
        "keyless": {"url": "http://127.0.0.1:9/mcp", "headers": {"Authorization": "Bearer ${NO_SUCH_KEY}"}},
        "open": {"url": "http://example.org/mcp", "headers": {"Authorization": "Bearer x"}},
        "closed": {"url": "http://127.0.0.1:9/mcp"},
    }
    live(servers, work)
    assert found["absent"] == "The MCP server absent cannot be started: no-such-program: No such file or directory."
    assert found["silent"].startswith("The MCP server silent cannot be used: ")
    assert "NO_SUCH_KEY, which is not set" in found["keyless"]
    assert "not sent to example.org unencrypted" in found["open"]
    assert found["closed"].startswith("The MCP server closed cannot be used: ")
    assert all("\n" not in line and len(line) < 300 for line in found.values())


@pytest.mark.parametrize(
    ("servers", "file", "said"),
    [
        ({"a": {}}, "", "it needs either a command or a url"),
        ({"a": "npx"}, "", "it needs a command or a url"),
        ({"a": {"comand": "npx"}}, "", "there is no 'comand'"),
        ({"a": {"command": "npx", "args": "-y"}}, "", "args must be a list of texts"),
        ({"a": {"command": "npx", "env": {"A": 1}}}, "", "env must hold texts"),
        ({"a": {"url": "ftp://x"}}, "", "it needs http:// or https://"),
        ({"a": {"command": "x", "seconds": 1000}}, "", "seconds must be"),
        ({"1": {"command": "x"}}, "", "begin its name with a letter"),
        ({"a b": {"command": "x"}, "a-b": {"command": "x"}}, "", "Two MCP servers are called a_b"),
        ({}, "/nowhere/mcp.json", "No such file or directory"),
    ],
)
def test_settings_that_cannot_work_say_which_and_why(live: Live, servers: dict[str, Any], file: str, said: str) -> None:
    async def nothing(home: Home) -> None:
        pass

    with pytest.raises(AssertionError) as failed:
        live(servers, nothing, file=file)  # type: ignore[call-arg]
    assert said in str(failed.value)


def test_a_file_as_other_programs_keep_it_names_servers(live: Live, useful: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "mcp.json"
    off = {"command": "no-such-program", "disabled": True}
    file.write_text(json.dumps({"mcpServers": {"Use Ful": {"type": "http", **useful["useful"]}, "off": off}}))

    async def work(home: Home) -> None:
        assert home.intent("use_ful_add")
        assert not home.manager.all[0].module._running[0].connections.keys() - {"use_ful"}

    live({}, work, file=str(file))  # type: ignore[call-arg]


def test_a_server_over_http_gets_its_key_from_the_environment(
    live: Live, useful: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(home: Home) -> None:
        assert (await home.ask("web_add", "add 3 and 4", "once")).speech == "7"

    monkeypatch.setenv("WEB_KEY", "secret")
    live({"web": {**useful["useful"], "headers": {"Authorization": "Bearer ${WEB_KEY}"}}}, work)
