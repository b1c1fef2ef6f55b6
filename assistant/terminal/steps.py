"""Progress of long commands, step by step, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import ProgressColumn, TaskID

__all__ = ["StepProgress", "steps_shown", "tracked"]

T = TypeVar("T")

StepProgress = Callable[[str, int, int], None]
"""gets the name of a step of a long command, units of it that are done, and units in all"""


def tracked(progress: StepProgress, step: str, items: Sequence[T]) -> Iterator[T]:
    """Yields the items, and reports each as done when the next is asked for."""
    for done, item in enumerate(items, 1):
        yield item
        progress(step, done, len(items))


@contextmanager
def steps_shown(*columns: ProgressColumn) -> Iterator[StepProgress]:
    """A progress bar for each step that reports itself; nothing is drawn where stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield progress
