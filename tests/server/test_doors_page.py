"""The page "Which door do I want?": its examples run as they are printed, and its addresses are there."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import TOKENS

pytest.importorskip("wyoming", reason="needs the extra [wyoming]")
pytest.importorskip("openai", reason="needs the extra [test]")

PAGE = Path(__file__).parents[2] / "assistant" / "server" / "README.md"
Serve = Callable[..., Any]


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs curl and bash")
def test_every_door_s_example_runs(serving: Serve, tmp_path: Path) -> None:
    from assistant.server.server import Address
    from assistant.server.wyoming.server import serving_wyoming

    section = PAGE.read_text("utf-8").partition("## Which door do I want?")[2].partition("\n## ")[0]
    examples = re.findall(r"```(bash|python)\n(.*?)```", section, re.DOTALL)
    assert len(examples) == 3
    assert len(section.splitlines()) <= 45, "one screen"

    async def run() -> None:
        async with serving() as server, serving_wyoming(server.app_state, Address("127.0.0.1", 0)) as address:
            given = {"TOKEN": TOKENS["app"], "URL": server.url, "WYOMING_PORT": str(address.port)}
            for language, code in examples:
                # The small intent model of these tests knows other words.
                said = code.replace("Throw a die.", "please echo")
                command = ["bash", "-c", said] if language == "bash" else [sys.executable, "-c", said]
                process = await asyncio.create_subprocess_exec(
                    *command,
                    cwd=tmp_path,
                    env={**os.environ, **given},
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                )
                out, problem = await asyncio.wait_for(process.communicate(), 60)
                assert process.returncode == 0, problem.decode()
                assert b"please echo" in out or b"Said." in out, out

    asyncio.run(run())


def test_every_address_of_the_pages_is_there(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            paths = set((await server.client("").get("/openapi.json")).json()["paths"]) | {"/docs", "/openapi.json"}
            known = {re.sub(r"\{.*?\}", "X", path) for path in paths}
            pages = "".join((PAGE.parent / room / "README.md").read_text("utf-8") for room in ("routes", "openai_api"))
            named = set(re.findall(r"(?:GET|POST|DELETE|, ) ?`?(/(?:v1|healthz|readyz|metrics|docs)[\w/.-]*)", pages))
            assert len(named) > 12
            for path in named:
                assert re.sub(r"(?<=/)[A-Z]+", "X", path) in known, path

    asyncio.run(run())
