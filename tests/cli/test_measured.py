"""Every command that prints a report calls a function that takes exactly its options."""

from __future__ import annotations

import importlib
import inspect

import click
import pytest
from click.testing import CliRunner

from assistant.cli import bench, evaluate, train

COMMANDS = [*bench.COMMANDS, *evaluate.MEASUREMENTS, *train.COMMANDS]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_function_takes_the_options_of_its_command(command: click.Command) -> None:
    names = {each.name for each in command.params} - {"as_json", "check"}
    closure = inspect.getclosurevars(inspect.unwrap(command.callback))  # type: ignore[arg-type]
    module, _, function = closure.nonlocals["target"].partition(":")
    taken = inspect.signature(getattr(importlib.import_module(f"assistant.{module}"), function)).parameters
    assert list(taken)[:2] == ["settings", "progress"]
    assert set(list(taken)[2:]) == names


@pytest.mark.parametrize(("group", "name"), [(bench.bench, "intents"), (evaluate.evaluate, "intents")])
def test_a_required_option_is_asked_for(group: click.Group, name: str) -> None:
    result = CliRunner().invoke(group, [name])
    assert result.exit_code == 2
    assert "Missing option" in result.output
