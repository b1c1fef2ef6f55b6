"""Real keys at a real prompt."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.formatted_text import fragment_list_to_text

from assistant.errors import ModelUnavailable, TextError
from assistant.repl.dispatch import take
from assistant.repl.toolbar import toolbar
from assistant.types import Reply, Turn

MakeDesk = Callable[..., Any]


def texts(desk: Any) -> list[str]:
    return [turn.text for turn in desk.app.turns]


def test_a_typed_line_is_answered(desk: MakeDesk) -> None:
    async def talk() -> None:
        at = desk()
        await at.press("where is my order\r")
        assert texts(at) == ["where is my order"]
        assert "You said 'where is my order'." in at.shown
        assert "shop.order" not in at.shown
        assert at.app.closed

    asyncio.run(talk())


def test_what_decided_is_shown_when_asked_for(desk: MakeDesk) -> None:
    async def talk() -> None:
        at = desk(detailed=True)
        await at.press("where is my order\r")
        assert "shop.order · 91% · text 75% image 25% · 42 ms" in at.shown

    asyncio.run(talk())


@pytest.mark.parametrize(
    ("lang", "said"), [("en_GB.UTF-8", "“where is my order”"), ("zh_CN.UTF-8", "“我的订单到哪里了”")]
)
def test_a_conversation_opens_with_what_may_be_said_and_what_is_open(
    desk: MakeDesk, monkeypatch: pytest.MonkeyPatch, lang: str, said: str
) -> None:
    monkeypatch.setenv("LC_ALL", lang)

    async def talk() -> None:
        at = desk()
        at.app.set_aside = ["shop.order", "gone.plugin"]
        await at.press("hello\r", pause=0.1)
        assert said in at.shown
        assert "Does shop.order" in at.shown
        assert "gone.plugin" not in at.shown

    asyncio.run(talk())


def test_alt_enter_and_a_trailing_backslash_begin_a_new_line(desk: MakeDesk) -> None:
    async def talk() -> None:
        at = desk()
        await at.press("one\x1b\rtwo\\\rthree\r")
        assert texts(at) == ["one\ntwo\nthree"]

    asyncio.run(talk())


def test_ctrl_c_clears_the_line_and_hints_on_an_empty_one(desk: MakeDesk) -> None:
    async def talk() -> None:
        at = desk()
        await at.press("forget this\x03", "\x03", "remember this\r")
        assert texts(at) == ["remember this"]
        assert at.shown.count("Ctrl-D or /quit leaves.") == 1

    asyncio.run(talk())


def test_ctrl_c_stops_the_turn_and_the_session_goes_on(desk: MakeDesk, picture: Path) -> None:
    async def hang(turn: Turn) -> str:
        if turn.text == "hang":
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(30)
        return "fine"

    async def talk() -> None:
        at = desk()
        at.app.answer = hang
        await at.press(f"/image {picture}\r", "hang\r", "go on\r")
        assert texts(at) == ["hang", "go on"]
        assert "Stopped." in at.shown
        assert "fine" in at.shown
        assert len(at.app.turns[1].images) == 1, "what was attached to the stopped turn waits again"

    asyncio.run(talk())


def test_a_line_typed_before_the_models_are_loaded_waits_for_them(desk: MakeDesk) -> None:
    async def talk() -> None:
        at = desk(lambda app: app.loaded.clear())

        async def load() -> None:
            await asyncio.sleep(0.2)
            assert at.app.loading
            assert not at.app.turns
            at.app.loaded.set()

        await asyncio.gather(at.press("early\r"), load())
        assert texts(at) == ["early"]

    asyncio.run(talk())


def test_models_that_cannot_be_loaded_are_one_line_each_time(desk: MakeDesk) -> None:
    async def talk() -> None:
        at = desk(lambda app: setattr(app, "failure", ModelUnavailable("minilm is out of reach")))
        await at.press("hello\r", "/help\r", "again\r")
        assert at.shown.count("Error: minilm is out of reach") == 2
        assert "/record [SECONDS]" in at.shown

    asyncio.run(talk())


@pytest.mark.parametrize("error", [TextError("too long"), RuntimeError("a bug")])
def test_an_error_is_one_line_and_the_session_goes_on(desk: MakeDesk, error: Exception) -> None:
    def fail(turn: Turn) -> str:
        if turn.text == "fail":
            raise error
        return "fine"

    async def talk() -> None:
        at = desk()
        at.app.answer = fail
        await at.press("fail\r", "go on\r")
        expected = "Error: too long" if isinstance(error, TextError) else "Error: Sorry, something went wrong"
        assert expected in at.shown
        assert "Traceback" not in at.shown
        assert "fine" in at.shown

    asyncio.run(talk())


def test_the_question_left_open_is_asked_again(desk: MakeDesk) -> None:
    async def talk() -> None:
        at = desk(lambda app: setattr(app, "open_question", Reply("What is the order number?")))
        await at.press("hello\r")
        assert "We were here: What is the order number?" in at.shown

    asyncio.run(talk())


def test_an_attached_picture_waits_for_its_words(desk: MakeDesk, picture: Path, recording: Path) -> None:
    async def talk() -> None:
        at = desk()
        await at.press(f"'{picture}'\r", f"/audio {recording}\r", "what is this\r", "and now\r")
        first, second = at.app.turns
        assert (first.text, len(first.images), round(first.audio.duration)) == ("what is this", 1, 1)
        assert (second.text, len(second.images), second.audio) == ("and now", 0, None)
        assert "Attached a red cup.png (40 × 30)" in at.shown

    asyncio.run(talk())


def test_enter_alone_sends_what_is_attached_and_nothing_else(desk: MakeDesk, picture: Path) -> None:
    async def talk() -> None:
        at = desk()
        await at.press("\r", f"/image {picture}\r", "\r", "\r")
        assert [(turn.text, len(turn.images)) for turn in at.app.turns] == [("", 1)]

    asyncio.run(talk())


def test_a_damaged_picture_is_one_line_and_the_session_goes_on(desk: MakeDesk, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(30))

    async def talk() -> None:
        at = desk()
        await at.press(f"{damaged}\r", f"/image {tmp_path / 'none.png'}\r", "hello\r")
        assert at.shown.count("Error: ") == 2
        assert "damaged.png" in at.shown
        assert texts(at) == ["hello"]

    asyncio.run(talk())


def test_tab_completes_commands_phrases_and_paths(desk: MakeDesk, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "kettle.png").write_bytes(b"")

    async def talk() -> None:
        at = desk()
        await at.press("where", "\t", "12\r", "/ima", "\t", "\r", f"{tmp_path}", "\t", "\r", "\t", "\r", pause=0.2)
        assert texts(at) == ["where is my order 12"]
        assert "kettle.png is empty" in at.shown, "Enter went into the folder, and Tab found its one picture"

    asyncio.run(talk())


def test_the_toolbar_tells_models_plugins_attachments_and_time(desk: MakeDesk, picture: Path) -> None:
    async def talk() -> None:
        at = desk()

        def bar() -> str:
            return fragment_list_to_text(toolbar(at.conversation)).strip()

        assert bar() == "starting…"
        at.app.loaded.clear()
        await at.conversation.loader.opened()
        at.conversation.refresh()
        assert bar() == "loading models… · 1 plugin · failed: weather"
        at.app.loaded.set()
        await take(at.conversation, "hello")
        await take(at.conversation, f"/image {picture}")
        await take(at.conversation, "/speak on")
        await take(at.conversation, "/session trip")
        assert bar() == "models ready · 1 plugin · failed: weather · 1 file attached · 42 ms · speaking · trip"
        await at.conversation.loader.close()

    asyncio.run(talk())


def test_a_picture_that_is_not_there_is_told_and_not_read_as_words(desk: MakeDesk) -> None:
    async def talk() -> None:
        at = desk()
        assert not await take(at.conversation, "what is this? /nowhere/cup.png")
        assert "There is no file /nowhere/cup.png" in at.shown
        assert not at.app.turns
        await at.conversation.loader.close()

    asyncio.run(talk())


@pytest.mark.parametrize("line", ["he is not breathing", "he is not breathing, look: /nowhere/him.png"])
def test_an_emergency_waits_for_no_weights_and_no_picture(desk: MakeDesk, line: str) -> None:
    async def talk() -> None:
        at = desk(lambda app: setattr(app, "failure", ModelUnavailable("No weights.")))
        await take(at.conversation, line)
        assert [turn.text for turn in at.app.turns] == [line]
        await take(at.conversation, "hello")
        assert "No weights." in at.shown
        assert len(at.app.turns) == 1
        await at.conversation.loader.close()

    asyncio.run(talk())
