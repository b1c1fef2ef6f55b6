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
_CURL = {
    ("post", "/v1/turns"): """-H 'Content-Type: application/json' -d '{"text": "Throw a 20 sided die."}' {url}
curl -H "Authorization: Bearer $TOKEN" -F text='what do you make of this' -F image=@photo.jpg {url}
curl -H "Authorization: Bearer $TOKEN" -F audio=@question.wav -F session=trip '{url}?stream=1' -N""",
    ("post", "/v1/speech"): """-H 'Content-Type: application/json' -d '{"text": "Hello."}' {url} -o hello.wav""",
    ("post", "/v1/transcriptions"): "-F audio=@question.wav {url}",
    ("delete", "/v1/sessions/{session}"): "-X DELETE {url}",
}

Row = tuple[str, str, str]
"""name, where it goes, description"""


def reference_page(openapi: dict[str, Any]) -> str:
    """Returns the page for an OpenAPI 3.1 document, as FastAPI makes it."""
    info = {name: escape(openapi["info"][name]) for name in ("title", "description")}
    schemas = openapi.get("components", {}).get("schemas", {})
    sections = (
        line
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
        for line in _section(method, path, operation, schemas)
    )
    return _HEAD.format(**info) + "\n".join(sections) + "</body></html>"


def _section(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
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
    call = _CURL.get((method, path), "{url}").replace("{url}", f"http://127.0.0.1:8420{path}")
    yield f'<pre>curl -H "Authorization: Bearer $TOKEN" {escape(call)}</pre>'


def _fields(schema: dict[str, Any], kind: str, schemas: dict[str, Any]) -> list[Row]:
    def resolved(field: dict[str, Any]) -> dict[str, Any]:
        field = field if "description" in field else field.get("items", field)
        found: dict[str, Any] = schemas.get(field.get("$ref", "").rpartition("/")[2], field)
        return found

    properties = resolved({**schema, "description": ""} if "properties" in schema else schema).get("properties", {})
    return [(name, kind, resolved(field).get("description", "")) for name, field in properties.items()]
