"""The addresses, a module per subject."""

from __future__ import annotations

from typing import Any

from assistant.server.schemas import ErrorBody

__all__ = ["ERRORS"]

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorBody, "description": "What was sent cannot be used."},
    401: {"model": ErrorBody, "description": "No token, or an unknown one."},
    413: {"model": ErrorBody, "description": "Too large: the request, a picture, a recording or a text."},
    422: {"model": ErrorBody, "description": "Not what is expected here."},
    429: {"model": ErrorBody, "description": "Too much to do; Retry-After says when to send it again."},
    503: {"model": ErrorBody, "description": "A model or the database is not there, or the server is being stopped."},
    504: {"model": ErrorBody, "description": "It took too long."},
}
