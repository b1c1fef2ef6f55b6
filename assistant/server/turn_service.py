"""Runs turns: one per session at a time, a limited number at once, each key once, all finished at shutdown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from assistant.app import App
from assistant.errors import InputError
from assistant.server.concurrency_limiter import ConcurrencyLimiter, PixelBudget
from assistant.server.error_responses import ErrorResponse, error_response_of, missing
from assistant.server.metrics import Metrics
from assistant.server.request_parsing import ParsedTurn
from assistant.settings import Settings
from assistant.storage import StoredTurn
from assistant.types import AudioClip, Picture, Turn, new_id

__all__ = ["TurnService", "namespaced", "own_turn", "public"]

KEY_BYTES = 200
"""longest Idempotency-Key"""
SWEEP = 600.0
"""seconds between two looks for keys that are too old"""

Answer = tuple[dict[str, Any], bool]
"""`TurnResult.to_json` as the client sees it, and whether it was stored from an earlier request"""
Files = tuple[tuple[Picture, ...], AudioClip | None]


def namespaced(client: str, session: str) -> str:
    """The name under which a client's session is stored; no other client can name it."""
    return f"http/{client}/{session}"


def public(answer: dict[str, Any]) -> dict[str, Any]:
    """A result as its client sees it: its own name of the session, and addresses instead of paths."""
    turn = answer["turn"]
    files = [f"/v1/turns/{turn}/attachments/{n}" for n in range(len(answer["reply"]["attachments"]))]
    session = answer["session"].rpartition("/")[2]
    return {**answer, "session": session, "reply": {**answer["reply"], "attachments": files}}


async def own_turn(app: App, client: str, turn: str, what: str = "such turn") -> StoredTurn:
    """A stored turn of a client; ErrorResponse 404 when it has none of that id."""
    stored = await asyncio.to_thread(app.history.turn, turn)
    if stored is None or not stored.session.startswith(namespaced(client, "")):
        raise missing(what)
    return stored


class TurnService:
    """Answers turns for clients, within the limits of `[serve]`, and counts them."""

    def __init__(self, app: App, settings: Settings, metrics: Metrics) -> None:
        self.app = app
        self.settings = settings
        self.metrics = metrics
        limits = settings.serve
        self.limiter = ConcurrencyLimiter(min(limits.turns, settings.inference.queue), limits.waiting)
        self._pixels = PixelBudget(limits.megapixels_at_once * 1e6)
        self._bytes = 0
        self._kept: set[asyncio.Task[Answer]] = set()
        self._swept = 0.0
        metrics.gauge("assistant_turns_in_progress", "Turns being answered now.", lambda: self.limiter.served)
        metrics.gauge("assistant_turns_waiting", "Turns waiting to be answered.", lambda: self.limiter.waiting)
        metrics.gauge("assistant_model_jobs_waiting", "Jobs waiting for the models.", lambda: app.worker.waiting)
        metrics.gauge(
            "assistant_model_jobs_dropped_total", "Jobs refused because too many waited.", lambda: app.worker.dropped
        )
        metrics.gauge("assistant_ready", "1 when typed turns are answered without waiting.", lambda: float(app.ready))

    async def answer(self, client: str, asked: ParsedTurn, turn: str, key: str = "", *, stops: bool = False) -> Answer:
        """Answer a turn, which gets this id unless its key names an earlier one.

        One with a `key` of the client's is finished even if its client leaves or its time is up, and can be
        asked for again; unless that `stops` it. One without is stopped then.

        Raises:
            ErrorResponse: it cannot be answered now, or took too long.
            UserError: it cannot be answered.
        """
        began = time.monotonic()
        outcome = "failed"
        try:
            answer, replayed = await self._within_time(self._taken(client, asked, turn, key), bool(key) and not stops)
            outcome = "replayed" if replayed else "answered"
            return public(answer), replayed
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        except Exception as error:
            outcome = "refused" if error_response_of(error).status < 500 else "failed"
            raise
        finally:
            self.metrics.turn(outcome, time.monotonic() - began)

    async def _within_time(self, work: Coroutine[Any, Any, Answer], kept: bool) -> Answer:
        seconds, left = self.settings.serve.timeout, False

        def settled(task: asyncio.Task[Answer]) -> None:
            self._kept.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None and left:
                error_response_of(error)  # unexpected errors are logged here

        task = asyncio.ensure_future(work)
        if kept:
            self._kept.add(task)
        task.add_done_callback(settled)
        try:
            async with asyncio.timeout(seconds):
                return await (asyncio.shield(task) if kept else task)
        except asyncio.CancelledError:
            left = True
            raise
        except TimeoutError as error:
            left = True
            goes_on = "It goes on: ask for it again with the same Idempotency-Key." if kept else ""
            what_to_do = goes_on or "It was stopped. Send less, or send it again when there is less to do."
            late = ErrorResponse(504, "too_slow", f"There was no answer within {seconds:g} s.", what_to_do, 5)
            raise late from error

    async def _taken(self, client: str, asked: ParsedTurn, turn: str, key: str) -> Answer:
        async with self.limiter.entry():
            if self._bytes and self._bytes + asked.size > self.settings.serve.megabytes_at_once * 1e6:
                raise self.limiter.refusal()
            self._bytes += asked.size
            try:
                if not key:
                    session = namespaced(client, asked.session or new_id())
                    async with self.app.holding(session), self.limiter.place(), self._opened(asked) as files:
                        return await self._run(asked, files, session, turn, again=False), False
                return await self._once(client, asked, turn, key)
            finally:
                self._bytes -= asked.size

    async def _once(self, client: str, asked: ParsedTurn, turn: str, key: str) -> Answer:
        if len(key.encode()) > KEY_BYTES or not key.isprintable():
            error = f"The Idempotency-Key is no printable text of at most {KEY_BYTES} bytes."
            raise ErrorResponse(400, "bad_request", error, "Use a UUID.")
        await self._sweep()
        session = namespaced(client, asked.session or new_id())
        requests, fingerprint = self.app.requests, asked.fingerprint
        first = await asyncio.to_thread(requests.open, client, key, session, fingerprint, turn)
        if first.fingerprint != fingerprint:
            error = "This Idempotency-Key was used for another request."
            raise ErrorResponse(422, "key_reused", error, "Use a new key for a new request.")
        async with self.app.holding(first.session):
            stored = await asyncio.to_thread(requests.find, client, key)
            if stored is None:  # the same invalid request was sent twice and dropped meanwhile
                stored = await asyncio.to_thread(requests.open, client, key, session, fingerprint, first.turn)
            if stored.answer is not None:
                return stored.answer, True
            async with self.limiter.place(), AsyncExitStack() as held:
                try:
                    files = await held.enter_async_context(self._opened(asked))
                except InputError:  # nothing was done, so the key may be used again with valid input
                    await asyncio.to_thread(requests.drop, client, key)
                    raise
                return await self._run(asked, files, first.session, first.turn, again=True), False

    @asynccontextmanager
    async def _opened(self, asked: ParsedTurn) -> AsyncIterator[Files]:
        """The files of a turn, decoded once there is room for its pictures."""
        pixels = await asked.pixels(self.settings)
        async with self._pixels.room(pixels):
            yield await asked.opened(self.settings)

    async def _run(self, asked: ParsedTurn, files: Files, session: str, turn: str, *, again: bool) -> dict[str, Any]:
        images, audio = files
        transcript = await self.app.transcribe(audio, asked.language) if audio is not None and asked.language else None
        whole = Turn(session, asked.text, audio, images, id=turn, transcript=transcript)
        return (await self.app.answer(whole, again=again)).to_json()

    async def _sweep(self) -> None:
        if time.monotonic() - self._swept > SWEEP or not self._swept:
            self._swept = time.monotonic()
            oldest = time.time() - 3600 * self.settings.serve.remember_hours
            await asyncio.to_thread(self.app.requests.expire, oldest)
