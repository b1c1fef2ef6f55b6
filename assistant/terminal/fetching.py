"""Weights that are not here yet, fetched with a word about how far they are."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from assistant.errors import UserError

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.types import Modality

__all__ = ["Download", "fetch_missing"]

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

    What cannot be fetched is no error here: whoever needs it says so. `say` receives what is being downloaded.
    """
    from assistant.weights import ModelState, ModelStore, models_in_use

    wanted: dict[Modality, str] = {
        "text": settings.text.model,
        "audio": settings.speech.model,
        "image": settings.vision.model,
    }
    store = ModelStore()
    for name in [wanted[modality] for modality in wanted if modality in needs]:
        try:
            if name in models_in_use(settings) and store.state(name) is not ModelState.READY:
                store.ensure(name, progress=Download(say))
        except UserError:
            logger.info("%s could not be fetched", name, exc_info=True)
