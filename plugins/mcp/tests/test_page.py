"""Tests that the examples on the plugin's page work."""

from __future__ import annotations

import asyncio
import importlib
import re
import sys
import tomllib
from pathlib import Path

import pytest

from assistant import Turn
from assistant.testing import FakeDialogue, FakeServices, load_plugin

PLUGIN = Path(__file__).parent.parent
PAGE = (PLUGIN / "README.md").read_text("utf-8")


def block(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_settings_are_servers() -> None:
    module = load_plugin(PLUGIN).manager.all[0].module
    read_servers = importlib.import_module(f"{module.__name__}.settings").read_servers
    options = tomllib.loads(block("toml"))["plugins"]["options"]["mcp"]
    files, home = read_servers(options["servers"], "", 30.0)
    assert files.where == "npx -y @modelcontextprotocol/server-filesystem /home/me/Documents"
    assert home.reads == ("GetLiveContext",)
    assert home.examples["HassTurnOn"] == ("switch on the {name}", "打开{name}")


def test_the_conversation_is_as_shown(tmp_path: Path) -> None:
    pytest.importorskip("mcp", reason="needs the extra [mcp]")
    server = tmp_path / "weather.py"
    server.write_text(block("python"))
    [(_, question), (answer, shown)] = re.findall(
        r'ask (?:--continue )?(?:"[^"]+"|(\w+))\n(.*?)\n(?=\$|$)', block("console"), re.DOTALL
    )
    services = FakeServices(options={"servers": {"weather": {"command": sys.executable, "args": [str(server)]}}})
    dialogue = FakeDialogue([answer])

    async def run() -> str:
        manager = load_plugin(PLUGIN).manager
        await manager.startup(lambda info: services)
        try:
            [intent] = manager.intents
            reply = await manager.answer(intent, Turn(text="get the weather of Lisbon"), {"city": "Lisbon"}, dialogue)
            return reply.text
        finally:
            await manager.shutdown()

    assert asyncio.run(run()) == shown.strip()
    assert dialogue.asked == [question.strip()]
