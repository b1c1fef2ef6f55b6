"""The front door: what this is, and where to look."""

from __future__ import annotations

from fastapi import APIRouter, Request

from assistant import __version__

__all__ = ["start"]

start = APIRouter(tags=["State"])


@start.get("/", summary="Say what this is")
async def welcome(request: Request) -> dict[str, str]:
    """Where to look; needs no token."""
    here = str(request.base_url)
    return {
        "name": "Assistant",
        "version": __version__,
        "reference": f"{here}docs",
        "openapi": f"{here}openapi.json",
        "openai_base_url": f"{here}v1",
        "token": "Authorization: Bearer TOKEN; `assistant serve --new-token NAME` makes one",
    }
