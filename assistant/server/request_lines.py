"""Logs one line per request: what was asked by whom, how it ended and how long it took; never what was said."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["RequestLines"]

logger = logging.getLogger(__name__)


class RequestLines:
    """Logs requests when they are over, with their route instead of their address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            fields = {
                "method": scope["method"],
                "route": getattr(scope.get("route"), "path", "other"),
                "status": status,
                "milliseconds": round(1000 * (time.perf_counter() - began), 1),
                "client": scope.get("state", {}).get("client", ""),
                "peer": (scope.get("client") or ("",))[0],
            }
            logger.info("request", extra={"fields": fields})
