"""The API's reference as one page of plain HTML, written from its OpenAPI description; no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

__all__ = ["reference_page"]

_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
section { border-top: 1px solid #8884; padding: .5rem 0 }
code, pre { font: 14px/1.4 ui-monospace, monospace } pre { background: #8881; padding: .7rem; overflow-x: auto }
.method { font-weight: 600; color: #06c } table { border-collapse: collapse } td { padding: .1rem .8rem .1rem 0 }
td { vertical-align: top } .kind { opacity: .7 }
"""

_CURL = {
    ("post", "/v1/turns"): """-H 'Content-Type: application/json' -d '{"text": "Throw a 20 sided die."}' {url}
curl -H "Authorization: Bearer $TOKEN" -F text='what do you make of this' -F image=@photo.jpg {url}
curl -H "Authorization: Bearer $TOKEN" -F audio=@question.wav -F session=trip '{url}?stream=1' -N""",
    ("post", "/v1/speech"): """-H 'Content-Type: application/json' -d '{"text": "Hello."}' {url} -o hello.wav""",
    ("post", "/v1/transcriptions"): "-F audio=@question.wav {url}",
    ("delete", "/v1/sessions/{session}"): "-X DELETE {url}",
}


def reference_page(openapi: dict[str, Any]) -> str:
    """The page.

    Args:
        openapi: an OpenAPI 3.1 document, as FastAPI makes it.
    """
    info = openapi["info"]
    schemas = openapi.get("components", {}).get("schemas", {})
    parts = [f"<h1>{escape(info['title'])}</h1>", f"<p>{escape(info['description'])}</p>"]
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            parts += _operation(method, path, operation, schemas)
    body = "\n".join(parts)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(info["title"])}'
    return (
        f'<!doctype html><html lang="en"><head>{head}</title><style>{_STYLE}</style></head><body>{body}</body></html>'
    )


def _operation(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    yield f'<section><h2><span class="method">{method.upper()}</span> <code>{escape(path)}</code></h2>'
    yield f"<p><b>{escape(operation['summary'])}.</b> {escape(operation.get('description', ''))}</p>"
    rows = [
        (each["name"], each["in"], each.get("description") or each["schema"].get("description", ""))
        for each in operation.get("parameters", [])
    ]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        rows += [(name, kind, text) for name, text in _fields(content["schema"], schemas)]
    yield from _table("Takes", rows)
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    yield from _table("Answers", [(name, "", text) for name, text in _fields(answer, schemas)])
    errors = {code: each["description"] for code, each in operation["responses"].items() if code >= "400"}
    yield from _table("Errors", [(code, "", text) for code, text in errors.items()])
    call = _CURL.get((method, path), "{url}").replace("{url}", f"http://127.0.0.1:8420{path}")
    yield f'<pre>curl -H "Authorization: Bearer $TOKEN" {escape(call)}</pre></section>'


def _fields(schema: dict[str, Any], schemas: dict[str, Any]) -> list[tuple[str, str]]:
    schema = schema.get("items", schema)
    schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    found = []
    for name, field in schema.get("properties", {}).items():
        inner = field.get("items", field) if "description" not in field else field
        inner = schemas.get(inner.get("$ref", "").rpartition("/")[2], inner)
        found.append((name, inner.get("description", "")))
    return found


def _table(title: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    if rows:
        yield f"<p>{title}</p><table>"
        for name, kind, text in rows:
            yield f'<tr><td><code>{escape(name)}</code></td><td class="kind">{escape(kind)}</td>'
            yield f"<td>{escape(text)}</td></tr>"
        yield "</table>"
