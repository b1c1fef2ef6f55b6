"""Serves the page's files, which hold nothing of anybody, under a policy that lets them fetch from here only."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

from assistant import __version__

__all__ = ["PageFiles", "front"]

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

front = APIRouter(include_in_schema=False)


class PageFiles(StaticFiles):
    """The folder `static`, and nothing outside it."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER, html=True)

    def file_response(self, full_path: str | os.PathLike[str], *args: object, **options: object) -> Response:
        """A file, with the headers above."""
        response = super().file_response(full_path, *args, **options)  # type: ignore[arg-type]
        response.headers.update(HEADERS)
        return response


@front.get("/")
async def root(request: Request) -> Response:
    """Leads people to the page, and programs to the reference."""
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/web/", 307)
    return JSONResponse({"name": "multimodal-assistant", "version": __version__, "page": "/web/", "reference": "/docs"})
