"""Conversations: list, read, delete."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from assistant.server.app_state import Client, Here
from assistant.server.error_responses import missing
from assistant.server.schemas import ERRORS, SESSION, DeletedBody, SessionBody, SessionSummaryBody
from assistant.server.turn_service import namespaced
from assistant.storage import StoredTurn

__all__ = ["sessions"]

sessions = APIRouter(tags=["Sessions"])

Name = Annotated[str, Path(description="The session's name.", pattern=SESSION)]
_MISSING: dict[int | str, dict[str, Any]] = {401: ERRORS[401], 404: {"description": "There is no such session."}}


@sessions.get("/v1/sessions", summary="List conversations", responses={401: ERRORS[401]})
async def list_sessions(here: Here, client: Client) -> list[SessionSummaryBody]:
    """List the sessions of this token, latest first."""
    prefix = namespaced(client, "")
    found = await asyncio.to_thread(here.app.history.sessions, prefix)
    return [SessionSummaryBody(**{**vars(each), "session": each.session.removeprefix(prefix)}) for each in found]


@sessions.get("/v1/sessions/{session}", summary="Read a conversation", responses=_MISSING, response_model=SessionBody)
async def read_session(
    here: Here,
    client: Client,
    session: Name,
    last: Annotated[int, Query(ge=1, le=1000, description="Only the last so many turns.")] = 100,
) -> dict[str, Any]:
    """Its turns, oldest first, and the question that waits for an answer."""
    name = namespaced(client, session)
    stored = await asyncio.to_thread(here.app.history.turns, name, last)
    if not stored:
        raise missing(f"session {session}", "GET /v1/sessions lists all sessions.")
    question = await asyncio.to_thread(here.app.dialogues.waiting.question, name)
    return {
        "session": session,
        "turns": [_shown(turn) for turn in stored],
        "question": question.text if question else None,
    }


@sessions.delete("/v1/sessions/{session}", summary="Delete a conversation", responses=_MISSING)
async def delete_session(here: Here, client: Client, session: Name) -> DeletedBody:
    """Its turns, pictures and recordings are gone for good. What a plugin keeps of its own (a ticket) stays."""
    deleted = await here.app.forget(namespaced(client, session))
    if not deleted:
        raise missing(f"session {session}", "GET /v1/sessions lists all sessions.")
    return DeletedBody(session=session, turns=deleted)


def _shown(turn: StoredTurn) -> dict[str, Any]:
    values = turn.to_json()
    del values["session"]
    files = [f"/v1/turns/{turn.id}/attachments/{n}" for n in range(len(turn.attachments))]
    return {**values, "attachments": files}
