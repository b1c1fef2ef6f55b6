"""Turns: ask, and be answered at once or event by event."""

from __future__ import annotations

import asyncio
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from assistant.server.app_state import Client, Here
from assistant.server.error_responses import missing
from assistant.server.request_parsing import RECORDINGS, read_request
from assistant.server.schemas import ERRORS, AnswerBody, TurnRequest
from assistant.server.streaming import stream_turn, unless_left
from assistant.server.turn_service import own_turn
from assistant.types import new_id

__all__ = ["turns"]

turns = APIRouter(tags=["Turns"])

_FORM = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "description": "What was typed."},
        "image": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "Up to 8 pictures: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF.",
        },
        "audio": {"type": "string", "format": "binary", "description": "A recording: " + RECORDINGS},
        "session": {"type": "string", "description": "Conversation to go on with; a new one by default."},
        "language": {"type": "string", "description": "Spoken language, ISO 639-1; heard by default."},
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": TurnRequest.model_json_schema()},
            "multipart/form-data": {"schema": _FORM},
        },
    }
}


@turns.post(
    "/v1/turns",
    summary="Ask something",
    response_model=AnswerBody,
    responses={**ERRORS, 200: {"content": {"text/event-stream": {}}, "description": "The answer."}},
    openapi_extra=_BODY,
)
async def ask(
    request: Request,
    here: Here,
    client: Client,
    stream: Annotated[bool, Query(description="Send events as they happen, as text/event-stream.")] = False,
    idempotency_key: Annotated[
        str, Header(description="Your own name for this request: sent again with it, it is done once.")
    ] = "",
) -> Response:
    """Text, pictures and a recording together are one turn; the same session continues the conversation.

    A client that leaves stops its turn, unless it gave an `Idempotency-Key`. With `stream` (in the address or the body)
    the events are
    `transcript`, `stage`, `decision`, `part` (a piece of a reply that is still being made), `reply` (the whole,
    sentence by sentence), then `done` with the whole answer, or `error`.
    """
    if here.turn_service.limiter.full:  # before anything large is decoded
        raise here.turn_service.limiter.refusal()
    asked = await read_request(request, here.settings)
    turn = new_id()
    work = here.turn_service.answer(client, asked, turn, idempotency_key)
    if stream or asked.stream or "text/event-stream" in request.headers.get("accept", ""):
        return stream_turn(here.app.bus, turn, work)
    answer, replayed = await unless_left(request, work)
    return JSONResponse(answer, headers={"Idempotent-Replayed": "true"} if replayed else None)


@turns.get(
    "/v1/turns/{turn}/attachments/{number}",
    summary="Get a file that belongs to an answer",
    response_class=FileResponse,
    responses={401: ERRORS[401], 404: {"description": "There is none."}},
)
async def attachment(
    here: Here,
    client: Client,
    turn: Annotated[str, Path(description="The turn's id.")],
    number: Annotated[int, Path(ge=0, description="0 for the first.")],
) -> FileResponse:
    """The files are those that the answering plugin made; no other file can be had."""
    stored = await own_turn(here.app, client, turn, "such attachment")
    if number >= len(stored.attachments):
        raise missing("such attachment", "The answer's reply.attachments names them.")
    path = FilePath(stored.attachments[number])
    if not await asyncio.to_thread(path.is_file):
        raise missing("such attachment any more", "Ask again.")
    return FileResponse(path, filename=path.name)
