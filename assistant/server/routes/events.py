"""Streams announcements, and the turns of other connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent

from assistant import events as happened
from assistant.outputs.schedule import audience
from assistant.server.app_state import AppState, Client, Here
from assistant.server.schemas import ERRORS
from assistant.server.streaming import HEARTBEAT
from assistant.server.turn_service import namespaced

__all__ = ["events"]

events = APIRouter(tags=["Events"])

WAITING = 256
"""events kept for a slow reader; of more, the oldest are left out"""
TURNS = 64
"""turns in hand whose session is known"""
Kind = Literal["announcement", "turn"]
WHAT: dict[type[happened.Event], str] = {
    happened.TurnStarted: "started",
    happened.TurnHeard: "heard",
    happened.IntentRecognized: "decided",
    happened.ReplyReady: "answered",
    happened.TurnCancelled: "cancelled",
    happened.TurnFailed: "failed",
}
"""events of turns → what they are called"""


@events.get(
    "/v1/events",
    summary="Follow what happens",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 401: ERRORS[401]},
)
async def follow(
    here: Here,
    client: Client,
    only: Annotated[Kind | None, Query(description='"announcement" or "turn"; both by default.')] = None,
) -> EventSourceResponse:
    """Server-Sent Events called ``announcement`` and ``turn``, for as long as the client listens.

    A client gets what its own sessions asked for: timers, alarms, reminders; and each step of its turns: started,
    heard, decided, answered, cancelled or failed. As long as no client listens for announcements, this server rings
    nothing; what came due meanwhile is sent when one listens again, and said to be late.
    """
    return EventSourceResponse(_events(here, client, only), ping=HEARTBEAT, sep="\n")


async def _events(here: AppState, client: str, only: Kind | None) -> AsyncIterator[ServerSentEvent]:
    queue: asyncio.Queue[ServerSentEvent] = asyncio.Queue(WAITING)
    prefix = namespaced(client, "")

    def put(name: Kind, values: dict[str, Any]) -> None:
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(JSONServerSentEvent(values, event=name, sep="\n"))

    def announce(event: happened.Announced) -> None:
        values = {name: value for name, value in event.to_json().items() if name != "event"}
        put("announcement", {**values, "session": event.session.removeprefix(prefix)})

    with ExitStack() as listening:
        if only != "turn":
            listening.enter_context(here.app.scheduler.ringing(announce, audience=audience(prefix)))
        if only != "announcement":
            turns = _turns(prefix, lambda values: put("turn", values))
            listening.callback(here.app.bus.listen(turns, tuple(WHAT)))
        while not here.turn_service.limiter.draining:
            try:
                yield await asyncio.wait_for(queue.get(), 1.0)
            except TimeoutError:
                continue


def _turns(prefix: str, tell: Callable[[dict[str, Any]], None]) -> Callable[[happened.Event], None]:
    """A listener that tells the steps of the turns of one client's sessions."""
    sessions: dict[str, str] = {}

    def listen(event: happened.Event) -> None:
        values = {name: value for name, value in event.to_json().items() if name not in ("event", "modalities")}
        turn = values["turn"]
        session = values.pop("session", None)
        if isinstance(event, happened.TurnStarted) and session.startswith(prefix):
            sessions[turn] = session.removeprefix(prefix)
            while len(sessions) > TURNS:
                sessions.pop(next(iter(sessions)))
        if turn in sessions:
            tell({"what": WHAT[type(event)], "session": sessions[turn], **values})
            if isinstance(event, happened.ReplyReady | happened.TurnCancelled | happened.TurnFailed):
                sessions.pop(turn)

    return listen
