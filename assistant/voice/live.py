"""The voice assistant with a real microphone and loudspeaker: built, run, and obedient to its control socket."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from assistant.events import Event, Notice, VoiceStateChanged
from assistant.inputs.live_microphone import DeviceChange, LiveMicrophone
from assistant.settings import Settings
from assistant.voice.backend import AppBackend
from assistant.voice.building import loop_over_microphone
from assistant.voice.control_socket import ControlServer, Handler, SingleInstance
from assistant.voice.earcon_player import EarconPlayer
from assistant.voice.log import VoiceLog
from assistant.voice.muted_source import MutedSource
from assistant.voice.systemd_notify import Supervisor

if TYPE_CHECKING:
    from assistant.app import App

__all__ = ["LiveAssistant"]


class LiveAssistant:
    """The voice assistant at the microphone; one per user. Use `open`, then `run`.

    Attributes:
        app: the assistant behind it.
        loop: the voice loop.
        source: the microphone, which can be muted.
    """

    def __init__(self, app: App, house: AppBackend, settings: Settings, session: str) -> None:
        self.app = app
        self._began = time.monotonic()
        self._microphone = LiveMicrophone(settings.voice.input_device, on_change=self._device_changed)
        self.source = MutedSource(self._microphone)
        self.loop = loop_over_microphone(house, app.bus, settings, self.source, session=session)
        self._settings = settings.voice
        self._device = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, session: str = "voice") -> AsyncIterator[LiveAssistant]:
        """Build it: everything is there but the models, which are loaded at the first wake.

        Raises:
            DeviceError: another one is running; PortAudio is missing.
            StorageError: the socket or the lock cannot be made.
            SettingsError: a setting cannot work.
        """
        from assistant.app import App
        from assistant.inputs.audio_devices import sounddevice

        sounddevice("input")  # a missing PortAudio is told before anything is built
        async with AsyncExitStack() as stack:
            stack.enter_context(SingleInstance())
            app = await App.open(settings)
            stack.push_async_callback(app.close)
            house = AppBackend(app)
            stack.push_async_callback(house.close)
            log = VoiceLog()
            stack.callback(log.close)
            app.bus.listen(log)
            live = cls(app, house, settings, session)
            if settings.voice.chimes:
                chimes = EarconPlayer(settings.voice.output_device, app.bus)
                stack.push_async_callback(chimes.close)
            await stack.enter_async_context(ControlServer(live.handlers()))
            yield live

    async def run(self, supervisor: Supervisor | None = None) -> None:
        """Listen until SIGTERM or Ctrl-C.

        Raises:
            DeviceError: PortAudio is missing.
        """
        supervisor = supervisor or Supervisor()
        self.app.bus.listen(lambda event: _tell(supervisor, event))
        alive = asyncio.create_task(supervisor.keep_alive(), name="tell systemd that we live")
        running = asyncio.create_task(self.loop.run(), name="the voice loop")
        with _ended_by_signals(running):
            supervisor.ready(f"waiting for {self._waiting()}")
            try:
                await running
            except asyncio.CancelledError:
                if not running.cancelled() or asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise
            finally:
                supervisor.stopping()
                alive.cancel()
                await asyncio.gather(running, alive, return_exceptions=True)

    def handlers(self) -> dict[str, Handler]:
        """What each command of the control socket does."""

        def doing(action: Callable[[], object]) -> Handler:
            def act() -> dict[str, Any]:
                action()
                return self.status()

            return act

        return {
            "status": self.status,
            "stop": doing(self.loop.stop),
            "mute": doing(lambda: self.mute(True)),
            "unmute": doing(lambda: self.mute(False)),
            "push": doing(self.push),
            "release": doing(self.loop.release),
            "wake": doing(self.push),
        }

    def push(self) -> None:
        """Listen now; a muted microphone hears again."""
        self.mute(False)
        self.loop.push()

    def mute(self, muted: bool) -> None:
        """Hear nothing, or hear again. What is under way is forgotten; a reply is said to its end."""
        if muted and not self.source.muted and self.loop.state in ("listening", "follow_up"):
            self.loop.stop()
        self.source.muted = muted

    def status(self) -> dict[str, Any]:
        """What it is doing, as plain values."""
        return {
            "state": self.loop.state,
            "muted": self.source.muted,
            "session": self.loop.session,
            "microphone": self._device or ("heard" if self.loop.clock.now else "not heard yet"),
            "waiting_for": self._waiting(),
            "dropped_chunks": self.source.dropped,
            "seconds_heard": round(self.loop.clock.now, 1),
            "seconds_up": round(time.monotonic() - self._began, 1),
            "process": os.getpid(),
        }

    def _waiting(self) -> str:
        match self._settings.mode:
            case "wake":
                return " or ".join(f'"{word}"' for word in self._settings.wake_words)
            case "push_to_talk":
                return "the key to talk"
            case _:
                return "speech"

    def _device_changed(self, change: DeviceChange) -> None:
        self._device = change.text
        if change.kind in ("gap", "lost", "rate"):
            self.loop.gap()
        self.app.bus.publish(Notice(text=change.text))


def _tell(supervisor: Supervisor, event: Event) -> None:
    if isinstance(event, VoiceStateChanged):
        supervisor.status(event.state)
    elif isinstance(event, Notice):
        supervisor.status(event.text)


class _ended_by_signals:  # noqa: N801 -- read as a verb
    """SIGTERM and Ctrl-C end the task, in order."""

    SIGNALS = (signal.SIGTERM, signal.SIGINT)

    def __init__(self, task: asyncio.Task[None]) -> None:
        self._task, self._loop = task, asyncio.get_running_loop()

    def __enter__(self) -> None:
        for number in self.SIGNALS:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                self._loop.add_signal_handler(number, self._task.cancel)

    def __exit__(self, *error: object) -> None:
        for number in self.SIGNALS:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                self._loop.remove_signal_handler(number)
