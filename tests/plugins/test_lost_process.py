"""Tests calls to a plugin whose process is lost: what is called again, and what is not."""

from __future__ import annotations

import asyncio
import sys

import pytest

from assistant.errors import PluginError
from assistant.types import OUT_OF_SCOPE, Decision, Reply, Turn
from tests.plugins.hostile import HEAD, REGISTER, Build

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="files, network and processes are limited on Linux only"
)


def test_a_call_that_changes_nothing_is_made_again_when_another_takes_its_process_down(build: Build) -> None:
    code = HEAD + "async def act(turn):\n    await asyncio.sleep(0.3)\n    if turn.text == 'die': os._exit(1)\n"
    loaded = build({"bad": code + "    return 'fine'\n" + REGISTER})
    intent = loaded.intent("bad.act")

    async def ask(session: str, text: str) -> str:
        try:
            return str((await loaded.manager.answer(intent, Turn(session=session, text=text), {})).text)
        except PluginError as error:
            return error.reason

    async def story() -> list[str]:
        return await asyncio.gather(ask("attacker", "die"), ask("user", "hello"))

    died, fine = loaded.run(story())
    assert "its process ended on its own (code 1)" in died
    assert fine == "fine"


def test_a_hook_is_asked_again_when_another_call_takes_its_process_down(build: Build) -> None:
    act = "def act(turn):\n    os._exit(1)\n"
    hook = "@hookimpl\nasync def answer_fallback(turn):\n    await asyncio.sleep(0.3)\n    return 'found'\n"
    loaded = build({"bad": HEAD + act + REGISTER + hook})

    async def story() -> tuple[Reply | None, BaseException]:
        turn = Turn(session="user", text="hello")
        asking = asyncio.ensure_future(loaded.manager.answer_fallback(turn, Decision(OUT_OF_SCOPE, 0.0, OUT_OF_SCOPE)))
        await asyncio.sleep(0.1)
        with pytest.raises(PluginError) as died:
            await loaded.answer("bad.act")
        return await asking, died.value

    found, died = loaded.run(story())
    assert "its process ended on its own (code 1)" in str(died)
    assert found is not None
    assert found.text == "found"


def test_what_may_change_something_is_not_done_again_when_its_process_is_lost(build: Build) -> None:
    code = HEAD + (
        "async def act(turn):\n    await asyncio.sleep(0.3)\n"
        "    if turn.text == 'die': os._exit(1)\n    return 'fine'\n"
    )
    loaded = build({"bad": code + REGISTER.replace("acts=False", "acts=True")})
    intent = loaded.intent("bad.act")
    assert intent.may_act

    async def ask(text: str) -> str:
        try:
            return (await loaded.manager.answer(intent, Turn(session=text, text=text), {})).text
        except PluginError as error:
            return error.reason

    async def story() -> list[str]:
        return await asyncio.gather(ask("die"), ask("hello"))

    died, lost = loaded.run(story())
    assert "its process ended on its own" in died
    assert lost != "fine"
    assert not loaded.failures, "which of the two ended it is not known"


def test_an_answer_that_has_begun_is_not_begun_again_when_its_process_is_lost(build: Build) -> None:
    code = HEAD + (
        "async def act(turn):\n    yield 'one '\n    await asyncio.sleep(0.3)\n"
        "    if turn.text == 'die': os._exit(1)\n    yield 'two'\n"
    )
    loaded = build({"bad": code + REGISTER})

    async def story() -> list[Reply]:
        return await asyncio.gather(loaded.answer("bad.act", "die"), loaded.answer("bad.act", "hello"))

    for reply in loaded.run(story()):
        assert reply.text.startswith("one")
        assert reply.text.count("one") == 1
        assert "two" not in reply.text
