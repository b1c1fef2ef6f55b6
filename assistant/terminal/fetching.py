"""Weights that are not here yet, fetched with a bar or a word about how far they are."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from assistant.errors import UserError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from assistant.settings import Settings
    from assistant.types import Modality
    from assistant.weights import Progress

__all__ = ["Download", "ProgressBar", "download_progress", "fetch_missing"]

logger = logging.getLogger(__name__)


class Download:
    """A `assistant.weights.Progress` in words.

    `say` receives, at most five times a second, what is being downloaded, and "" at the end.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._name, self._total, self._done, self._said_at = "", 1, 0, 0.0

    def start(self, name: str, total_bytes: int) -> None:
        """A download begins."""
        self._name, self._total, self._done = name, max(1, total_bytes), 0
        self._tell()

    def advance(self, done_bytes: int) -> None:
        """So many bytes more have arrived."""
        self._done += done_bytes
        if time.monotonic() - self._said_at > 0.2:
            self._tell()

    def finish(self) -> None:
        """The download is over."""
        self._say("")

    def _tell(self) -> None:
        self._said_at = time.monotonic()
        share = min(100, 100 * self._done // self._total)
        self._say(f"Downloading {self._name}, {share}% of {self._total / 1e6:.0f} MB")


def fetch_missing(settings: Settings, needs: Collection[Modality], say: Callable[[str], None]) -> None:
    """Fetches the models of some modalities that the cache lacks; blocks, for a thread of its own.

    What cannot be fetched is not an error here: whoever needs it says so. `say` receives what is being downloaded.
    """
    from assistant.weights import ModelState, ModelStore, models_in_use

    beside = ("minilm-l6",) if settings.text.model == "mpnet-base" else ()
    wanted: dict[Modality, tuple[str, ...]] = {
        "text": (settings.text.model, *beside),
        "audio": (settings.speech.model,),
        "image": (settings.vision.model,),
    }
    store = ModelStore()
    for name in [name for modality in wanted if modality in needs for name in wanted[modality]]:
        try:
            if name in models_in_use(settings) and store.state(name) is not ModelState.READY:
                store.ensure(name, progress=Download(say))
        except UserError:
            logger.info("%s could not be fetched", name, exc_info=True)


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
    """A progress bar, or None where stderr is not a terminal."""
    return ProgressBar() if sys.stderr.isatty() else None
