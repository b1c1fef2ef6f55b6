"""The assistant as an MCP server, and its clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="needs the extra [mcp]")
from mcp import Client
from mcp.types import CallToolResult, ElicitResult

from assistant.settings import load_settings
from tests.server.conftest import SHIPPED

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
