"""Every milestone of a spoken conversation, as an event with its second."""

from __future__ import annotations

from typing import Any

from assistant.bus import Bus
from assistant.events import Event, Notice
from assistant.voice.clock import SourceClock

__all__ = ["Announcer"]


class Announcer:
    """Publishes the events of one conversation, each with the second of sound at which it happened."""

    def __init__(self, bus: Bus, session: str, clock: SourceClock) -> None:
        self.session, self.bus = session, bus
        self._clock = clock

    def __call__(self, kind: type[Event], **values: Any) -> None:
        """Publishes an event with these values, floats rounded to three digits; `second` is now unless it is given."""
        fields = {"session": self.session, "second": self._clock.now, **values}
        rounded = {name: round(value, 3) if isinstance(value, float) else value for name, value in fields.items()}
        self.bus.publish(kind(**rounded))

    def notice(self, text: str) -> None:
        """Publishes a line for the user to read."""
        self.bus.publish(Notice(text=text))
