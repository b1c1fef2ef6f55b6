"""Streams a turn as Server-Sent Events (the HTML standard's text/event-stream).

``transcript`` what was said; ``decision`` the intent; ``stage`` each stage that is done; ``part`` each piece of a reply
that comes piece by piece, with the number of characters before it; ``reply`` the whole, sentence by sentence; ``done``
the whole result, as without streaming; ``error`` instead of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar

from fastapi import Request
from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent
from sse_starlette.sse import AppStatus

from assistant.bus import Bus
from assistant.events import Event, IntentRecognized, ReplyPart, StageFinished, TurnHeard
from assistant.server.error_responses import ErrorResponse, error_response_of
from assistant.server.turn_service import Answer
from assistant.speech.speakable import sentences

__all__ = ["HEARTBEAT", "Work", "stream_turn", "turn_events", "unless_left"]

AppStatus.enable_automatic_graceful_drain = False  # a stream ends with its turn, also while the server drains

SHOWN = (IntentRecognized, ReplyPart, StageFinished, TurnHeard)
HEARTBEAT = 15
"""seconds after which a comment is sent, so that no proxy takes the silence for the end"""
Work = Coroutine[Any, Any, Answer]
WAITING = 64
"""events kept for a slow reader; of more, the stages' times are left out, and parts of the reply are joined"""


def stream_turn(bus: Bus, turn: str, work: Work) -> EventSourceResponse:
    """Answers with the events of a turn; a client that leaves stops the work."""
    return EventSourceResponse(_events(bus, turn, work), ping=HEARTBEAT, sep="\n")


async def turn_events(
    bus: Bus, turn: str, work: Work, kinds: tuple[type[Event], ...]
) -> AsyncGenerator[Event | Answer, None]:
    """The events of a turn as they happen, and its answer last, or what it raised; a reader that leaves stops it."""
    queue: asyncio.Queue[Event | list[ReplyPart] | None] = asyncio.Queue(WAITING + 1)
    waiting: list[ReplyPart] = []

    def put(event: Event) -> None:
        if getattr(event, "turn", None) != turn:
            return
        if isinstance(event, ReplyPart):
            if not waiting:
                queue.put_nowait(waiting)  # one at most, as it grows until it is taken
            waiting.append(event)
        elif queue.qsize() < WAITING - 1:
            queue.put_nowait(event)

    stop_listening = bus.listen(put, kinds)
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda _: queue.put_nowait(None))
    try:
        while (event := await queue.get()) is not None:
            if isinstance(event, list):
                text, speech = ("".join(getattr(part, name) for part in event) for name in ("text", "speech"))
                joined = replace(event[0], text=text, speech=speech)
                event.clear()
                yield joined
            else:
                yield event
        yield task.result()
    finally:
        stop_listening()
        task.cancel()


async def _events(bus: Bus, turn: str, work: Work) -> AsyncGenerator[ServerSentEvent, None]:
    try:
        async with aclosing(turn_events(bus, turn, work, SHOWN)) as events:
            async for event in events:
                if isinstance(event, ReplyPart):
                    if event.text:
                        yield _event("part", {"start": event.start, "text": event.text})
                elif isinstance(event, Event):
                    yield _shown(event)
                else:
                    for at, part in enumerate(sentences(event[0]["reply"]["text"])):
                        yield _event("reply", {"index": at, "text": part})
                    yield _event("done", event[0])
    except Exception as error:
        yield _event("error", error_response_of(error).to_json())


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


T = TypeVar("T")


async def unless_left(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Does the work, and cancels it with ErrorResponse when the client leaves; the request's body was read before."""
    task = asyncio.ensure_future(work)
    left = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ErrorResponse(499, "left", "The client left.")
        return task.result()
    finally:
        for each in (task, left):
            each.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
