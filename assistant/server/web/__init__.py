"""The web page: its login, its files, and what it asks of the server besides the own API. See README.md beside this."""

from __future__ import annotations

from fastapi import FastAPI

from assistant.server.listening.connection import listening
from assistant.server.web.page import PageFiles
from assistant.server.web.pictures import documents, pictures
from assistant.server.web.routes import around

__all__ = ["add_page"]


def add_page(api: FastAPI) -> None:
    """Adds the page, what it asks for, and its microphone to an application."""
    for router in (listening, around, pictures, documents):
        api.include_router(router)
    api.mount("/web", PageFiles())
