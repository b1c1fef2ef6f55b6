"""A progress bar for downloads, on stderr, where a person can see it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import TaskID

    from assistant.weights import Progress

__all__ = ["ProgressBar", "download_progress"]


class ProgressBar:
    """Shows one download at a time: a `assistant.weights.Progress` drawn by rich."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task: TaskID | None = None

    def start(self, name: str, total_bytes: int) -> None:
        """Begin a bar; another source of the same model begins it anew."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(name, total=total_bytes)
        self._bar.start()

    def advance(self, done_bytes: int) -> None:
        """So many bytes more have arrived."""
        if self._task is not None:
            self._bar.advance(self._task, done_bytes)

    def finish(self) -> None:
        """Leave the bar as it stands."""
        self._bar.stop()


def download_progress() -> Progress | None:
    """A progress bar, or None where stderr is no terminal."""
    return ProgressBar() if sys.stderr.isatty() else None
