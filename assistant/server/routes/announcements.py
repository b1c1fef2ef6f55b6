"""What is said unasked, as it is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent

from assistant.events import Announced
from assistant.outputs.schedule import audience
from assistant.server.app_state import AppState, Client, Here
from assistant.server.schemas import ERRORS
from assistant.server.streaming import HEARTBEAT
from assistant.server.turn_service import namespaced

__all__ = ["announcements"]

announcements = APIRouter(tags=["Announcements"])

WAITING = 256
"""announcements kept for a slow reader; of more, the oldest are left out"""


@announcements.get(
    "/v1/events",
    summary="Follow what is said unasked",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 401: ERRORS[401]},
)
async def follow(here: Here, client: Client) -> EventSourceResponse:
    """Server-Sent Events called ``announcement``, for as long as the client listens.

    A client gets what its own sessions asked for: timers, alarms, reminders. As long as no client listens, this server
    rings nothing; what came due meanwhile is sent when one listens again, and said to be late.
    """
    return EventSourceResponse(_events(here, client), ping=HEARTBEAT, sep="\n")


async def _events(here: AppState, client: str) -> AsyncIterator[ServerSentEvent]:
    queue: asyncio.Queue[Announced] = asyncio.Queue(WAITING)

    def put(event: Announced) -> None:
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(event)

    prefix = namespaced(client, "")
    with here.app.scheduler.ringing(put, audience=audience(prefix)):
        while not here.turn_service.limiter.draining:
            try:
                event = await asyncio.wait_for(queue.get(), 1.0)
            except TimeoutError:
                continue
            values = {name: value for name, value in event.to_json().items() if name != "event"}
            values["session"] = event.session.removeprefix(prefix)
            yield JSONServerSentEvent(values, event="announcement", sep="\n")
