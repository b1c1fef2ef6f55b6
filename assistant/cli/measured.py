"""Makes the commands that print a report: those of ``assistant bench``, ``evaluate`` and ``train``."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from assistant.settings import load_settings
from assistant.terminal.lazy_group import CommandTable
from assistant.terminal.report import Report, reported

__all__ = ["COUNT", "CSV", "FOLDER", "OUT", "SEED", "flag", "measurement", "option", "table_of"]

CSV = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
COUNT = click.IntRange(1)


def option(name: str, kind: Any, text: str, default: Any = None, **more: Any) -> click.Option:
    """Makes an option whose default, if there is one, is shown."""
    if default is not None:  # an explicit None counts as a value of a required option
        more |= {"default": default, "show_default": True}
    return click.Option([name], type=kind, help=text, **more)


def flag(name: str, text: str) -> click.Option:
    """Makes an option without a value."""
    return click.Option([name], is_flag=True, help=text)


SEED = option("--seed", click.IntRange(min=0), "Random seed.", 0)


def measurement(
    name: str, target: str, text: str, *options: click.Parameter, before: Callable[[], None] | None = None
) -> click.Command:
    """Makes a command with ``--json`` and ``--check`` that prints the report of a function.

    What is printed meanwhile goes to stderr, beside the progress.

    Args:
        target: "module:function" below `assistant`, imported when the command runs. It takes the settings, a
            `StepProgress` and the options, and returns a `Report`, or a coroutine of one.
        text: the help.
        before: called first; raises where something is not installed.
    """

    def run(**values: Any) -> Report:
        from assistant.terminal.steps import steps_shown

        if before is not None:
            before()
        module, _, function = target.partition(":")
        measure = getattr(importlib.import_module(f"assistant.{module}"), function)
        with contextlib.redirect_stdout(sys.stderr), steps_shown() as progress:
            found = measure(load_settings(), progress, **values)
            report: Report = asyncio.run(found) if inspect.iscoroutine(found) else found
        return report

    return click.command(name, help=text, params=list(options))(reported(run))


def table_of(module: str, commands: Iterable[click.Command]) -> CommandTable:
    """Lists commands of a module, each a variable of its name, as `LazyGroup` wants them."""
    named = {command.name or "": command for command in commands}
    return {
        name: (f"{module}:{name.replace('-', '_')}", command.get_short_help_str(120)) for name, command in named.items()
    }
