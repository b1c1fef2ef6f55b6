"""``/v1/audio/speech``: text to sound, sent sentence by sentence; and the names of models and voices."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Literal

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.server.app_state import AppState, Client, Here
from assistant.server.error_responses import ErrorResponse
from assistant.server.schemas import ERRORS
from assistant.server.sound_encoding import MEDIA_TYPES, SoundEncoder

__all__ = ["SpeechRequest", "models", "speech"]

speech = APIRouter(tags=["OpenAI"])


class SpeechRequest(BaseModel):
    """A text to say."""

    model_config = ConfigDict(extra="ignore")

    input: str = Field(description="What to say, plain text.", examples=["The train leaves at ten."])
    model: str = Field("assistant-voice", description="Any name; there is one voice.")
    voice: Any = Field(None, description="Any name; there is one voice.")
    response_format: Literal["mp3", "opus", "flac", "wav", "pcm"] = Field(
        "mp3", description="pcm is 16-bit, mono, 24 kHz."
    )
    speed: float = Field(1.0, ge=0.25, le=4.0, description="Spoken from 0.5 to 2; 1 is normal.")
    stream_format: Literal["audio", "sse"] = "audio"


@speech.post(
    "/v1/audio/speech",
    summary="Say a text",
    response_class=Response,
    responses={**ERRORS, 200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}, "description": "Sound."}},
)
async def say(body: SpeechRequest, here: Here, client: Client) -> Response:
    """As OpenAI's speech: mp3, opus, flac, wav or pcm, or with `stream_format` sse as speech.audio.delta events."""
    here.check_speech(body.input, "input")
    async with AsyncExitStack() as held:
        await held.enter_async_context(here.turn_service.limiter.admitted())
        sound = _sound(body, here)
        first = await anext(sound, b"")  # an early error can still set the status
        held.push_async_callback(sound.aclose)
        keep = held.pop_all()

    async def rest() -> AsyncIterator[bytes]:
        async with keep:
            yield first
            async for part in sound:
                yield part

    if body.stream_format == "sse":
        from sse_starlette import EventSourceResponse

        return EventSourceResponse(_events(rest()), sep="\n")
    return StreamingResponse(rest(), media_type=MEDIA_TYPES[body.response_format])


async def _sound(body: SpeechRequest, here: AppState) -> AsyncGenerator[bytes, None]:
    encoder = SoundEncoder(body.response_format)
    async for clip in here.spoken(body.input, "", min(2.0, max(0.5, body.speed))):
        yield await asyncio.to_thread(encoder.add, clip)
    yield await asyncio.to_thread(encoder.end)


async def _events(sound: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for part in sound:
        if part:
            yield json.dumps({"type": "speech.audio.delta", "audio": base64.b64encode(part).decode()})
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    yield json.dumps({"type": "speech.audio.done", "usage": usage})


models = APIRouter(tags=["OpenAI"])

CHAT, VOICE = "assistant", "assistant-voice"
MADE = 1_764_460_800
"""seconds since the epoch: OpenAI's clients want a date"""


@models.get("/v1/models", summary="List the models", responses={401: ERRORS[401]})
async def list_models(here: Here, client: Client) -> dict[str, Any]:
    """The assistant for chats, the speech recognition and the voice. Requests may use any other name too."""
    return {"object": "list", "data": [_model(name) for name in _names(here)]}


@models.get(
    "/v1/models/{model}",
    summary="Look at a model",
    responses={401: ERRORS[401], 404: {"description": "There is none."}},
)
async def read_model(model: str, here: Here, client: Client) -> dict[str, Any]:
    """One of the list."""
    if model not in _names(here):
        raise ErrorResponse(404, "model_not_found", f"There is no model {model}.", "GET /v1/models lists them.")
    return _model(model)


@models.get("/v1/audio/voices", summary="List the voices", responses={401: ERRORS[401]})
async def list_voices(here: Here, client: Client) -> dict[str, Any]:
    """The one voice, as Open WebUI asks for it."""
    return {"voices": [{"id": VOICE, "name": "Assistant"}]}


@models.get("/v1/audio/models", summary="List the models that speak", responses={401: ERRORS[401]})
async def list_audio_models(here: Here, client: Client) -> dict[str, Any]:
    """As Open WebUI asks for it."""
    return {"models": [{"id": VOICE, "name": "Assistant"}]}


def _names(here: AppState) -> tuple[str, ...]:
    return CHAT, here.settings.speech.model, VOICE


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": MADE, "owned_by": "assistant"}
