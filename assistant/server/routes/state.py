"""What the server is and does: where to look, health, metrics, and what it understands."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse

from assistant import __version__
from assistant.server.app_state import Client, Here
from assistant.server.error_responses import ErrorResponse
from assistant.server.reference_page import reference_page
from assistant.server.schemas import ERRORS, IntentBody, SlotBody

__all__ = ["state"]

state = APIRouter(tags=["State"])


@state.get("/", summary="Say what this is", response_model=dict[str, str])
async def welcome(request: Request) -> Response | dict[str, str]:
    """Where to look; needs no token. A browser is led to the page."""
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/web/", 307)
    here = str(request.base_url)
    return {
        "name": "Assistant",
        "version": __version__,
        "reference": f"{here}docs",
        "openapi": f"{here}openapi.json",
        "openai_base_url": f"{here}v1",
        "token": "Authorization: Bearer TOKEN; `assistant serve --new-token NAME` makes one",
    }


@state.get("/v1/intents", summary="List what it understands", responses={401: ERRORS[401]})
async def intents(here: Here, client: Client) -> list[IntentBody]:
    """Every intent of every plugin, with examples of what people say to mean it."""
    return [
        IntentBody(
            name=intent.name,
            plugin=intent.plugin,
            summary=intent.summary,
            examples=list(intent.examples[:5]),
            slots=[
                SlotBody(name=slot.name, type=slot.kind.__name__, required=slot.required, choices=list(slot.choices))
                for slot in intent.slots
            ],
        )
        for intent in here.app.plugins.intents
    ]


@state.get("/healthz", summary="Is it alive?")
async def alive() -> dict[str, str]:
    """Answers as long as the server does; needs no token."""
    return {"status": "alive"}


@state.get("/readyz", summary="Is it ready?", responses={503: ERRORS[503]})
async def ready(here: Here) -> Response:
    """200 when turns are answered without waiting: the models are loaded and the database answers. Needs no token.

    `missing` names the models that could not be loaded; turns go on without them, and say so in `notices`.
    """
    if here.turn_service.limiter.draining:
        raise ErrorResponse(503, "stopping", "This server is being stopped.", "Ask another one.", 5)
    if not here.app.ready:
        raise ErrorResponse(503, "loading", "The models are being loaded.", "Wait a moment.", 2)
    await here.app.wait_ready()  # raises what kept them from being loaded
    await asyncio.to_thread(here.app.history.turns, "", 1)
    missing = sorted(here.app.runner.models.failures)
    return JSONResponse({"status": "degraded" if missing else "ready", "missing": missing})


@state.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
async def metrics(here: Here, client: Client) -> PlainTextResponse:
    """Counters and a histogram of turns, in Prometheus' text format."""
    return PlainTextResponse(here.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@state.get("/docs", include_in_schema=False)
async def reference(request: Request) -> HTMLResponse:
    """This reference; it loads nothing from anywhere."""
    return HTMLResponse(reference_page(request.app.openapi(), str(request.base_url).rstrip("/")))
