"""A plugin whose file changes is loaded anew while the program runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.events import Notice
from assistant.plugins import reloading
from assistant.plugins.reloading import Reloader
from assistant.settings import load_settings

Build = Callable[..., Any]


@pytest.fixture
def reload(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Builds plugins, and returns them with a function that looks for changes."""
    monkeypatch.setattr(reloading, "PAUSE", 0.0)

    def make(sources: dict[str, str], **settings: Any) -> tuple[Any, Callable[..., Any]]:
        loaded = build(sources, **settings)
        known = load_settings({"plugins": {"folder": str(tmp_path / "plugins"), **settings}})
        reloader = Reloader(known, loaded.manager, loaded.bus)

        async def look(**files: str | None) -> bool:
            for name, code in files.items():
                path = tmp_path / "plugins" / f"{name}.py"
                path.unlink() if code is None else path.write_text(code)
            return await reloader.look(lambda info: loaded.services)

        return loaded, look

    return make


def told(loaded: Any) -> list[str]:
    return [event.text for event in loaded.heard if isinstance(event, Notice)]


@pytest.mark.parametrize("trusted", [(), ("good",)])
def test_a_changed_plugin_answers_with_its_new_code(
    reload: Callable[..., Any], greeter: str, trusted: tuple[str, ...]
) -> None:
    loaded, look = reload({"good": greeter}, trusted=trusted)

    async def story() -> list[Any]:
        first = (await loaded.answer("good.hello")).text
        same = await look()
        changed = await look(good=greeter.replace('return "hello"', 'return "good day"'))
        second = (await loaded.answer("good.hello")).text
        taught = await look(good=greeter.replace('"say hello"', '"say hello", "greet me"'))
        return [first, same, changed, second, taught, loaded.intent("good.hello").examples]

    assert loaded.run(story()) == ["hello", False, False, "good day", True, ("say hello", "greet me")]
    assert told(loaded) == ["Plugin good: loaded anew.", "Plugin good: loaded anew."]


def test_a_plugin_with_an_error_goes_on_as_it_was_and_says_where_the_error_is(
    reload: Callable[..., Any], greeter: str
) -> None:
    loaded, look = reload({"good": greeter})

    async def story() -> str:
        await look(good="import no_such_thing\n")
        return str((await loaded.answer("good.hello")).text)

    assert loaded.run(story()) == "hello"
    line = "Plugin good: good.py:1: ModuleNotFoundError: No module named 'no_such_thing'. It goes on as it was"
    assert told(loaded)[0].startswith(line)


def test_a_new_file_is_a_new_plugin_and_one_that_is_gone_is_none(reload: Callable[..., Any], greeter: str) -> None:
    loaded, look = reload({"good": greeter})

    async def story() -> list[Any]:
        came = await look(fresh=greeter)
        said = (await loaded.answer("fresh.hello")).text
        left = await look(good=None)
        return [came, said, left, [intent.name for intent in loaded.manager.intents]]

    assert loaded.run(story()) == [True, "hello", True, ["fresh.hello"]]


STARTS = """
from assistant import hookimpl
SAID = []

async def hello(dialogue) -> str:
    name = await dialogue.ask("Who are you?")
    return f"VERSION {name} {SAID}"

@hookimpl
def register_intents(register):
    register(hello, examples=["say hello"], acts=False)

@hookimpl
def startup(services):
    SAID.append("started")
"""


def test_startup_is_called_in_the_new_process(reload: Callable[..., Any]) -> None:
    loaded, look = reload({"good": STARTS.replace("dialogue", "turn").replace("await turn.ask", "str")})

    async def story() -> list[str]:
        first = (await loaded.answer("good.hello")).text
        await look(good=STARTS.replace("dialogue", "turn").replace("await turn.ask", "str").replace("VERSION", "two"))
        return [first, (await loaded.answer("good.hello")).text]

    assert loaded.run(story()) == ["VERSION Who are you? ['started']", "two Who are you? ['started']"]


def test_what_is_at_work_is_answered_by_the_code_it_began_with(reload: Callable[..., Any], greeter: str) -> None:
    slow = greeter.replace("def hello()", "async def hello()").replace(
        'return "hello"', 'import asyncio; await asyncio.sleep(0.5); return "hello"'
    )
    loaded, look = reload({"good": slow})

    async def story() -> list[str]:
        answering = asyncio.ensure_future(loaded.answer("good.hello"))
        await asyncio.sleep(0.2)
        await look(good=greeter.replace('return "hello"', 'return "good day"'))
        return [(await answering).text, (await loaded.answer("good.hello")).text]

    assert loaded.run(story()) == ["hello", "good day"]
