"""Progress of long commands, step by step, on stderr."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from rich.progress import TaskID

__all__ = ["StepProgress", "steps_shown", "tracked"]

T = TypeVar("T")


class StepProgress(Protocol):
    """Receives the progress of one step of a long command."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Reports that `done` of `total` units of `step` are done."""


def tracked(progress: StepProgress, step: str, items: Sequence[T]) -> Iterator[T]:
    """Yields the items, and reports each as done when the next is asked for."""
    for done, item in enumerate(items, 1):
        yield item
        progress(step, done, len(items))


@contextmanager
def steps_shown() -> Iterator[StepProgress]:
    """A progress bar for each step that reports itself; nothing is drawn where stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    with Bars(console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield progress
