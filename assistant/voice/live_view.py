"""What the voice assistant is doing, live in the terminal; plain lines where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant import events
from assistant.events import Event
from assistant.voice.event_lines import lasting_line_of, line_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

__all__ = ["LiveView", "PlainView", "meter"]

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
    """Writes one line per event, without levels and partial transcripts; give it to `Bus.listen`."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def __call__(self, event: Event) -> None:
        """Writes an event."""
        if line := lasting_line_of(event):
            self._write(line)


class LiveView:
    """Draws state, level, partial transcript and latency below the conversation; give it to `Bus.listen`.

    Use it in an ``async with``. `level` tells the decibels of the newest sound, `waiting` what it waits for when idle.
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
        self._drawing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> LiveView:
        from rich.live import Live

        self._live = Live(self._picture(), console=self._console, auto_refresh=False, transient=True)
        self._live.start()
        self._drawing = asyncio.create_task(self._draw(), name="draw the voice assistant")
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._drawing is not None:
            self._drawing.cancel()
            await asyncio.gather(self._drawing, return_exceptions=True)
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

    async def _draw(self) -> None:
        while True:
            await asyncio.sleep(1 / A_SECOND)
            if self._live is not None:
                self._live.update(self._picture(), refresh=True)

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
