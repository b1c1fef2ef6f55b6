"""Opens the assistant and loads its models in the background, behind the prompt."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
from typing import TYPE_CHECKING, Literal

from assistant.events import Event, ModelLoading
from assistant.terminal.background import in_background
from assistant.terminal.fetching import fetch_missing
from assistant.types import MODALITIES, Modality

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from assistant.app import App
    from assistant.settings import Settings

__all__ = ["Loader", "open_app"]

State = Literal["starting", "loading", "ready", "failed"]

PATIENCE = 0.5
"""seconds that leaving waits for a model that is still being loaded"""


async def open_app(settings: Settings, *, ahead: Collection[Modality] = ()) -> App:
    """Import and open the assistant; its models are not loaded yet. See `App.open`."""
    await in_background(importlib.import_module, "assistant.app")
    from assistant.app import App

    return await App.open(settings, ahead=ahead)


class Loader:
    """Opens the assistant once, in the background, and knows how far it is.

    Args:
        settings: say which models are fetched when they are missing; None fetches none.
        needs: the modalities that will be used; only their models are fetched, and those for sound and
            pictures are loaded ahead only when all are needed.
    """

    def __init__(
        self,
        open_app: Callable[[], Awaitable[App]],
        settings: Settings | None = None,
        needs: Collection[Modality] = MODALITIES,
    ) -> None:
        self._open = open_app
        self._settings = settings
        self._needs = needs
        self._readable = asyncio.Event()
        """set once nothing more is fetched for typed words"""
        self._opening: asyncio.Task[App] | None = None
        self._models: asyncio.Task[None] | None = None
        self._fetching: asyncio.Task[None] | None = None
        self.app: App | None = None
        """the assistant, once it is open"""
        self.state: State = "starting"
        self.step = "Starting"
        """the part that is being loaded"""
        self.download = ""
        """the current download and its progress"""
        self.changed: Callable[[], None] = lambda: None
        """called when any of these changed"""

    @property
    def doing(self) -> str:
        """The current step, for people; "" when all is ready."""
        return self.download or self.step

    def start(self) -> None:
        """Begin, unless it has begun."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._run())

    async def _run(self) -> App:
        if self._settings is not None:
            self._fetching = asyncio.ensure_future(self._fetch(self._settings))
        else:
            self._readable.set()
        try:
            self.app = await self._open()
        except BaseException:
            self._now("failed", "")
            raise
        self.app.bus.listen(self._hear, (ModelLoading,))
        if "text" in self._needs:
            self._load(self.app)
        return self.app

    async def _fetch(self, settings: Settings) -> None:
        """Fetch missing models, those for typed words first."""
        loop = asyncio.get_running_loop()

        def say(text: str) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the user has left
                loop.call_soon_threadsafe(self._downloading, text)

        try:
            await in_background(fetch_missing, settings, set(self._needs) & {"text"}, say)
        finally:
            self._readable.set()
        await in_background(fetch_missing, settings, set(self._needs) - {"text"}, say)

    def _load(self, app: App) -> None:
        self._now("loading", "Loading models")
        self._models = asyncio.ensure_future(self._wait_for_models(app))

    async def _wait_for_models(self, app: App) -> None:
        try:
            await self._readable.wait()
            app.start_loading(text_only=set(self._needs) != set(MODALITIES))
            await app.wait_ready()
        except BaseException:
            self._now("failed", "")
            raise
        gc.freeze()  # what is there now stays
        gc.set_threshold(50_000)
        self._now("ready", "")

    def _downloading(self, text: str) -> None:
        self.download = text
        self.changed()

    def _hear(self, event: Event) -> None:
        if self.state == "loading" and isinstance(event, ModelLoading):
            self._now("loading", f"Loading {event.model}")

    def _now(self, state: State, step: str) -> None:
        self.state, self.step = state, step
        self.changed()

    async def opened(self) -> App:
        """The assistant, whether or not its models are loaded; raises `UserError` when it cannot be opened."""
        self.start()
        assert self._opening is not None
        return await asyncio.shield(self._opening)

    async def ready(self) -> App:
        """The assistant with its models; raises `ModelUnavailable` when they cannot be loaded: the next call tries
        again.
        """
        app = await self.opened()
        if self._models is None or (self._models.done() and self.state == "failed"):
            self._load(app)
        assert self._models is not None
        await asyncio.shield(self._models)
        return app

    async def close(self) -> None:
        """Stop loading, and close the assistant if it was opened."""
        for task in (self._fetching, self._models, self._opening):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self.app is not None:
            self.app.worker.close(PATIENCE)
            await self.app.close()
