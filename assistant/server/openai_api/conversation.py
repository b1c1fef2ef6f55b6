"""Conversations as OpenAI's clients send them, whole with every request, as turns of a session.

A client of this API names no session: it sends all messages so far each time. A conversation is told by its messages:
after each answer the hash of everything said is kept with the session and its last turn, and a request that begins with
the same messages goes on there. One that begins with others, because its user edited an earlier message, gets a new
session: a "yes" must not answer a question that is not in its conversation. The same messages sent again, by a retry or
by "regenerate", are answered from the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.app import App
from assistant.inputs.assembler import MAX_ATTACHED, clean_text
from assistant.server.error_responses import ErrorResponse
from assistant.server.request_parsing import ParsedTurn, decode_base64
from assistant.server.turn_service import namespaced
from assistant.types import content_hash, new_id

__all__ = [
    "ChatMessage",
    "ChatRequest",
    "Conversation",
    "Placed",
    "StreamOptions",
    "place",
    "remember",
]


class ChatMessage(BaseModel):
    """One message of the conversation."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None


class StreamOptions(BaseModel):
    """Streaming options."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A conversation whose last message is to be answered. Settings of language models are taken and left aside."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field("assistant", description="Any name; there is one assistant.", examples=["assistant"])
    messages: list[ChatMessage] = Field(
        min_length=1,
        description="The last one is the turn: text, and pictures as data URLs.",
        examples=[[{"role": "user", "content": "Throw a 20 sided die."}]],
    )
    stream: bool | None = Field(None, description="Answer as chat.completion.chunk events, sentence by sentence.")
    stream_options: StreamOptions | None = None
    n: int | None = None
    response_format: dict[str, Any] | None = None


SPEAKERS = ("user", "assistant")
"""roles of what was said; instructions to a language model have no meaning here"""


@dataclass(frozen=True)
class Conversation:
    """The messages of a request."""

    turn: ParsedTurn
    """the last message, in no session yet"""
    before: str
    """hash of what was said before it; "" when nothing was answered yet"""
    whole: str
    """hash of everything said, with the last message"""

    @classmethod
    def read(cls, messages: Sequence[ChatMessage], chat: str, max_chars: int) -> Conversation:
        """The conversation of a request, with the client's own name for it; "" for none.

        ErrorResponse or InputError says what the last message lacks, or holds that cannot be used.
        """
        said = [message for message in messages if message.role in SPEAKERS]
        if not said or said[-1].role != "user" or messages[-1].role not in ("user", "system", "developer"):
            raise _bad("The last message is not the user's.", "Send the user's message last.", "messages")
        *earlier, last = said
        parts = list(_parts(last))
        text = clean_text("\n".join(part for part in parts if isinstance(part, str)), max_chars)
        images = tuple(
            content for part in parts if isinstance(part, tuple) for kind, content in [part] if kind == "image"
        )
        audio = [content for part in parts if isinstance(part, tuple) for kind, content in [part] if kind == "audio"]
        if len(images) > MAX_ATTACHED or len(audio) > 1:
            error = f"That is too much: at most {MAX_ATTACHED} pictures and one recording make a turn."
            raise ErrorResponse(413, "too_large", error, "Send fewer.", param="messages")
        if not (text or images or audio):
            raise _bad("There is nothing to answer.", "Send a text, a picture or a recording.", "messages")
        answered = any(message.role == "assistant" for message in earlier)
        before = _hashed(chat, earlier)
        turn = ParsedTurn(text, None, "", images, audio[0] if audio else None)
        return cls(turn, before if answered else "", _hashed(chat, said))


@dataclass(frozen=True)
class Placed:
    """A turn with its session, and the key under which it is done once."""

    turn: ParsedTurn
    key: str


async def place(app: App, client: str, asked: Conversation, chat: str, key: str, attempt: int | None) -> Placed:
    """The session in which a conversation's last message is answered.

    `chat` and `key` are the client's own names for the conversation and the request, "" for none; `attempt` tells how
    often the client sent the request before, None when it does not say.
    """
    requests = app.requests
    if not (key or chat or asked.before or attempt):
        # Two people may begin with the same words: what may be their first is not known by its words alone.
        session = f"chat-{new_id()}"
        if attempt is None:
            return Placed(replace(asked.turn, session=session), "")
        key = f"chat/{asked.whole}/{session}"
        await asyncio.to_thread(requests.keep, client, f"first/{asked.whole}", namespaced(client, session), key)
        return Placed(replace(asked.turn, session=session), key)
    key = key or f"chat/{asked.whole}"
    sent = await asyncio.to_thread(requests.find, client, key)
    if sent is None and attempt:
        sent = await asyncio.to_thread(requests.find, client, f"first/{asked.whole}")
        key = sent.fingerprint if sent is not None else key
    # Of two that are sent at once, both must name the same session.
    session = sent.session.rpartition("/")[2] if sent is not None else f"chat-{content_hash(client, key)[:24]}"
    if sent is None and asked.before:
        known = await asyncio.to_thread(requests.find, client, f"said/{asked.before}")
        if known is not None:
            latest = await asyncio.to_thread(app.history.turns, known.session, 1)
            if latest and latest[-1].id == known.fingerprint:
                session = known.session.rpartition("/")[2]
    return Placed(replace(asked.turn, session=session), key)


async def remember(app: App, client: str, messages: Sequence[ChatMessage], chat: str, answer: dict[str, Any]) -> None:
    """Keep where a conversation goes on, now that it was answered."""
    said = [message for message in messages if message.role in SPEAKERS]
    reply = ChatMessage(role="assistant", content=answer["reply"]["text"])
    name = f"said/{_hashed(chat, [*said, reply])}"
    session = namespaced(client, answer["session"])
    await asyncio.to_thread(app.requests.keep, client, name, session, answer["turn"])


def _hashed(chat: str, messages: Sequence[ChatMessage]) -> str:
    """Hash of the words without spaces, which some clients trim."""
    return content_hash(chat, *(part for message in messages for part in (message.role, _plain(message))))


def _plain(message: ChatMessage) -> str:
    if isinstance(message.content, list):
        urls = (part.get("image_url") for part in message.content)
        pictures = [content_hash(str(url)) for url in urls if url]
        texts = [str(part.get("text", "")) for part in message.content]
        return " ".join([*" ".join(texts).split(), *pictures])
    return " ".join((message.content or "").split())


def _parts(message: ChatMessage) -> Iterator[str | tuple[str, bytes]]:
    """Texts, and files by kind."""
    if not isinstance(message.content, list):
        yield message.content or ""
        return
    for number, part in enumerate(message.content):
        where = f"messages.content.{number}"
        match part:
            case {"type": "text", "text": str(text)}:
                yield text
            case {"type": "image_url", "image_url": {"url": str(url)}} | {"type": "image_url", "image_url": str(url)}:
                if not url.startswith("data:"):
                    raise _bad("The picture is an address; addresses are not fetched.", "Send it as a data URL.", where)
                yield "image", decode_base64(url, where)
            case {"type": "input_audio", "input_audio": {"data": str(data)}} | {
                "type": "input_audio",
                "input_audio": str(data),
            }:
                yield "audio", decode_base64(data, where)
            case _:
                kind = part.get("type", "no type")
                error = f"A part of the message is {kind!r}, or lacks its content."
                raise _bad(error, "Use text, image_url or input_audio.", where)


def _bad(error: str, what_to_do: str, param: str) -> ErrorResponse:
    return ErrorResponse(400, "bad_input", error, what_to_do, param=param)
