"""What all commands of ``assistant bench`` and ``assistant evaluate`` share."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.terminal.lazy_group import CommandTable
from assistant.terminal.report import Report, reported

if TYPE_CHECKING:
    from assistant.evaluation.labelled import LabelledTurn

__all__ = ["CSV", "FOLDER", "measured", "read_examples", "read_test", "table_of"]

CSV = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
MOST_WARNINGS = 5


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


def read_test(test: Path, oos: Path | None, root: Path | None) -> list[LabelledTurn]:
    """Reads the turns of both files; those of the second belong to no intent."""
    from assistant.evaluation.labelled import read_rows

    more = read_rows(oos, root) if oos else []
    return read_rows(test, root) + [replace(row, label="none") for row in more]


def read_examples(train: Path, test: Sequence[LabelledTurn]) -> list[LabelledTurn]:
    """Reads the examples to learn from; says on stderr which are left out, and which the test holds too."""
    from assistant.evaluation.labelled import examples_of, read_rows, seen_before

    examples, warnings = examples_of(read_rows(train, check_files=False))
    warnings += seen_before(examples, test)
    for line in warnings[:MOST_WARNINGS]:
        click.echo(line, err=True)
    if len(warnings) > MOST_WARNINGS:
        click.echo(f"… and {len(warnings) - MOST_WARNINGS} more", err=True)
    return examples
