"""What all commands of ``assistant bench`` and ``assistant evaluate`` share."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from assistant.terminal.lazy_group import CommandTable
from assistant.terminal.report import Report, reported

__all__ = ["CSV", "FOLDER", "measured", "table_of"]

CSV = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def measured(measure: Callable[..., Report]) -> Callable[..., None]:
    """Makes the callback of a command out of a function that receives a `StepProgress` and its options.

    Adds ``--json`` and ``--check``; what else is printed meanwhile goes to stderr, beside the progress.
    """

    @functools.wraps(measure)
    def run(*args: Any, **options: Any) -> Report:
        from assistant.terminal.steps import steps_shown

        with contextlib.redirect_stdout(sys.stderr), steps_shown() as progress:
            return measure(progress, *args, **options)

    return reported(run)


def table_of(*commands: click.Command) -> CommandTable:
    """Lists commands with the first line of their help, as `LazyGroup` wants them."""
    callbacks: list[Any] = [command.callback for command in commands]
    places = [f"{each.__module__}:{each.__name__}" for each in callbacks]
    named = zip(commands, places, strict=True)
    return {command.name or "": (place, command.get_short_help_str(120)) for command, place in named}
