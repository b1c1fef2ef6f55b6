"""A plugin whose intents change while it runs: collected anew before the next turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

GROWING = '''
"""Learns more."""
from assistant import hookimpl

KNOWN = ["first"]
LAST = []

def made(name):
    def handler() -> str:
        """Do it."""
        return name
    handler.__name__ = name
    return handler

@hookimpl
def register_intents(register):
    LAST[:] = KNOWN
    if "broken" in KNOWN:
        raise RuntimeError("out of paper")
    for name in KNOWN:
        register(made(name), examples=[f"do the {name}"])

@hookimpl
def startup(services):
    KNOWN.append("second")

@hookimpl
def intents_changed():
    return KNOWN != LAST
'''


def test_intents_are_collected_after_the_startup_and_whenever_they_change(build: Callable[..., Any]) -> None:
    loaded = build({"growing": GROWING}, trusted=["growing"])

    async def live() -> None:
        manager = loaded.manager
        known = manager.all[0].module.KNOWN
        assert [intent.name for intent in manager.intents] == ["growing.first", "growing.second"]
        assert not manager.refresh()
        known.append("third")
        assert manager.refresh()
        assert (await loaded.answer("growing.third")).text == "third"
        known.append("broken")
        assert not manager.refresh()
        assert len(manager.intents) == 3

    loaded.run(live())
    assert loaded.failures[-1][:2] == ("growing", "intents_changed")
