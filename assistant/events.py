"""What happens in the assistant, as events that anyone may listen to.

Events are milestones: small, frozen, and made of plain values, so that each can be
written as JSON and read back. Sound and pictures never travel on the bus.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar

__all__ = [
    "AudioHeard",
    "DialogueAsked",
    "Event",
    "IntentRecognized",
    "ItemsDropped",
    "ModelLoaded",
    "ModelLoading",
    "Notice",
    "PictureShown",
    "PluginFailed",
    "ReplyReady",
    "StageFinished",
    "TextTyped",
    "TurnCancelled",
    "TurnFailed",
    "TurnStarted",
    "event_from_json",
]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events."""

    kinds: ClassVar[dict[str, type[Event]]] = {}
    at: float = field(default_factory=time.time)
    """seconds since the epoch"""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        Event.kinds[cls.__name__] = cls

    def to_json(self) -> dict[str, Any]:
        """The event as plain values, with its class name under "event"."""
        return {"event": type(self).__name__, **asdict(self)}


def event_from_json(values: dict[str, Any]) -> Event:
    """Read back what `Event.to_json` wrote.

    Raises:
        ValueError: the class or a field is unknown.
    """
    rest = dict(values)
    kind = Event.kinds.get(rest.pop("event", ""))
    if kind is None:
        raise ValueError(f"unknown event {values.get('event')!r}; known are {', '.join(sorted(Event.kinds))}")
    if unknown := rest.keys() - {f.name for f in fields(kind)}:
        raise ValueError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    return kind(**rest)


# Inputs


@dataclass(frozen=True, kw_only=True)
class TextTyped(Event):
    """The user finished a line of text."""

    session: str
    text: str


@dataclass(frozen=True, kw_only=True)
class PictureShown(Event):
    """The user attached or captured a picture."""

    session: str
    source: str


@dataclass(frozen=True, kw_only=True)
class AudioHeard(Event):
    """The user attached or recorded a clip."""

    session: str
    source: str
    duration: float
    """seconds"""


# The corridor


@dataclass(frozen=True, kw_only=True)
class TurnStarted(Event):
    """A turn entered the pipeline."""

    turn: str
    session: str
    modalities: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "modalities", tuple(self.modalities))


@dataclass(frozen=True, kw_only=True)
class StageFinished(Event):
    """A turn left one stage of the pipeline."""

    turn: str
    stage: str
    milliseconds: float


@dataclass(frozen=True, kw_only=True)
class IntentRecognized(Event):
    """The decision about a turn."""

    turn: str
    intent: str
    confidence: float
    outcome: str


@dataclass(frozen=True, kw_only=True)
class DialogueAsked(Event):
    """A plugin asked the user a question and waits for the answer."""

    turn: str
    session: str
    plugin: str
    question: str


@dataclass(frozen=True, kw_only=True)
class ReplyReady(Event):
    """A turn has its answer."""

    turn: str
    session: str
    text: str
    intent: str


@dataclass(frozen=True, kw_only=True)
class TurnCancelled(Event):
    """A turn was stopped before it had its answer."""

    turn: str
    session: str


@dataclass(frozen=True, kw_only=True)
class TurnFailed(Event):
    """A turn ended in an error; the session goes on."""

    turn: str
    session: str
    reason: str


# The house


@dataclass(frozen=True, kw_only=True)
class ModelLoading(Event):
    """A model is being loaded."""

    model: str


@dataclass(frozen=True, kw_only=True)
class ModelLoaded(Event):
    """A model is ready."""

    model: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class PluginFailed(Event):
    """A plugin failed to load, raised, hung or flooded; it harms nobody else."""

    plugin: str
    where: str
    """the hook or intent it failed in"""
    reason: str


@dataclass(frozen=True, kw_only=True)
class ItemsDropped(Event):
    """A bounded queue was full."""

    queue: str
    count: int
    """dropped since the start"""


@dataclass(frozen=True, kw_only=True)
class Notice(Event):
    """Something the user should know, in one line."""

    text: str
