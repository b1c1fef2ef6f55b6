"""``assistant listen`` at the microphone: a live view in a terminal, lines elsewhere, quiet as a service."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import TYPE_CHECKING, Any, TextIO

from assistant.events import Event, ItemsDropped, Notice
from assistant.inputs.sound_log import sound_library_lines_logged
from assistant.settings import Settings
from assistant.terminal.keys import pressed_keys
from assistant.voice.event_lines import EventPrinter
from assistant.voice.live import LiveAssistant
from assistant.voice.live_view import LiveView, PlainView
from assistant.voice.systemd import Supervisor

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.voice.loop import VoiceLoop

__all__ = ["listen_live"]

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
    """Runs the voice assistant until Ctrl-C or SIGTERM.

    Args:
        session: the conversation; "voice" by default.
        service: print notices only; what is said goes to the owner's own log.
        around: entered for as long as it listens (a recorder).

    Raises:
        UserError: see `LiveAssistant.open`.
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
            async with view if isinstance(view, LiveView) else nullcontext():
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
        return _Quiet(write)
    if stdout.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        from rich.console import Console

        console = Console(file=stdout, highlight=False)
        return LiveView(console, lambda: live.source.level, lambda: live.source.muted, waiting, KEYS if keys else "")
    write(waiting + (f"   ({KEYS})" if keys else ""))
    return PlainView(write)


class _Quiet(PlainView):
    def __call__(self, event: Event) -> None:
        if isinstance(event, Notice | ItemsDropped):
            super().__call__(event)
