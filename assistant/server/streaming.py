"""A turn as it happens, as Server-Sent Events (the HTML standard's text/event-stream).

``transcript`` what was said; ``decision`` the intent; ``stage`` each stage that is done; ``reply`` sentence by
sentence; ``done`` the whole result, as without streaming; ``error`` instead of it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

from assistant.bus import Bus
from assistant.events import Event, IntentRecognized, StageFinished, TurnHeard
from assistant.server.error_responses import error_response_of
from assistant.speech.speakable import sentences

__all__ = ["stream_turn"]

SHOWN = (IntentRecognized, StageFinished, TurnHeard)
HEARTBEAT = 15.0
"""seconds after which a comment is sent, so that no proxy takes the silence for the end"""
WAITING = 64
"""events kept for a slow reader; of more, the stages' times are left out"""


async def stream_turn(
    bus: Bus, turn: str, work: Coroutine[Any, Any, tuple[dict[str, Any], bool]]
) -> AsyncIterator[bytes]:
    """The events of a turn, as bytes. Ended early, it stops the work.

    Args:
        bus: where the turn's milestones are announced.
        turn: its id.
        work: answers it.
    """
    queue: asyncio.Queue[bytes] = asyncio.Queue(WAITING)

    def hear(event: Event) -> None:
        if getattr(event, "turn", None) == turn and not queue.full():
            queue.put_nowait(_shown(event))

    forget = bus.listen(hear, SHOWN)
    task = asyncio.ensure_future(work)
    try:
        while not task.done() or not queue.empty():
            got = asyncio.ensure_future(queue.get())
            await asyncio.wait({got, task}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
            if got.done():
                yield got.result()
                continue
            got.cancel()
            with suppress(asyncio.CancelledError):
                await got
            if not task.done():
                yield b": still at work\n\n"
        yield _end(task)
    finally:
        forget()
        task.cancel()


def _end(task: asyncio.Future[tuple[dict[str, Any], bool]]) -> bytes:
    if (error := task.exception()) is not None:
        return _event("error", error_response_of(error).to_json())
    answer, _ = task.result()
    text = answer["reply"]["text"]
    parts = [part for line in text.splitlines() for part in sentences(line)]
    told = b"".join(_event("reply", {"index": at, "text": part}) for at, part in enumerate(parts))
    return told + _event("done", answer)


def _shown(event: Event) -> bytes:
    match event:
        case TurnHeard():
            return _event("transcript", {"text": event.text, "language": event.language})
        case IntentRecognized():
            values = {"intent": event.intent, "confidence": round(event.confidence, 4), "outcome": event.outcome}
            return _event("decision", values)
        case StageFinished():
            return _event("stage", {"stage": event.stage, "milliseconds": round(event.milliseconds, 2)})
    return b""


def _event(name: str, values: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(values, ensure_ascii=False)}\n\n".encode()
