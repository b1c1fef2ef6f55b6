"""Weights that are not here yet, fetched with a bar or a word about how far they are."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assistant.errors import UserError
from assistant.terminal.steps import steps_shown

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.types import Modality
    from assistant.weights import Progress

__all__ = ["download_bars", "fetch_missing", "in_words"]

logger = logging.getLogger(__name__)


def in_words(say: Callable[[str], None]) -> Progress:
    """Reports the current download, at most five times a second."""
    said_at = 0.0

    def progress(name: str, done: int, total: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at > 0.2 or not done:
            said_at = time.monotonic()
            share = min(100, 100 * done // max(1, total))
            say(f"Downloading {name}, {share}% of {total / 1e6:.0f} MB")

    return progress


def fetch_missing(settings: Settings, needs: Collection[Modality], say: Callable[[str], None]) -> None:
    """Fetches the models of some modalities that the cache lacks; blocks, for a thread of its own.

    A failed download is not an error here; its user raises it. `say` gets the current download.
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
                store.ensure(name, progress=in_words(say))
        except UserError:
            logger.info("%s could not be fetched", name, exc_info=True)
        say("")


@contextmanager
def download_bars() -> Iterator[Progress]:
    """A bar for each model that is downloaded; nothing is drawn where stderr is not a terminal."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with steps_shown(TextColumn("{task.description}"), *columns) as progress:
        yield progress
