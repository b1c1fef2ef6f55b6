"""Streams a turn as Server-Sent Events (the HTML standard's text/event-stream).

``transcript`` what was said; ``decision`` the intent; ``stage`` each stage that is done; ``part`` each piece of a reply
that comes piece by piece, with the number of characters before it; ``reply`` the whole, sentence by sentence; ``done``
the whole result, as without streaming; ``error`` instead of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any

from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent
from sse_starlette.sse import AppStatus

from assistant.bus import Bus
from assistant.events import Event, IntentRecognized, ReplyPart, StageFinished, TurnHeard
from assistant.server.error_responses import error_response_of
from assistant.speech.speakable import sentences

__all__ = ["stream_turn"]

AppStatus.enable_automatic_graceful_drain = False  # a stream ends with its turn, also while the server drains

SHOWN = (IntentRecognized, ReplyPart, StageFinished, TurnHeard)
HEARTBEAT = 15
"""seconds after which a comment is sent, so that no proxy takes the silence for the end"""
WAITING = 64
"""events kept for a slow reader; of more, the stages' times are left out, and parts of the reply are joined"""


def stream_turn(bus: Bus, turn: str, work: Coroutine[Any, Any, tuple[dict[str, Any], bool]]) -> EventSourceResponse:
    """Answers with the events of a turn; a client that leaves stops the work."""
    return EventSourceResponse(_events(bus, turn, work), ping=HEARTBEAT, sep="\n")


async def _events(
    bus: Bus, turn: str, work: Coroutine[Any, Any, tuple[dict[str, Any], bool]]
) -> AsyncIterator[ServerSentEvent]:
    queue: asyncio.Queue[ServerSentEvent | _Part | None] = asyncio.Queue(WAITING + 1)
    waiting: _Part | None = None

    def put(event: Event) -> None:
        nonlocal waiting
        if getattr(event, "turn", None) != turn:
            return
        if isinstance(event, ReplyPart):
            if waiting is None or waiting.taken:
                waiting = _Part(event.start)
                queue.put_nowait(waiting)  # one at most, as it grows until it is taken
            waiting.text += event.text
        elif queue.qsize() < WAITING - 1:
            queue.put_nowait(_shown(event))

    stop_listening = bus.listen(put, SHOWN)
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda _: queue.put_nowait(None))
    try:
        while (event := await queue.get()) is not None:
            if isinstance(event, _Part):
                event.taken = True
                if event.text:
                    yield _event("part", {"start": event.start, "text": event.text})
            else:
                yield event
        for last in _end(task):
            yield last
    finally:
        stop_listening()
        task.cancel()


@dataclass
class _Part:
    """A piece of the reply that waits to be sent."""

    start: int
    text: str = ""
    taken: bool = False


def _end(task: asyncio.Future[tuple[dict[str, Any], bool]]) -> list[ServerSentEvent]:
    if (error := task.exception()) is not None:
        return [_event("error", error_response_of(error).to_json())]
    answer, _ = task.result()
    parts = [part for line in answer["reply"]["text"].splitlines() for part in sentences(line)]
    return [*(_event("reply", {"index": at, "text": part}) for at, part in enumerate(parts)), _event("done", answer)]


def _shown(event: Event) -> ServerSentEvent:
    match event:
        case TurnHeard():
            return _event("transcript", {"text": event.text, "language": event.language})
        case IntentRecognized():
            values = {"intent": event.intent, "confidence": round(event.confidence, 4), "outcome": event.outcome}
            return _event("decision", values)
        case StageFinished():
            return _event("stage", {"stage": event.stage, "milliseconds": round(event.milliseconds, 2)})
    raise TypeError(f"{type(event).__name__} is not streamed")


def _event(name: str, values: dict[str, Any]) -> ServerSentEvent:
    return JSONServerSentEvent(values, event=name, sep="\n")
