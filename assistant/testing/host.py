"""The real assistant in a process of its own: turns come in as JSON lines, answers go out as JSON lines.

``python -m assistant.testing.host``, started by `ScenarioRunner`, and killed by it where a conversation says so.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, TextIO

from assistant.errors import UserError

__all__ = ["main"]


async def _serve(lines: TextIO, answers: TextIO) -> None:
    from assistant.app import App

    app = await App.open()
    try:
        await app.wait_ready()
        _write(answers, {"ready": True})
        while line := await asyncio.to_thread(lines.readline):
            request = json.loads(line)
            try:
                _write(answers, await _answer(app, request))
            except UserError as error:
                _write(answers, {"error": str(error)})
    finally:
        await app.close()


async def _answer(app: Any, request: dict[str, Any]) -> dict[str, Any]:
    if request["do"] == "resume_session":
        reply = await app.resume_session(request["session"])
        return {"intent": "", "outcome": "", **_told(reply)} if reply else {"intent": "", "outcome": "", **_NOTHING}
    result = await app.respond(_turn(request))
    decision = result.decision
    heard = result.turn.transcript.text if result.turn.transcript else ""
    told = {"intent": decision.intent, "outcome": decision.outcome, "heard": heard, **_told(result.reply)}
    return {**told, "notices": list(result.notices)}


_NOTHING = {"text": "", "speech": "", "follow_up": False}


def _told(reply: Any) -> dict[str, Any]:
    return {"text": reply.text, "speech": reply.spoken, "follow_up": reply.follow_up}


def _turn(request: dict[str, Any]) -> Any:
    from assistant.inputs.audio_file import read_audio
    from assistant.inputs.image_file import read_picture
    from assistant.types import Turn

    clip = read_audio(request["audio"]) if request["audio"] else None
    pictures = tuple(read_picture(path) for path in request["pictures"])
    return Turn(session=request["session"], text=request["text"], audio=clip, images=pictures)


def _write(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message, ensure_ascii=False) + "\n")
    answers.flush()


def main() -> None:
    """Serve until the input ends. What plugins print goes to stderr."""
    answers, sys.stdout = sys.stdout, sys.stderr
    asyncio.run(_serve(sys.stdin, answers))


if __name__ == "__main__":
    main()
