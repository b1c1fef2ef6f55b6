"""The web page: its login, its files, and what it asks of the server besides the own API. See README.md beside this."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from assistant.server.listening.connection import listening
from assistant.server.web.pictures import documents, pictures
from assistant.server.web.routes import around

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


class PageFiles(StaticFiles):
    """The files of the folder `static`, each with `HEADERS`."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER, html=True)

    def file_response(self, *args: Any, **options: Any) -> Response:
        """A file, or that the browser has it already."""
        response = super().file_response(*args, **options)
        response.headers.update(HEADERS)
        return response


def add_page(api: FastAPI) -> None:
    """Adds the page, what it asks for, and its microphone to an application."""
    for router in (listening, around, pictures, documents):
        api.include_router(router)
    api.mount("/web", PageFiles())
