"""Makes the models and loads them in the background: those that typed turns need first, then all others."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

from assistant.bus import Bus
from assistant.encoders.device import use_device
from assistant.encoders.factory import create_encoders, create_text_reader
from assistant.encoders.idle import release_when_idle
from assistant.encoders.models import MULTILINGUAL, SPEECH, Models
from assistant.encoders.runner import ModelRunner
from assistant.encoders.worker import InferenceWorker
from assistant.errors import ModelUnavailable, UserError
from assistant.events import ModelLoaded, ModelLoading
from assistant.fusion.projection import SharedSpace
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.types import Modality
from assistant.weights import ModelState, ModelStore

__all__ = ["Loading", "create_models", "read_ahead"]


def create_models(settings: Settings, *, keep_encodings: bool = True) -> Models:
    """The models that the settings name; nothing is loaded yet. Raises `SettingsError`.

    Args:
        keep_encodings: remember what was encoded; not when every file is read once.
    """
    use_device(settings.inference.device)
    if not keep_encodings:
        inference = settings.inference.model_copy(update={"cache_entries": 0})
        settings = settings.model_copy(update={"inference": inference})
    speech = SpeechRecognizer.from_settings(settings)
    threads = settings.inference.threads
    return Models(create_encoders(settings), speech, create_text_reader(settings), SharedSpace, threads)


def read_ahead(models: Models, settings: Settings, needs: Collection[Modality]) -> None:
    """Begin to read the models for words and speech whose weights are on this computer, on a thread of its own.

    They are read outside the interpreter, which meanwhile runs the plugins' code. An error is raised by the call
    that loads the model afterwards.
    """
    encoders = models.of("text") if "text" in needs else ()
    here = _is_here(settings.text.model)
    names = [encoder.name for encoder in encoders if here or encoder.name == MULTILINGUAL]
    if "audio" in needs and _is_here(settings.speech.model):
        names.append(SPEECH)

    def read() -> None:
        for name in names:
            try:
                models.load(name)
            except UserError:
                models.failures.pop(name, None)

    threading.Thread(target=read, name="read ahead", daemon=True).start()


def _is_here(model: str) -> bool:
    try:
        return model.startswith("dir:") or (":" not in model and ModelStore().state(model) is ModelState.READY)
    except UserError:  # unknown model: reported when it is loaded
        return False


class Loading:
    """Starts the plugins and loads the models, once; what failed is tried again at the next start.

    Args:
        start_plugins: gives the plugins what they need; comes first.
        fit: fits the intent model; called on `worker`.
        prepare: prepares what else turns need, meanwhile; an error is raised by the turn that needs it.
        prepare_more: what the first turn would do otherwise; made ready once turns are answered.
        idle_unload: minutes without use after which models leave the memory until they are used again; 0 keeps them.
    """

    def __init__(
        self,
        runner: ModelRunner,
        start_plugins: Callable[[], Awaitable[None]],
        fit: Callable[[], object],
        prepare: Callable[[], object],
        prepare_more: Callable[[], object],
        worker: InferenceWorker,
        bus: Bus,
        idle_unload: float = 0.0,
    ) -> None:
        self._runner, self._start_plugins, self._fit = runner, start_plugins, fit
        self._worker, self._bus, self._prepare, self._prepare_more = worker, bus, prepare, prepare_more
        self._first: asyncio.Task[None] | None = None
        self._rest: asyncio.Task[None] | None = None
        self._idle: asyncio.Task[None] | None = None
        self._idle_unload = idle_unload

    def start(self, *, text_only: bool = False) -> None:
        """Begin to load; see `App.start_loading`."""
        failed = self._first is not None and self._first.done() and self._first.exception() is not None
        if self._first is None or failed:  # what could not be fetched a minute ago may be there now
            self._first = asyncio.create_task(self._load(text_only), name="load models")
        if self._idle is None and self._idle_unload > 0:
            self._idle = asyncio.create_task(release_when_idle(self._idle_unload), name="release idle models")

    @property
    def ready(self) -> bool:
        """Whether typed turns are answered without waiting."""
        return self._first is not None and self._first.done()

    async def wait(self) -> None:
        """Wait until typed turns can be answered; raises `ModelUnavailable`."""
        self.start()
        assert self._first is not None
        await asyncio.shield(self._first)

    async def close(self) -> None:
        """Load nothing more."""
        for task in (self._first, self._rest, self._idle):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def _load(self, text_only: bool) -> None:
        await self._start_plugins()
        names, failures = [encoder.name for encoder in self._runner.of("text")], self._runner.models.failures
        await asyncio.gather(*map(self._runner.load, names))  # they are read outside the interpreter
        if all(name in failures for name in names):
            raise ModelUnavailable(next(iter(failures.values()), "No text encoder is set up."))
        began = time.monotonic()
        self._bus.publish(ModelLoading(model="intents"))
        preparing = asyncio.ensure_future(asyncio.to_thread(self._prepare))
        await self._worker.run(self._fit)
        self._bus.publish(ModelLoaded(model="intents", seconds=time.monotonic() - began))
        await asyncio.gather(preparing, return_exceptions=True)
        if not text_only:
            self._rest = asyncio.create_task(self._load_rest(), name="load models for sound and pictures")

    async def _load_rest(self) -> None:
        with suppress(Exception):  # reported by the turn that needs it
            await asyncio.to_thread(self._prepare_more)
        for name in (*(encoder.name for encoder in self._runner.of("image")), SPEECH):
            await self._runner.load(name)
