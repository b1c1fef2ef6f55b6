"""A spinner with the current step; silent without a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.events import Event, ModelLoading, StageFinished, TurnStarted

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.status import Status

    from assistant.bus import Bus

__all__ = ["Spinner", "stage_after"]

STAGES = ("check", "keep", "listen", "read", "look", "decide", "answer", "store")
"""the stages of a turn, in order"""

DOING = {
    "check": "Starting",
    "keep": "Starting",
    "listen": "Listening",
    "read": "Reading",
    "look": "Looking",
    "decide": "Thinking",
    "answer": "Answering",
    "store": "Saving",
}
NEEDS = {"listen": "audio", "look": "image"}
"""stages that only a turn with that modality passes"""


def stage_after(stage: str, modalities: tuple[str, ...]) -> str:
    """The stage that a turn enters next; "" after the last or an unknown one. "" asks for the first."""
    rest = STAGES[STAGES.index(stage) + 1 :] if stage in STAGES else STAGES if not stage else ()
    return next((name for name in rest if NEEDS.get(name, "") in ("", *modalities)), "")


class Spinner:
    """Shows the current step while a ``with`` runs; follows a bus once it has one."""

    def __init__(self, console: Console, text: str) -> None:
        self._console = console
        self._status: Status | None = None
        self._modalities: tuple[str, ...] = ()
        self._stop: list[Callable[[], object]] = []
        self.text = text

    def __enter__(self) -> Spinner:
        self.start()
        return self

    def start(self) -> None:
        """Begin to spin, or go on after a `stop`."""
        if self._status is None and self._console.is_terminal:
            self._status = self._console.status(f"{self.text}…", spinner="dots", spinner_style="cyan")
            self._status.start()

    def __exit__(self, *_: object) -> None:
        for stop in self._stop:
            stop()
        self.stop()

    def stop(self) -> None:
        """Clear the line."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def say(self, text: str) -> None:
        """Change the text."""
        self.text = text
        if self._status is not None:
            self._status.update(f"{text}…")

    def follow(self, bus: Bus) -> None:
        """Show each stage of a turn, and each model as it loads."""
        self._stop.append(bus.listen(self._hear, (TurnStarted, StageFinished, ModelLoading)))

    def _hear(self, event: Event) -> None:
        if isinstance(event, ModelLoading):
            self.say(f"Loading {event.model}")
        elif isinstance(event, TurnStarted):
            self._modalities = event.modalities
            self._enter(stage_after("", event.modalities))
        elif isinstance(event, StageFinished):
            self._enter(stage_after(event.stage, self._modalities))

    def _enter(self, stage: str) -> None:
        if stage:
            self.say(DOING[stage])
