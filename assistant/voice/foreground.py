"""``assistant listen`` at the microphone: a live view in a terminal, lines elsewhere, quiet as a service."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import TYPE_CHECKING, Any, TextIO

from assistant import events
from assistant.events import Event, ItemsDropped, Notice
from assistant.inputs.audio_devices import sound_library_lines_logged
from assistant.settings import Settings
from assistant.terminal.keys import pressed_keys
from assistant.voice.event_lines import EventPrinter, lasting_line_of, line_of
from assistant.voice.live import LiveAssistant
from assistant.voice.systemd import Supervisor

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

    from assistant.app import App
    from assistant.voice.loop import VoiceLoop

__all__ = ["LiveView", "PlainView", "listen_live", "meter"]

A_SECOND = 8
"""pictures a second"""
SOFTEST = -60.0
"""decibels at the meter's left end"""

LOOKS = {
    "idle": ("grey62", "waiting for the wake word"),
    "listening": ("green", "listening"),
    "thinking": ("yellow", "thinking"),
    "speaking": ("cyan", "speaking"),
    "follow_up": ("green", "waiting for your answer"),
}
"""state → colour and words"""


def meter(decibels: float, width: int = 24) -> str:
    """A bar as long as the sound is loud: empty at -60 dB, full at 0 dB."""
    share = min(1.0, max(0.0, 1 - decibels / SOFTEST))
    full = round(share * width)
    return "█" * full + "·" * (width - full)


class PlainView:
    """Writes one line per event of these kinds, without levels and partial transcripts; give it to `Bus.listen`."""

    def __init__(self, write: Callable[[str], object], kinds: tuple[type[Event], ...] = (Event,)) -> None:
        self._write, self._kinds = write, kinds

    def __call__(self, event: Event) -> None:
        """Writes an event."""
        if isinstance(event, self._kinds) and (line := lasting_line_of(event)):
            self._write(line)


class LiveView:
    """Draws state, level, partial transcript and latency below the conversation; give it to `Bus.listen`.

    Use it in a ``with``. `level` tells the decibels of the newest sound, `waiting` what it waits for when idle.
    """

    def __init__(
        self,
        console: Console,
        level: Callable[[], float],
        muted: Callable[[], bool],
        waiting: str = "",
        keys: str = "",
    ) -> None:
        self._console, self._level, self._muted, self._keys = console, level, muted, keys
        self._waiting = waiting or LOOKS["idle"][1]
        self._state, self._partial, self._latency, self._shown = "idle", "", "", -100.0
        self._live: Live | None = None

    def __enter__(self) -> LiveView:
        from rich.live import Live

        self._live = Live(
            get_renderable=self._picture, console=self._console, refresh_per_second=A_SECOND, transient=True
        )
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Updates the view."""
        from rich.text import Text

        match event:
            case events.VoiceStateChanged():
                self._state = event.state
                if event.state in ("idle", "listening"):
                    self._partial = ""
            case events.PartialTranscript():
                self._partial = event.text
            case events.SpeechEnded():
                self._latency = ""
            case events.FirstSound():
                self._latency = f"answered in {event.latency_ms.get('to first sound', 0.0):.0f} ms"
            case events.TranscriptReady() if event.text:
                self._console.print(Text(f"You: {event.text}", style="bold"))
            case events.SpeakingStarted():
                self._console.print(Text(" ".join(event.text.split())))
            case events.Notice() | events.ItemsDropped() | events.PluginFailed():
                self._console.print(Text(line_of(event), style="yellow"))

    def _picture(self) -> RenderableType:
        from rich.text import Text

        # Up at once, down slowly, as the eye likes it.
        self._shown = max(self._level(), self._shown - 40 / A_SECOND)
        colour, words = LOOKS.get(self._state, ("white", self._state))
        words = self._waiting if self._state == "idle" else words
        line = Text()
        line.append("muted" if self._muted() else f"● {words}", style="red" if self._muted() else colour)
        width = max(10, self._console.width - 1)
        line.append(f"  {meter(self._shown, min(24, max(4, width // 4)))}", style="grey62")
        line.append(f"  {self._partial or self._latency}", style="italic" if self._partial else "grey62")
        line.truncate(width, overflow="ellipsis")
        keys = Text(self._keys, style="grey42")
        keys.truncate(width, overflow="ellipsis")
        return Text.assemble(line, "\n", keys) if self._keys else line


Around = Callable[["App", "VoiceLoop"], AbstractContextManager[Any]]

KEYS = "space: talk   s: stop   m: mute   Ctrl-C: leave"


async def listen_live(
    settings: Settings,
    stdout: TextIO,
    *,
    session: str = "",
    as_json: bool = False,
    service: bool = False,
    around: Around = lambda app, loop: nullcontext(),
) -> None:
    """Runs the voice assistant until Ctrl-C or SIGTERM; raises as `LiveAssistant.open` does.

    As a `service` it prints notices only, and what is said goes to the owner's own log. `around` (a recorder) is
    entered for as long as it listens.
    """
    async with LiveAssistant.open(settings, session or "voice") as live:
        if service:
            faulthandler.enable()  # when the watchdog aborts us, the journal shows where we hung
        with ExitStack() as stack:
            stack.enter_context(sound_library_lines_logged(all_lines=stdout.isatty()))
            stack.enter_context(around(live.app, live.loop))
            if as_json:
                live.app.bus.listen(EventPrinter(stdout, lambda: live.loop.clock.now, as_json=True))
                await live.run()
                return
            keys = not service and stack.enter_context(pressed_keys(_actions(live)))
            view = _view(live, stdout, keys=keys, service=service)
            live.app.bus.listen(view)
            with view if isinstance(view, LiveView) else nullcontext():
                await live.run(Supervisor())


def _actions(live: LiveAssistant) -> dict[str, Callable[[], object]]:
    def talk() -> None:
        live.loop.release() if live.loop.state == "listening" else live.push()

    return {
        " ": talk,
        "\n": talk,
        "s": live.loop.stop,
        "m": lambda: live.mute(not live.source.muted),
    }


def _view(live: LiveAssistant, stdout: TextIO, *, keys: bool, service: bool) -> LiveView | PlainView:
    from assistant.terminal.render import printable

    def write(line: str) -> None:
        stdout.write(printable(line) + "\n")
        stdout.flush()

    waiting = f"waiting for {live.status()['waiting_for']}"
    if service:
        return PlainView(write, (Notice, ItemsDropped))
    if stdout.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        from rich.console import Console

        console = Console(file=stdout, highlight=False)
        return LiveView(console, lambda: live.source.level, lambda: live.source.muted, waiting, KEYS if keys else "")
    write(waiting + (f"   ({KEYS})" if keys else ""))
    return PlainView(write)
