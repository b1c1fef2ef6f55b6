"""The web page: its login, its files, and what it asks of the server besides the own API. See README.md beside this."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.server.listening.connection import listening
from assistant.server.web.pictures import documents, pictures
from assistant.server.web.routes import around
from assistant.types import content_hash

__all__ = ["PageFiles", "add_page"]

FOLDER = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(self), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class PageFiles:
    """The files of the folder `static`, held in memory: a page asks for all of them at once."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, dict[str, str]]] = {}
        for path in sorted(FOLDER.rglob("*")):
            if not path.is_file():
                continue
            content, kind = path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            charset = "; charset=utf-8" if kind.startswith("text/") else ""
            headers = {**HEADERS, "Content-Type": kind + charset, "ETag": f'"{content_hash(content)}"'}
            self._files[f"/{path.relative_to(FOLDER).as_posix()}"] = content, headers
        self._files["/"] = self._files["/index.html"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application, mounted at the page's address."""
        found = self._files.get(scope["path"].removeprefix(scope.get("root_path", "")))
        if found is None or scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(404 if found is None else 405)
        content, headers = found
        if headers["ETag"] in Headers(scope=scope).get("if-none-match", ""):
            response = Response(status_code=304, headers=headers)
        else:
            response = Response(content, headers=headers)
        await response(scope, receive, send)


def add_page(api: FastAPI) -> None:
    """Adds the page, what it asks for, and its microphone to an application."""
    for router in (listening, around, pictures, documents):
        api.include_router(router)
    api.mount("/web", PageFiles())
