"""`Services.tools` and `Services.library_answers`, for plugins in the program and in a process of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assistant.errors import PluginError
from assistant.plugins.tools import Tool
from assistant.retrieval.entries import LibraryAnswer
from assistant.testing import FakeServices
from assistant.types import Reply

Build = Callable[..., Any]

PLUGIN = '''
"""Uses others."""
from assistant import Manifest, Reply, UserError, hookimpl
MANIFEST = Manifest(capabilities={capabilities})

async def use(turn, services):
    """Use a tool."""
    tools = services.tools(turn.session)
    listed = await tools.list(5)
    yield f"{{listed[0].name}} {{listed[0].acts}} {{sorted(listed[0].parameters)}} "
    yield (await tools.call("clock.tell", {{"place": "Lima"}})).text
    try:
        await tools.call("clock.unknown", {{}})
    except UserError as error:
        yield f" {{error}}"

async def find(services) -> str:
    """Find a passage."""
    [match] = await services.library_answers("how many months", 3)
    return f"{{match.text}} {{match.place}}"

@hookimpl
def register_intents(register):
    register(use, examples=["use"], acts=False)
    register(find, examples=["find"], acts=False)
'''
TELL = Tool("clock.tell", "Tell the time.", {"type": "object", "properties": {"place": {"type": "string"}}})
BOTH = pytest.mark.parametrize("trusted", [False, True], ids=["process", "program"])


def make(build: Build, trusted: bool, capabilities: str) -> Any:
    loaded = build({"user": PLUGIN.format(capabilities=capabilities)}, trusted=["user"] if trusted else [])
    toolbox = {TELL: lambda arguments: Reply(f"One o'clock in {arguments['place']}.")}
    loaded.services = FakeServices(
        toolbox=toolbox, library=[LibraryAnswer("Three months of notice.", "c.txt", "text", 1, "p. 3")]
    )
    return loaded


@BOTH
def test_tools_and_passages_reach_a_plugin_that_declares_them(build: Build, trusted: bool) -> None:
    loaded = make(build, trusted, '("tools", "files")')

    async def both() -> list[str]:
        return [(await loaded.answer(f"user.{name}")).text for name in ("use", "find")]

    used, found = loaded.run(both())
    assert used == ("clock.tell False ['properties', 'type'] One o'clock in Lima. There is no tool 'clock.unknown'.")
    assert found == "Three months of notice. p. 3"


@BOTH
@pytest.mark.parametrize(
    ("name", "needed"), [("use", 'services.tools() needs capabilities=("tools",)'), ("find", 'capabilities=("files",)')]
)
def test_one_that_does_not_declare_them_is_refused(build: Build, trusted: bool, name: str, needed: str) -> None:
    loaded = make(build, trusted, "()")
    with pytest.raises(PluginError) as refused:
        loaded.run(loaded.answer(f"user.{name}"))
    assert needed in str(refused.value)
