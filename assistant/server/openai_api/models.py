"""``/v1/models``: the names that clients offer to choose from."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from assistant.server.app_state import AppState, Client, Here
from assistant.server.error_responses import ErrorResponse
from assistant.server.schemas import ERRORS

__all__ = ["models"]

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
