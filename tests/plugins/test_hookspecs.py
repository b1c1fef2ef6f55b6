"""Every hook and every member of the services has a contract and a user among the shipped plugins."""

from __future__ import annotations

import ast
import asyncio
import functools
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.bus import Bus
from assistant.plugins import hookspecs
from assistant.plugins.api import Collection, Dialogue, Services
from assistant.plugins.hookspecs import TURN_HOOKS
from assistant.plugins.manager import PluginManager
from assistant.plugins.remote import members
from assistant.plugins.removed import REMOVED
from assistant.settings import load_settings, shipped_dir
from assistant.testing import FakeDialogue, FakeServices
from assistant.types import OUT_OF_SCOPE, Decision, Turn

HOOKS: dict[str, Callable[..., Any]] = {
    name: function for name, function in vars(hookspecs).items() if hasattr(function, "assistant_spec")
}

EVERYTHING = '''
"""Implements every hook there is."""
import click
from assistant import Decision, hookimpl

CALLS = []

def act(): return "acted"

@hookimpl
def register_intents(register): register(act, examples=["act"])
@hookimpl
def register_commands(register): register(click.Command("{name}"))
@hookimpl
async def startup(services): CALLS.append("startup")
@hookimpl
def shutdown(): CALLS.append("shutdown")
@hookimpl
async def examine(options): return "{name} is well"
@hookimpl
def intents_changed(): return False
@hookimpl
def check_safety(words): return "danger" if "{name}?!" in words else None
@hookimpl
async def recognize_intent(turn): return Decision("{name}.act", 1.0, "answer") if "{name}!" in turn.text else None
@hookimpl
def knows(turn, services): return "{name}'s" in turn.text
@hookimpl
def answer_unsure(turn, decision): return f"{name} for {decision.outcome}" if "{name}?" in turn.text else None
@hookimpl
async def answer_fallback(turn, decision, services): return "{name}" if "{name}?" in turn.text else None
'''


@pytest.mark.parametrize("name", HOOKS)
def test_hook_says_what_it_is_for_and_names_its_types(name: str) -> None:
    function = HOOKS[name]
    assert (inspect.getdoc(function) or "").endswith(".")
    signature = inspect.signature(function)
    assert all(parameter.annotation is not parameter.empty for parameter in signature.parameters.values())
    assert signature.return_annotation is not signature.empty


def test_turn_hooks_exist_and_the_others_register() -> None:
    assert set(TURN_HOOKS) < set(HOOKS)
    others = {name for name in HOOKS if name.startswith("register_")} | {"intents_changed"}
    assert set(HOOKS) - set(TURN_HOOKS) == others
    assert not REMOVED.keys() & HOOKS.keys()


@pytest.fixture(scope="module")
def shipped() -> PluginManager:
    """The shipped plugins, loaded as the assistant loads them."""
    manager = PluginManager(load_settings({"plugins": {"folder": str(shipped_dir("plugins") / "none")}}), Bus())
    manager.load()
    assert {info.status for info in manager.infos} == {"active"}
    return manager


@pytest.mark.parametrize("name", HOOKS)
def test_hook_is_implemented_by_a_shipped_plugin(shipped: PluginManager, name: str) -> None:
    assert shipped.implemented_by(name)


@pytest.mark.parametrize("contract", [Services, Dialogue, Collection])
def test_every_member_is_used_by_a_shipped_plugin(contract: type) -> None:
    used = {name for tree in plugin_trees() for name in used_of(contract, tree)}
    assert not members(contract).keys() - used


@functools.cache
def plugin_trees() -> list[ast.AST]:
    files = (path for path in shipped_dir("plugins").rglob("*.py") if "tests" not in path.parts)
    return [ast.parse(path.read_text("utf-8")) for path in files]


@pytest.fixture(scope="module", autouse=True)
def _trees() -> Iterator[None]:
    """The trees are large, and wanted by this file alone."""
    yield
    plugin_trees.cache_clear()


def used_of(contract: type, tree: ast.AST) -> Iterator[str]:
    """The attributes that code takes of what it was given as `contract`: a parameter so annotated or named, or a value
    that a function so annotated returned."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*function.args.args, *function.args.kwonlyargs]
            names = {each.arg for each in arguments if annotated(each.annotation, contract)}
            names |= {target for target, value in assigned(function) if gives(value, contract, tree)}
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute):
                    value = node.value.value if isinstance(node.value, ast.Await) else node.value
                    kept = isinstance(value, ast.Attribute) and value.attr == contract.__name__.lower()  # at.services
                    if (isinstance(value, ast.Name) and value.id in names) or kept or gives(value, contract, tree):
                        yield node.attr


def annotated(annotation: ast.expr | None, contract: type) -> bool:
    return annotation is not None and contract.__name__ in {
        n.id for n in ast.walk(annotation) if isinstance(n, ast.Name)
    }


def assigned(function: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value.value if isinstance(node.value, ast.Await) else node.value


def gives(value: ast.expr, contract: type, tree: ast.AST) -> bool:
    """Returns whether a call returns the contract: of any shipped plugin's function, or a member of the services."""
    if not isinstance(value, ast.Call):
        return False
    name = value.func.id if isinstance(value.func, ast.Name) else getattr(value.func, "attr", "")
    member = members(Services).get(name)
    return (member is not None and member.returns is contract) or name in returning(contract)


@functools.cache
def returning(contract: type) -> set[str]:
    functions = (
        f for t in plugin_trees() for f in ast.walk(t) if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {function.name for function in functions if annotated(function.returns, contract)}


@pytest.mark.parametrize(("contract", "fake"), [(Services, FakeServices), (Dialogue, FakeDialogue)])
def test_fake_has_exactly_the_members_with_their_parameters(contract: type, fake: type) -> None:
    for member in members(contract).values():
        if member.is_property:
            assert member.name in fake.__annotations__
        else:
            there = list(inspect.signature(getattr(fake, member.name)).parameters.values())[1:]
            assert [(p.name, p.kind, p.default) for p in there] == [
                (p.name, p.kind, p.default) for p in member.signature.parameters.values()
            ]


def test_members_that_a_process_answers_by_itself_take_no_arguments() -> None:
    for member in members(Services).values():
        assert member.is_async or member.returns or not member.signature.parameters


def test_every_hook_does_what_its_contract_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.plugins.discovery.shipped_dir", lambda name: tmp_path / "none")
    for name in ("first", "second"):
        code = EVERYTHING.replace("{name}", name)
        assert all(f"def {hook}(" in code for hook in HOOKS)
        (tmp_path / f"{name}.py").write_text(code)
    manager = PluginManager(
        load_settings({"plugins": {"folder": str(tmp_path), "trusted": ["first", "second"]}}), Bus()
    )
    manager.load()
    assert [info.status for info in manager.infos] == ["active", "active"]
    assert [intent.name for intent in manager.intents] == ["first.act", "second.act"]
    assert [(plugin, command.name) for plugin, command in manager.commands] == [
        ("first", "first"),
        ("second", "second"),
    ]

    looks = {plugin.name: plugin.examine(load_settings()) for plugin in manager.all}
    assert looks == {"first": "first is well", "second": "second is well"}

    async def live() -> None:
        await manager.startup(lambda info: FakeServices())
        # First awaited non-None wins.
        found = [await manager.recognize_intent(Turn(text=text)) for text in ("second!", "second! first!", "x")]
        assert [decision and decision.intent for decision in found] == ["second.act", "first.act", None]
        nothing = Decision(OUT_OF_SCOPE, 1.0, "out_of_scope")
        fallen = [
            await manager.answer_fallback(Turn(text=text), nothing) for text in ("second?", "second? first?", "x")
        ]
        assert [reply and reply.text for reply in fallen] == ["second", "first", None]
        knowing = [await manager.knowing(Turn(text=text)) for text in ("second's", "second's and first's", "x")]
        assert knowing == [{"second"}, {"first", "second"}, set()]
        between = Decision("first.act", 0.4, "clarify", options=("first.act", "second.act"))
        instead = [await manager.answer_unsure(Turn(text=text), between) for text in ("second?", "x")]
        assert [reply and reply.text for reply in instead] == ["second for clarify", None]
        await manager.shutdown()

    asyncio.run(live())
    for intent in manager.intents:
        assert inspect.getmodule(intent.handler).CALLS == ["startup", "shutdown"]  # type: ignore[union-attr]
