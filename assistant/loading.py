"""Loading the models in the background: what typed turns need first, then ears and eyes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from assistant.bus import Bus
from assistant.encoders.runner import ModelRunner
from assistant.encoders.worker import InferenceWorker
from assistant.errors import ModelUnavailable
from assistant.events import ModelLoaded, ModelLoading
from assistant.intents import IntentModel
from assistant.plugins.api import Services
from assistant.plugins.manager import PluginManager
from assistant.plugins.plugin import PluginInfo

__all__ = ["Loading"]


class Loading:
    """Loads everything once; what failed is tried again at the next start.

    Args:
        senses: whose models are loaded.
        model: fitted to the plugins' intents, on the worker.
        worker: where models run.
        plugins: given their services first.
        services_of: makes a plugin's services.
        bus: told of the intent model.
        threads: that PyTorch may use.
    """

    def __init__(
        self,
        senses: ModelRunner,
        model: IntentModel,
        worker: InferenceWorker,
        plugins: PluginManager,
        services_of: Callable[[PluginInfo], Services],
        bus: Bus,
        threads: int,
    ) -> None:
        self._senses, self._model, self._plugins = senses, model, plugins
        self._worker, self._bus = worker, bus
        self._services_of, self._threads = services_of, threads
        self._first: asyncio.Task[None] | None = None
        self._rest: asyncio.Task[None] | None = None

    def start(self, *, ears_and_eyes: bool = True) -> None:
        """Begin to load; see `App.start_loading`."""
        failed = self._first is not None and self._first.done() and self._first.exception() is not None
        if self._first is None or failed:  # what could not be fetched a minute ago may be there now
            self._first = asyncio.create_task(self._load(ears_and_eyes), name="load models")

    @property
    def ready(self) -> bool:
        """Whether typed turns are answered without waiting."""
        return self._first is not None and self._first.done()

    async def wait(self) -> None:
        """Wait until typed turns can be answered.

        Raises:
            ModelUnavailable: no text encoder could be loaded.
        """
        self.start()
        assert self._first is not None
        await asyncio.shield(self._first)

    async def close(self) -> None:
        """Load nothing more."""
        for task in (self._first, self._rest):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def _load(self, ears_and_eyes: bool) -> None:
        await asyncio.to_thread(_set_threads, self._threads)
        await self._plugins.startup(self._services_of)
        text_encoders = [encoder.name for encoder in self._senses.of("text")]
        for name in text_encoders:
            await self._senses.load(name)
        if all(name in self._senses.failures for name in text_encoders):
            raise ModelUnavailable(next(iter(self._senses.failures.values()), "No text encoder is set up."))
        began = time.monotonic()
        self._bus.publish(ModelLoading(model="intents"))
        await self._worker.run(self._model.fit, self._plugins.intents)
        self._bus.publish(ModelLoaded(model="intents", seconds=time.monotonic() - began))
        if ears_and_eyes:
            self._rest = asyncio.create_task(self._load_rest(), name="load ears and eyes")

    async def _load_rest(self) -> None:
        for name in (*(encoder.name for encoder in self._senses.of("image")), "speech"):
            await self._senses.load(name)


def _set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
