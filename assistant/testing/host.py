"""The real assistant in a process of its own: turns come in as JSON lines, answers go out as JSON lines.

``python -m assistant.testing.host``, started by `ScenarioRunner`, and killed by it where a conversation says so.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, TextIO

from assistant.errors import UserError

__all__ = ["main"]

LONGEST = 250
"""times 20 ms that what is due may take to ring"""


async def _serve(lines: TextIO, answers: TextIO) -> str:
    """Serve until the input ends, or another home is asked for; returns that home."""
    from assistant.app import App

    app = await App.open()
    try:
        app.start_loading(text_only=True)  # speech and picture models, when a conversation needs them
        await app.wait_ready()
        _write(answers, {"ready": True})
        with ExitStack() as stack:
            time = _Time(app)
            while line := await asyncio.to_thread(lines.readline):
                request = json.loads(line)
                if request["do"] == "move":
                    return str(request["home"])
                try:
                    time.set(request["now"], stack)
                    _write(answers, await _answer(app, time, request))
                except UserError as error:
                    _write(answers, {"error": str(error)})
        return ""
    finally:
        await app.close()


class _Time:
    """A clock that is set by hand, once a conversation asks for one, and what rings by it."""

    def __init__(self, app: Any) -> None:
        self._app, self._schedule = app, app.scheduler.schedule
        self.now: float | None = None
        self._rung: list[Any] = []

    def set(self, now: float | None, stack: ExitStack) -> None:
        """It is now that time; None leaves the real one."""
        if now is not None and self.now is None:
            self._schedule.clock = lambda: self.now
            stack.enter_context(self._app.scheduler.ringing(self._rung.append))
        self.now = now if now is not None else self.now

    async def ring(self, until: float) -> dict[str, Any]:
        """Let time pass until then, from one thing that is due to the next; tells what rang."""
        assert self.now is not None
        while (due := await asyncio.to_thread(self._schedule.next_due)) is not None and due <= until:
            self.now, before = max(self.now, due), len(self._rung)
            self._app.scheduler.changed()
            for _ in range(LONGEST):
                await asyncio.sleep(0.02)
                if len(self._rung) > before:
                    break
        self.now = until
        rung, self._rung[:] = list(self._rung), []
        told = {"text": "\n".join(each.text for each in rung), "speech": " ".join(each.speech for each in rung)}
        return {"intent": "", "outcome": "", "follow_up": False, **told}


async def _answer(app: Any, time: _Time, request: dict[str, Any]) -> dict[str, Any]:
    if request["do"] == "ring":
        return await time.ring(request.get("until", request["now"]))
    if request["do"] == "resume_session":
        reply = await app.resume_session(request["session"])
        return {"intent": "", "outcome": "", **_told(reply)} if reply else {"intent": "", "outcome": "", **_NOTHING}
    result = await app.respond(_turn(request, time.now))
    decision = result.decision
    heard = result.turn.transcript.text if result.turn.transcript else ""
    told = {"intent": decision.intent, "outcome": decision.outcome, "heard": heard, **_told(result.reply)}
    return {**told, "notices": list(result.notices)}


_NOTHING = {"text": "", "speech": "", "follow_up": False}


def _told(reply: Any) -> dict[str, Any]:
    return {"text": reply.text, "speech": reply.spoken, "follow_up": reply.follow_up}


def _turn(request: dict[str, Any], now: float | None) -> Any:
    from assistant.inputs.audio_file import read_audio
    from assistant.inputs.image_file import read_picture
    from assistant.types import Turn

    clip = read_audio(request["audio"]) if request["audio"] else None
    pictures = tuple(read_picture(path) for path in request["pictures"])
    turn = Turn(session=request["session"], text=request["text"], audio=clip, images=pictures)
    return turn if now is None else replace(turn, at=now)


def _write(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message, ensure_ascii=False) + "\n")
    answers.flush()


def main() -> None:
    """Serve until the input ends. What plugins print goes to stderr."""
    answers, sys.stdout = sys.stdout, sys.stderr
    while home := asyncio.run(_serve(sys.stdin, answers)):
        os.environ["ASSISTANT_HOME"] = home


if __name__ == "__main__":
    main()
