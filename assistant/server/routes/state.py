"""The server's state: welcome, reference, health, metrics and intents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse

from assistant import __version__
from assistant.server.app_state import Client, Here
from assistant.server.error_responses import ErrorResponse
from assistant.server.schemas import ERRORS, IntentBody, SlotBody

__all__ = ["reference_page", "state"]

_HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title><style>:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
pre {{ background: #8881; padding: .7rem; overflow-x: auto }} td {{ padding: .1rem .8rem .1rem 0; vertical-align: top }}
</style></head><body><h1>{title}</h1><p>{description}</p>
"""
_JSON = "-H 'Content-Type: application/json' -d"
_CURL = {
    ("post", "/v1/turns"): f"""{_JSON} '{{"text": "Throw a 20 sided die."}}' {{url}}
curl -H "Authorization: Bearer $TOKEN" -F text='what do you make of this' -F image=@photo.jpg {{url}}
curl -H "Authorization: Bearer $TOKEN" -F audio=@question.wav -F session=trip -F stream=true -N {{url}}""",
    ("get", "/v1/turns/{turn}/attachments/{number}"): "{host}/v1/turns/TURN/attachments/0",
    ("get", "/v1/sessions/{session}"): "{host}/v1/sessions/trip",
    ("delete", "/v1/sessions/{session}"): "-X DELETE {host}/v1/sessions/trip",
    ("get", "/v1/events"): "-N {url}",
    ("post", "/v1/speech"): f"""{_JSON} '{{"text": "Hello."}}' {{url}} -o hello.wav""",
    ("post", "/v1/transcriptions"): "-F audio=@question.wav {url}",
    ("post", "/v1/library/search"): f"""{_JSON} '{{"text": "the letter about the kettle"}}' {{url}}""",
    (
        "post",
        "/v1/chat/completions",
    ): f"""{_JSON} '{{"messages": [{{"role": "user", "content": "Throw a die."}}]}}' {{url}}""",
    ("post", "/v1/audio/transcriptions"): "-F file=@question.wav -F response_format=srt {url}",
    (
        "post",
        "/v1/audio/speech",
    ): f"""{_JSON} '{{"input": "Hello.", "model": "a", "voice": "a"}}' {{url}} -o hello.mp3""",
    ("get", "/v1/models/{model}"): "{host}/v1/models/assistant",
}
"""how to call an address, where that is more than naming it; capitals stand for what the reader has"""

Row = tuple[str, str, str]
"""name, where it goes, description"""


def reference_page(openapi: dict[str, Any], host: str) -> str:
    """Returns the page for an OpenAPI 3.1 document, as FastAPI makes it; its examples call `host`, http://…:8420."""
    info = {name: escape(openapi["info"][name]) for name in ("title", "description")}
    schemas = openapi.get("components", {}).get("schemas", {})
    sections = (
        line
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
        for line in _section(method, path, operation, schemas, host)
    )
    return _HEAD.format(**info) + "\n".join(sections) + "</body></html>"


def _section(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any], host: str) -> Iterator[str]:
    yield f"<h2>{method.upper()} <code>{escape(path)}</code></h2>"
    yield f"<p><b>{escape(operation['summary'])}.</b> {escape(operation.get('description', ''))}</p>"
    takes = [
        (each["name"], each["in"], each.get("description") or each["schema"].get("description", ""))
        for each in operation.get("parameters", [])
    ]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        takes += _fields(content["schema"], kind, schemas)
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    errors = [(code, "", each["description"]) for code, each in operation["responses"].items() if code >= "400"]
    for title, rows in (("Takes", takes), ("Answers", _fields(answer, "", schemas)), ("Errors", errors)):
        cells = "".join(f"<tr><td><code>{escape(a)}</code><td>{escape(b)}<td>{escape(c)}" for a, b, c in rows)
        yield f"<p>{title}<table>{cells}</table>" if cells else ""
    call = _CURL.get((method, path), "{url}").replace("{url}", f"{host}{path}").replace("{host}", host)
    yield f'<pre>curl -H "Authorization: Bearer $TOKEN" {escape(call)}</pre>'


def _fields(schema: dict[str, Any], kind: str, schemas: dict[str, Any]) -> list[Row]:
    def resolved(field: dict[str, Any]) -> dict[str, Any]:
        field = field if "description" in field else field.get("items", field)
        found: dict[str, Any] = schemas.get(field.get("$ref", "").rpartition("/")[2], field)
        return found

    properties = resolved({**schema, "description": ""} if "properties" in schema else schema).get("properties", {})
    return [(name, kind, resolved(field).get("description", "")) for name, field in properties.items()]


state = APIRouter(tags=["State"])


@state.get("/", summary="Say what this is", response_model=dict[str, str])
async def welcome(request: Request) -> Response | dict[str, str]:
    """Addresses to start from; needs no token. A browser is redirected to the page."""
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
        raise ErrorResponse(503, "stopping", "This server is shutting down.", "Ask another one.", 5)
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
