"""The conversation through a pipe."""

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.events import ReplyPart
from assistant.repl.plain import converse_plain
from assistant.types import Turn


def piped(make: Callable[..., Any], data: bytes) -> tuple[Any, int]:
    async def talk() -> tuple[Any, int]:
        desk = make(brief=True)
        return desk, await asyncio.wait_for(converse_plain(desk.conversation, io.BytesIO(data)), 20)

    return asyncio.run(talk())


def test_each_line_is_a_turn_and_only_replies_are_shown(desk: Callable[..., Any]) -> None:
    at, code = piped(desk, b"one\n\ntwo")
    assert at.shown == "You said 'one'.\nYou said 'two'.\n"
    assert code == 0
    assert at.app.closed


def test_a_bad_line_is_reported_and_the_others_are_answered(desk: Callable[..., Any]) -> None:
    at, code = piped(desk, b"\xff\xfe\n/nonsense\ngood\n/quit\nnever\n")
    assert "Error: A line is not UTF-8 text" in at.shown
    assert "Error: There is no command /nonsense" in at.shown
    assert [turn.text for turn in at.app.turns] == ["good"]
    assert code == 1


def test_what_is_attached_at_the_end_is_sent(desk: Callable[..., Any], picture: Path) -> None:
    at, _ = piped(desk, f"/image {picture}\n".encode())
    assert [len(turn.images) for turn in at.app.turns] == [1]


def test_replies_cannot_command_the_terminal(desk: Callable[..., Any]) -> None:
    async def talk() -> str:
        at = desk(brief=True)
        at.app.answer = lambda turn: "\x1b[2Jred \x1b]0;title\x07\x00line\r\nnext [bold]x[/bold] :smile:"
        await at.conversation.turn(Turn(text="x").text)
        await at.conversation.loader.close()
        return at.shown

    assert asyncio.run(talk()) == "red line\nnext [bold]x[/bold] :smile:\n"


def test_a_pipe_of_commands_needs_no_terminal(tmp_path: Path) -> None:
    environment = os.environ | {"ASSISTANT_HOME": str(tmp_path), "ASSISTANT_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "assistant"],
        input="/help\n/speak maybe\n/quit\n",
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert "/record [SECONDS]" in done.stdout
    assert done.stderr == "Error: Use /speak on or /speak off.\n"
    assert done.returncode == 1
    assert oct((tmp_path / "data").stat().st_mode & 0o777) == "0o700"


def test_a_reply_is_shown_while_it_comes_and_once(desk: Callable[..., Any]) -> None:
    async def talk() -> tuple[str, str]:
        at = desk(brief=True)

        async def drip(turn: Turn) -> str:
            for at_, piece in ((0, "Two "), (4, "drops")):
                at.app.bus.publish(ReplyPart(turn=turn.id, session="s", text=piece, speech=piece, start=at_))
            halfway.append(at.shown)
            return "Two drops. And a rest."

        halfway: list[str] = []
        at.app.answer = drip
        await at.conversation.turn("x")
        await at.conversation.loader.close()
        return halfway[0], at.shown

    assert asyncio.run(talk()) == ("Two drops", "Two drops. And a rest.\n")
