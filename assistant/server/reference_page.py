"""Writes the API's reference as one page of plain HTML from its OpenAPI description; no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

__all__ = ["reference_page"]

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
