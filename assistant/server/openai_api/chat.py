"""``/v1/chat/completions``: the last message is a turn, and plugins answer it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse

from assistant.events import Event
from assistant.server.app_state import AppState, Client, Here
from assistant.server.error_responses import ErrorResponse, error_response_of
from assistant.server.openai_api.conversation import ChatRequest, Conversation, place, remember
from assistant.server.schemas import ERRORS
from assistant.server.streaming import HEARTBEAT, turn_events, unless_left
from assistant.server.turn_service import Answer
from assistant.speech.speakable import pieces
from assistant.types import new_id

__all__ = ["chat", "task_answer"]


chat = APIRouter(tags=["OpenAI"])

CHAT_HEADERS = ("x-openwebui-chat-id", "x-session-id")
"""headers in which clients name their conversation"""
PATIENCE = 1.0
"""seconds that a streamed answer waits for an error, which then has a status of its own"""
USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
"""nothing is counted in tokens here"""


@chat.post("/v1/chat/completions", summary="Answer a conversation's last message", responses=ERRORS)
async def complete(body: ChatRequest, request: Request, here: Here, client: Client) -> Response:
    """As OpenAI's chat completions: `base_url` http://…/v1, the token as API key, any model name.

    The conversation is a session: an open question is answered by the next message, and the same messages sent again
    are answered from the store, without doing anything twice. `assistant` in the answer holds turn, session, intent.
    """
    _check(body)
    chat_name = next((request.headers[name] for name in CHAT_HEADERS if name in request.headers), "")
    asked = Conversation.read(body.messages, chat_name, here.settings.text.max_chars)
    turn = new_id()
    work = _answer(body, request, here, client, asked, chat_name, turn)
    if not body.stream:
        return JSONResponse(_completion(body.model, await unless_left(request, work)))
    events = turn_events(here.app.bus, turn, _pair(work), ())
    first = asyncio.ensure_future(anext(events))
    await asyncio.wait({first}, timeout=PATIENCE)
    if first.done():
        first.result()  # an early error can still set the status
    return EventSourceResponse(_chunks(body, turn, first, events), ping=HEARTBEAT, sep="\n")


async def _pair(work: Coroutine[Any, Any, dict[str, Any]]) -> Answer:
    return await work, False


def _check(body: ChatRequest) -> None:
    if (body.n or 1) != 1:
        raise ErrorResponse(400, "bad_input", "A message has one answer only.", "Leave n out.", param="n")
    kind = (body.response_format or {}).get("type", "text")
    if kind != "text":
        error = f"Answers are text for people, not {kind}."
        raise ErrorResponse(
            400, "unsupported", error, "Leave response_format out, or ask a language model.", param="response_format"
        )


async def _answer(
    body: ChatRequest,
    request: Request,
    here: AppState,
    client: str,
    asked: Conversation,
    chat_name: str,
    turn: str,
) -> dict[str, Any]:
    if (job := task_answer(asked.turn.text)) is not None:
        return {"reply": {"text": job}, "turn": turn}
    if here.turn_service.limiter.full:
        raise here.turn_service.limiter.refusal()
    key = request.headers.get("idempotency-key", "")
    attempt = request.headers.get("x-stainless-retry-count", "")  # of OpenAI's own packages
    placed = await place(here.app, client, asked, chat_name, key, int(attempt) if attempt.isdecimal() else None)
    answer, _ = await here.turn_service.answer(client, placed.turn, turn, placed.key, stops=bool(body.stream))
    await remember(here.app, client, body.messages, chat_name, answer)
    return answer


def _completion(model: str, answer: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer["reply"]["text"], "refusal": None}
    return {
        **_head(answer["turn"], "chat.completion", model),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": USAGE,
        **_ours(answer),
    }


async def _chunks(
    body: ChatRequest, turn: str, first: asyncio.Future[Event | Answer], events: AsyncGenerator[Event | Answer, None]
) -> AsyncIterator[str]:
    head = _head(turn, "chat.completion.chunk", body.model)
    usage = {"usage": None} if body.stream_options and body.stream_options.include_usage else {}

    def chunk(delta: dict[str, str], finish: str | None = None, **more: Any) -> str:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]
        return json.dumps({**head, "choices": choices, **usage, **more}, ensure_ascii=False)

    async with aclosing(events):
        yield chunk({"role": "assistant", "content": ""})
        try:
            last = await first
            async for event in events:
                last = event
        except Exception as error:
            yield json.dumps(error_response_of(error).to_openai(), ensure_ascii=False)
            return
        assert isinstance(last, tuple)
        for piece in pieces(last[0]["reply"]["text"]):
            yield chunk({"content": piece})
        yield chunk({}, "stop", **_ours(last[0]))
    if usage:
        yield json.dumps({**head, "choices": [], "usage": USAGE})
    yield "[DONE]"


def _head(turn: str, kind: str, model: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{turn}", "object": kind, "created": int(time.time()), "model": model}


def _ours(answer: dict[str, Any]) -> dict[str, Any]:
    """Fields of an answer beyond OpenAI's."""
    if "session" not in answer:
        return {}
    names = ("turn", "session", "intent", "confidence", "outcome", "notices")
    reply = {name: answer["reply"][name] for name in ("follow_up", "attachments")}
    return {"assistant": {**{name: answer[name] for name in names}, **reply}}


_TASK = re.compile(r"\s*#+\s*Task:.*<chat_history>(?P<chat>.*)</chat_history>", re.DOTALL | re.IGNORECASE)
_KEY = re.compile(r'\{\s*"(\w+)"\s*:\s*(\[?)')
_FIRST = re.compile(r"^\s*user:\s*(.+)$", re.IGNORECASE | re.MULTILINE)
TITLE = 40
"""characters of a title"""


def task_answer(text: str) -> str | None:
    """The answer to such a job; None for what a user says.

    A title is the beginning of the user's first message; of all else there is nothing to offer.
    """
    if (task := _TASK.match(text)) is None:
        return None
    if (asked := _KEY.search(text)) is None:
        return ""
    first = _FIRST.search(task["chat"])
    title = " ".join(first[1].split()) if first and asked[1] == "title" else ""
    if len(title) > TITLE:
        title = title[:TITLE].rpartition(" ")[0] or title[:TITLE]
    value: Any = [] if asked[2] else title.rstrip(" .,;:?!。，？！")
    return json.dumps({asked[1]: value}, ensure_ascii=False)
