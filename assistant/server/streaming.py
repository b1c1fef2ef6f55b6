"""Streams a turn as Server-Sent Events (the HTML standard's text/event-stream).

``transcript`` what was said; ``decision`` the intent; ``stage`` each stage that is done; ``reply`` sentence by
sentence; ``done`` the whole result, as without streaming; ``error`` instead of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent
from sse_starlette.sse import AppStatus

from assistant.bus import Bus
from assistant.events import Event, IntentRecognized, StageFinished, TurnHeard
from assistant.server.error_responses import error_response_of
from assistant.speech.speakable import sentences

__all__ = ["stream_turn"]

AppStatus.enable_automatic_graceful_drain = False  # a stream ends with its turn, also while the server drains

SHOWN = (IntentRecognized, StageFinished, TurnHeard)
HEARTBEAT = 15
"""seconds after which a comment is sent, so that no proxy takes the silence for the end"""
WAITING = 64
"""events kept for a slow reader; of more, the stages' times are left out"""


def stream_turn(bus: Bus, turn: str, work: Coroutine[Any, Any, tuple[dict[str, Any], bool]]) -> EventSourceResponse:
    """Answers with the events of a turn; a client that leaves stops the work."""
    return EventSourceResponse(_events(bus, turn, work), ping=HEARTBEAT, sep="\n")


async def _events(
    bus: Bus, turn: str, work: Coroutine[Any, Any, tuple[dict[str, Any], bool]]
) -> AsyncIterator[ServerSentEvent]:
    queue: asyncio.Queue[ServerSentEvent | None] = asyncio.Queue(WAITING + 1)

    def put(event: Event) -> None:
        if getattr(event, "turn", None) == turn and queue.qsize() < WAITING:
            queue.put_nowait(_shown(event))

    stop_listening = bus.listen(put, SHOWN)
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda _: queue.put_nowait(None))
    try:
        while (event := await queue.get()) is not None:
            yield event
        for event in _end(task):
            yield event
    finally:
        stop_listening()
        task.cancel()


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
