"""The voice assistant with a real microphone and loudspeaker, controlled through its socket."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.events import Event, Notice, VoiceStateChanged
from assistant.inputs.live_microphone import DeviceChange, LiveMicrophone
from assistant.outputs.earcons import EarconPlayer
from assistant.settings import Settings
from assistant.terminal.answer_socket import answer_others
from assistant.types import FloatArray
from assistant.voice.backend import AppBackend, loop_over_microphone
from assistant.voice.control_socket import Handler, SingleInstance, control_server
from assistant.voice.event_lines import VoiceLog
from assistant.voice.front_end import decibels
from assistant.voice.interfaces import Source
from assistant.voice.systemd import Supervisor

if TYPE_CHECKING:
    from assistant.app import App

__all__ = ["LiveAssistant", "MutedSource"]


class MutedSource:
    """A source that can be muted: it then passes silence on, so that the clocks go on."""

    def __init__(self, source: Source) -> None:
        self.muted = False
        self.level = -100.0
        """decibels below full scale of the newest chunk"""
        self._source = source

    @property
    def dropped(self) -> int:
        """Chunks that the microphone lost."""
        return self._source.dropped

    @property
    def came(self) -> float | None:
        """When the newest chunk arrived, monotonic clock."""
        return self._source.came

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        """Yields the source's chunks, or silence."""
        async for chunk in self._source:
            passed = np.zeros_like(chunk) if self.muted else chunk
            self.level = decibels(passed)
            yield passed


class LiveAssistant:
    """The voice assistant at the microphone; one per user. Use `open`, then `run`."""

    def __init__(self, app: App, backend: AppBackend, settings: Settings, session: str) -> None:
        self.app = app
        self._began = time.monotonic()
        self._microphone = LiveMicrophone(settings.voice.input_device, on_change=self._device_changed)
        self.source = MutedSource(self._microphone)
        self.loop = loop_over_microphone(backend, app.bus, settings, self.source, session=session)
        self._settings = settings.voice
        self._device = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, session: str = "voice") -> AsyncIterator[LiveAssistant]:
        """Builds everything but the models, which are loaded at the first wake.

        Raises:
            DeviceError: another one is running; PortAudio is missing.
            StorageError: the socket or the lock cannot be made.
            SettingsError: a setting cannot work.
        """
        from assistant.inputs.audio_devices import sounddevice

        sounddevice("input")  # fails early when PortAudio is missing
        async with AsyncExitStack() as stack:
            stack.enter_context(SingleInstance())
            app, backend = await stack.enter_async_context(AppBackend.open(settings))
            log = VoiceLog()
            stack.callback(log.close)
            app.bus.listen(log)
            live = cls(app, backend, settings, session)
            if settings.voice.chimes:
                earcons = EarconPlayer(settings.voice.output_device, app.bus)
                stack.push_async_callback(earcons.close)
            await stack.enter_async_context(control_server(live.handlers()))
            await stack.enter_async_context(answer_others(app))
            yield live

    async def run(self, supervisor: Supervisor | None = None) -> None:
        """Listens until SIGTERM or Ctrl-C; DeviceError when PortAudio is missing."""
        supervisor = supervisor or Supervisor()
        self.app.bus.listen(lambda event: _tell(supervisor, event))
        alive = asyncio.create_task(supervisor.keep_alive(), name="systemd watchdog")
        running = asyncio.create_task(self.loop.run(), name="the voice loop")
        with _ended_by_signals(running):
            ringing = self.app.scheduler.ringing(self.loop.announce, session=self.loop.session)
            supervisor.tell("READY=1", status=f"waiting for {self._waiting()}")
            try:
                with ringing:
                    await running
            except asyncio.CancelledError:
                if not running.cancelled() or asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise
            finally:
                supervisor.tell("STOPPING=1")
                alive.cancel()
                await asyncio.gather(running, alive, return_exceptions=True)

    def handlers(self) -> dict[str, Handler]:
        """The handler of each command of the control socket."""

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
        """Starts listening, and unmutes the microphone."""
        self.mute(False)
        self.loop.push()

    def mute(self, muted: bool) -> None:
        """Mutes or unmutes the microphone. An utterance under way is dropped; a reply is spoken to its end."""
        if muted and not self.source.muted and self.loop.state in ("listening", "follow_up"):
            self.loop.stop()
        self.source.muted = muted

    def status(self) -> dict[str, Any]:
        """State, devices and counters as plain values, for the control socket."""
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
                return " or ".join(f'"{word}"' for word in self._settings.all_wake_words)
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
        supervisor.tell(status=event.state)
    elif isinstance(event, Notice):
        supervisor.tell(status=event.text)


@contextmanager
def _ended_by_signals(task: asyncio.Task[None]) -> Iterator[None]:
    """Cancels the task at SIGTERM and Ctrl-C."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.remove_signal_handler(number)
