"""Tests lines that begin with a slash."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assistant.errors import DeviceError
from assistant.intents.own_examples import OwnExamples
from assistant.repl.commands import COMMANDS
from assistant.repl.dispatch import take
from assistant.storage import StoredTurn
from assistant.types import AudioClip

MakeDesk = Callable[..., Any]


def said(make: MakeDesk, *lines: str, **options: Any) -> Any:
    """A desk at which these lines were said."""

    async def talk() -> Any:
        desk = make(**options)
        for line in lines:
            await take(desk.conversation, line)
        await desk.conversation.loader.close()
        return desk

    return asyncio.run(talk())


def test_every_command_is_in_the_help(desk: MakeDesk) -> None:
    shown = said(desk, "/help").shown
    for command in COMMANDS.values():
        assert command.summary.endswith(".")
        assert f"/{command.name}" in shown
        assert command.summary in shown


def test_an_unknown_command_offers_the_nearest(desk: MakeDesk) -> None:
    assert "There is no command /imgae; did you mean /image?" in said(desk, "/imgae cup.png").shown
    at = said(desk, "/xyzzy")
    assert "/help lists them" in at.shown
    assert not at.app.turns


def test_why_shows_shares_alternatives_and_words(desk: MakeDesk) -> None:
    shown = said(desk, "/why", "where is my order", "/why").shown
    assert "nothing to explain yet" in shown
    lines = shown[shown.index("Decided by") :].splitlines()
    assert lines[0] == "Decided by model: shop.order (91%)"
    text = next(line for line in lines if "text  " in line)
    assert (text.count("█"), text.count("░")) == (18, 6), "75% of 24 characters"
    assert any("shop.buy" in line and "6%" in line for line in lines)
    where, order = (next(line for line in lines if line.strip().startswith(word)) for word in ("where ", "order "))
    assert "where is my order" in shown
    assert order.count("█") == 24, "the word that counted most fills its bar"
    assert where.count("█") < order.count("█")


def test_why_draws_a_picture_into_the_file_it_names(desk: MakeDesk, tmp_path: Path) -> None:
    file = tmp_path / "why.png"
    shown = said(desk, "where is my order", f"/why {file}").shown
    assert f"Drawn: {file}" in " ".join(shown.split())
    with Image.open(file) as picture:
        assert picture.width == 1200
    terminal = tmp_path / "why.svg"
    assert f"Drawn: {terminal}" in " ".join(said(desk, "where is my order", f"/why {terminal}").shown.split())
    assert "Decided" in terminal.read_text("utf-8")
    missing = file / "why.svg"  # below a file, which is no folder
    assert "File exists" in said(desk, "where is my order", f"/why {missing}").shown
    assert "is not a picture's name" in said(desk, "where is my order", f"/why {tmp_path / 'why.exe'}").shown


def test_plugins_names_those_that_failed_and_why(desk: MakeDesk) -> None:
    shown = said(desk, "/plugins").shown
    assert "Shop: Sells kettles." in shown
    assert "Does shop.order.  “where is my order …”" in shown
    assert "weather [failed]" in shown
    assert "SyntaxError in line 3" in shown


def test_speak_says_replies_aloud_until_it_is_off(desk: MakeDesk) -> None:
    at = said(desk, "one", "/speak on", "two", "/speak off", "three", "/speak loud")
    assert at.app.spoken == ["You said 'two'."]
    assert "Error: Use /speak on or /speak off." in at.shown


def test_session_changes_the_conversation_and_keeps_what_is_attached(desk: MakeDesk, picture: Any) -> None:
    at = said(desk, "one", f"/image {picture}", "/session trip", "two", "/session " + "x" * 200)
    assert [(turn.session, len(turn.images)) for turn in at.app.turns] == [("default", 0), ("trip", 1)]
    assert "at most 100 characters" in at.shown


def test_history_shows_the_stored_turns(desk: MakeDesk) -> None:
    stored = StoredTurn("1", "default", 0.0, "hello", None, (), None, "answered", "shop.order", 0.5, reply="Hi.")
    stored = replace(stored, latency_ms={"total": 7.0})

    async def talk() -> str:
        at = desk()
        at.app.history.turns = lambda session, limit=None: [stored]
        await take(at.conversation, "/history")
        await at.conversation.loader.close()
        return at.shown

    shown = asyncio.run(talk())
    assert "> hello" in shown
    assert "Hi.\n" in shown
    assert "shop.order" not in shown


def test_commands_of_plugins_run_and_their_mistakes_are_one_line(desk: MakeDesk) -> None:
    at = said(desk, "/greet 'Ada Lovelace'", "/greet", "/greet 'Ada", "/help")
    assert at.app.greeted == ["Ada Lovelace"]
    assert "Error: /greet: Missing argument" in at.shown
    assert "Error: /greet: a closing quotation mark is missing" in at.shown
    assert "Greet somebody." in at.shown


def test_record_attaches_what_the_microphone_heard(desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    import assistant.inputs.live_microphone as microphone

    asked: list[tuple[float, str]] = []

    def record(seconds: float, device: str = "") -> AudioClip:
        asked.append((seconds, device))
        if seconds == 2:
            raise DeviceError("The microphone is busy.")
        return AudioClip(np.zeros(16_000, np.float32), 16_000, "microphone")

    monkeypatch.setattr(microphone, "record", record)
    at = said(desk, "/record", "/record 2", "/record soon", "/record 9999", "listen")
    assert asked == [(5.0, ""), (2.0, "")]
    assert "Error: The microphone is busy." in at.shown
    assert at.shown.count("How long?") == 2
    assert at.app.turns[0].audio is not None


def test_quit_leaves(desk: MakeDesk) -> None:
    assert said(desk, "/quit").conversation.leaving


def test_wrong_remembers_what_a_line_meant_lists_it_and_forgets_it(desk: MakeDesk, tmp_path: Path) -> None:
    own = OwnExamples(tmp_path / "examples.toml")
    lines = ("/wrong buy", "get me one", "/wrong", "/wrong bye", "/wrong buy", "/wrong", "/wrong forget 7")
    shown = said(desk, *lines, prepare=lambda app: setattr(app, "own_examples", own)).shown
    assert "This session has no line yet" in shown
    assert "“get me one” was taken for shop.order" in shown
    assert "shop.buy: Does shop.buy." in shown
    assert "did you mean shop.buy?" in shown
    assert "From now on “get me one” means shop.buy" in shown
    assert "1. “get me one” means shop.buy; /wrong forget 1 takes it back." in shown
    assert "There is no sentence with that number" in shown
    assert own.find("Get me one!") == "shop.buy"
    assert "Forgotten" in said(desk, "/wrong forget 1", prepare=lambda app: setattr(app, "own_examples", own)).shown
    assert own.all() == {}
