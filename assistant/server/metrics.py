"""Counts requests and turns for Prometheus, in a registry of one server's own, and logs requests."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Metrics", "Observed"]

BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""seconds"""


class Metrics:
    """Counts requests and turns, times turns, and reads gauges when asked; puts `labels` on every sample."""

    def __init__(self, labels: dict[str, str] | None = None) -> None:
        self._labels = labels or {}
        self._registry = CollectorRegistry()
        names, registry = tuple(self._labels), self._registry
        about = "HTTP requests by route and status."
        self._requests = Counter("assistant_requests", about, (*names, "route", "status"), registry=registry)
        about = "Turns by outcome: answered, replayed, cancelled, failed, refused."
        self._turns = Counter("assistant_turns", about, (*names, "outcome"), registry=registry)
        about = "Seconds from a turn's request to its answer."
        self._seconds = Histogram("assistant_turn_seconds", about, names, registry=registry, buckets=BUCKETS)

    def request(self, route: str, status: int) -> None:
        """Counts a request."""
        self._requests.labels(**self._labels, route=route, status=str(status)).inc()

    def turn(self, outcome: str, seconds: float) -> None:
        """Counts a turn; how long it took counts if it was answered."""
        self._turns.labels(**self._labels, outcome=outcome).inc()
        if outcome == "answered":
            (self._seconds.labels(**self._labels) if self._labels else self._seconds).observe(seconds)

    def gauge(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Shows what `read` returns whenever Prometheus asks."""
        gauge = Gauge(name, description, tuple(self._labels), registry=self._registry)
        (gauge.labels(**self._labels) if self._labels else gauge).set_function(read)

    def text(self) -> str:
        """Everything in Prometheus' text format 0.0.4."""
        return generate_latest(self._registry).decode()


logger = logging.getLogger(__name__)


class Observed:
    """Counts requests by route and status; with `log`, writes a line for each: the client, never the words."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, log: bool) -> None:
        self._app, self._metrics, self._log = app, metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, route = time.perf_counter(), 0, "other"

        async def watch(message: Message) -> None:
            nonlocal status, route
            if message["type"] == "http.response.start":
                status, route = message["status"], getattr(scope.get("route"), "path", "other")
                self._metrics.request(route, status)
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            fields = {
                "method": scope["method"],
                "route": route,
                "status": status,
                "milliseconds": round(1000 * (time.perf_counter() - began), 1),
                "client": scope.get("state", {}).get("client", ""),
                "peer": (scope.get("client") or ("",))[0],
            }
            if self._log:
                logger.info("request", extra={"fields": fields})
