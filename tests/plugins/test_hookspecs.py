"""Every hook has a contract, a caller, and does what its contract says."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import assistant
from assistant.bus import Bus
from assistant.events import Notice
from assistant.plugins import hookspecs
from assistant.plugins.hookspecs import TURN_HOOKS
from assistant.plugins.manager import PluginManager
from assistant.settings import load_settings
from assistant.testing import FakeServices
from assistant.types import OUT_OF_SCOPE, Decision, Reply, Turn

HOOKS: dict[str, Callable[..., Any]] = {
    name: function for name, function in vars(hookspecs).items() if hasattr(function, "assistant_spec")
}

EVERYTHING = '''
"""Implements every hook there is."""
import asyncio
from dataclasses import replace
import click
from assistant import Decision, hookimpl

class Deaf:
    name, modality, dimension = "{name}", "audio", 1
    def load(self): pass
    def encode(self, inputs): return []

class Sum:
    name = "{name}"
    def fuse(self, evidence): return None

CALLS = []

def act(): return "acted"
async def capture(): return "captured"
async def deliver(reply): CALLS.append(reply.text)

@hookimpl
def register_intents(register): register(act, examples=["act"])
@hookimpl
def register_encoders(register): register(Deaf())
@hookimpl
def register_inputs(register): register("{name}_input", capture)
@hookimpl
def register_outputs(register): register("{name}_output", deliver)
@hookimpl
def register_commands(register): register(click.Command("{name}"))
@hookimpl
def create_fusion(name): return Sum() if name in ("{name}", "any") else None
@hookimpl
async def startup(services): CALLS.append("startup")
@hookimpl
def shutdown(): CALLS.append("shutdown")
@hookimpl
async def prepare_turn(turn): return replace(turn, text=turn.text + " {name}")
@hookimpl
async def recognize_intent(turn): return Decision("{name}.act", 1.0, "answer") if "{name}!" in turn.text else None
@hookimpl
async def answer_fallback(turn, decision, services): return "{name}" if "{name}?" in turn.text else None
@hookimpl
def prepare_reply(turn, reply): return replace(reply, text=reply.text + " {name}")
@hookimpl
async def track_event(event): CALLS.append(event.text)
'''


@pytest.mark.parametrize("name", HOOKS)
def test_hook_says_what_it_is_for_and_names_its_types(name: str) -> None:
    function = HOOKS[name]
    assert (inspect.getdoc(function) or "").endswith(".")
    signature = inspect.signature(function)
    assert all(parameter.annotation is not parameter.empty for parameter in signature.parameters.values())
    assert signature.return_annotation is not signature.empty


@pytest.mark.parametrize("name", HOOKS)
def test_hook_has_a_caller(name: str) -> None:
    sources = (Path(assistant.__file__).parent / "plugins").glob("*.py")
    assert any(f'"{name}"' in path.read_text("utf-8") for path in sources)


def test_turn_hooks_exist_and_may_be_async() -> None:
    assert set(TURN_HOOKS) < set(HOOKS)
    assert set(HOOKS) - set(TURN_HOOKS) == {*(name for name in HOOKS if name.startswith("register_")), "create_fusion"}


def test_every_hook_does_what_its_contract_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.plugins.discovery.shipped_dir", lambda name: tmp_path / "none")
    for name in ("first", "second"):
        code = EVERYTHING.replace("{name}", name)
        assert all(f"def {hook}(" in code for hook in HOOKS)
        (tmp_path / f"{name}.py").write_text(code)
    manager = PluginManager(load_settings({"plugins": {"folder": str(tmp_path)}}), Bus())
    manager.load()
    assert [info.status for info in manager.infos] == ["active", "active"]

    # Once: everything is collected; of two fusions the first is taken.
    assert [intent.name for intent in manager.intents] == ["first.act", "second.act"]
    assert [encoder.name for encoder in manager.encoders] == ["first", "second"]
    assert sorted(manager.inputs) == ["first_input", "second_input"]
    assert sorted(manager.outputs) == ["first_output", "second_output"]
    assert [command.name for command in manager.commands] == ["first", "second"]
    fusions = [manager.create_fusion(name) for name in ("any", "second", "other")]
    assert [fusion and fusion.name for fusion in fusions] == ["first", "second", None]

    async def live() -> None:
        await manager.startup(lambda info: FakeServices())
        # Chains: each gets what the one before returned.
        assert (await manager.prepare_turn(Turn(text="hi"))).text == "hi first second"
        assert (await manager.prepare_reply(Turn(text="hi"), Reply("ok"))).text == "ok first second"
        # First awaited non-None wins.
        found = [await manager.recognize_intent(Turn(text=text)) for text in ("second!", "second! first!", "x")]
        assert [decision and decision.intent for decision in found] == ["second.act", "first.act", None]
        nothing = Decision(OUT_OF_SCOPE, 1.0, "out_of_scope")
        fallen = [
            await manager.answer_fallback(Turn(text=text), nothing) for text in ("second?", "second? first?", "x")
        ]
        assert [reply and reply.text for reply in fallen] == ["second", "first", None]
        # All are told.
        await manager.track_event(Notice(text="tick"))
        assert await manager.inputs["first_input"]() == "captured"
        await manager.outputs["second_output"](Reply("delivered"))
        await manager.shutdown()

    asyncio.run(live())
    calls = {name: _module(manager, name).CALLS for name in ("first", "second")}
    assert calls == {
        "first": ["startup", "tick", "shutdown"],
        "second": ["startup", "tick", "delivered", "shutdown"],
    }


def _module(manager: PluginManager, name: str) -> Any:
    intent = next(intent for intent in manager.intents if intent.plugin == name)
    return inspect.getmodule(intent.handler)
