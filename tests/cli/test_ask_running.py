"""``assistant ask`` beside a running assistant."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from PIL import Image

from assistant.errors import ImageError
from assistant.events import ReplyPart
from assistant.folders import runtime_dir
from assistant.settings import Settings
from assistant.terminal.answer_socket import answer_others

Assistant = Callable[..., Result]


@contextmanager
def running(app: Any) -> Iterator[Any]:
    """An assistant that runs and answers others, on a thread of its own."""
    ready, loop, ended = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with answer_others(app):
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    app.settings = Settings()
    thread.start()
    assert ready.wait(10)
    try:
        yield app
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()


@pytest.fixture
def resident(fake_app: Callable[[], Any], home: Path) -> Iterator[Any]:
    with running(fake_app()) as app:
        yield app


def test_the_running_assistant_answers_with_the_same_output(
    assistant: Assistant, app: list[Any], resident: Any, tmp_path: Path
) -> None:
    Image.new("RGB", (20, 10), "blue").save(tmp_path / "cup.png")
    question = ("ask", "what is this", "--image", str(tmp_path / "cup.png"), "--session", "trip")
    beside, alone = assistant(*question), assistant(*question, "--alone")
    assert beside.exit_code == alone.exit_code == 0
    assert beside.stdout == alone.stdout
    (turn,) = resident.turns
    assert (turn.text, len(turn.images), turn.session) == ("what is this", 1, "trip")
    assert len(app) == 1


def test_each_question_is_a_conversation_of_its_own(assistant: Assistant, app: list[Any], resident: Any) -> None:
    for _ in range(2):
        assert assistant("ask", "hello").exit_code == 0
    first, second = resident.turns
    assert first.session != second.session
    assert not app


def test_a_relative_path_is_meant_from_where_the_command_runs(
    assistant: Assistant, app: list[Any], resident: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (20, 10), "blue").save(tmp_path / "cup.png")
    monkeypatch.chdir(tmp_path)
    assert assistant("ask", "look", "--image", "cup.png").exit_code == 0
    assert len(resident.turns) == 1


def test_its_errors_are_the_commands_errors(assistant: Assistant, app: list[Any], resident: Any) -> None:
    done = assistant("ask", "look", "--image", "/nowhere/cup.png")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert not app


def test_other_settings_in_the_environment_are_answered_alone(
    assistant: Assistant, app: list[Any], resident: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = iter([{"ASSISTANT_TEXT__MAX_CHARS": "5"}, {}]), "assistant.terminal.answer_socket._environment"
    monkeypatch.setattr(there, lambda: next(here))
    assert assistant("ask", "hello").exit_code == 0
    assert (len(resident.turns), len(app)) == (0, 1)


def test_one_that_fails_to_answer_is_not_asked_twice(
    assistant: Assistant, app: list[Any], resident: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def respond(turn: Any) -> Any:
        raise ImageError("No such picture.")

    monkeypatch.setattr(resident, "respond", respond)
    done = assistant("ask", "hello")
    assert (done.exit_code, done.stderr) == (1, "Error: No such picture.\n")
    assert not app


def test_a_socket_left_behind_by_a_killed_one_is_no_obstacle(assistant: Assistant, app: list[Any], home: Path) -> None:
    import socket

    runtime_dir().mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(runtime_dir() / "ask.sock"))
    assert assistant("ask", "hello").exit_code == 0
    assert len(app) == 1


def test_the_first_of_two_running_ones_answers(
    assistant: Assistant, app: list[Any], resident: Any, fake_app: Callable[[], Any]
) -> None:
    with running(fake_app()) as second:
        assistant("ask", "hello")
        assert (len(resident.turns), len(second.turns)) == (1, 0)
    assistant("ask", "still there?")
    assert len(resident.turns) == 2
    assert oct(os.stat(runtime_dir() / "ask.sock").st_mode & 0o777) == "0o600"


def test_a_reply_that_comes_piece_by_piece_is_shown_as_it_comes_and_once(
    assistant: Assistant, app: list[Any], resident: Any
) -> None:
    async def drip(turn: Any) -> str:
        for start, piece in ((0, "Two "), (4, "drops")):
            resident.bus.publish(ReplyPart(turn=turn.id, session="s", text=piece, speech=piece, start=start))
        return "Two drops. And a rest."

    resident.answer = drip
    assert assistant("ask", "hello").stdout == "Two drops. And a rest.\n"
    assert '"text": "Two drops. And a rest."' in assistant("ask", "hello", "--json").stdout
    assert not app
