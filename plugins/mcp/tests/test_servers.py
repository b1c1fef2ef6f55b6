"""Tests real servers, made with the SDK, over stdio and HTTP: permission, confirmation, results, and harmful ones."""

from __future__ import annotations

import asyncio
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant import PluginError, Turn, UserError
from assistant.intents.slots import slot_question
from assistant.testing import FakeDialogue

from .home import KINDS, Home, Live

pytest.importorskip("mcp", reason="needs the extra [mcp]")


def server(kind: str, **more: Any) -> dict[str, Any]:
    return {"command": sys.executable, "args": [KINDS, kind], **more}


def test_a_tool_is_an_intent_that_its_words_fill(live: Live) -> None:
    async def work(home: Home) -> None:
        weather = home.intent("useful_get_weather")
        assert weather.acts is False
        assert weather.summary == "Get the weather of a city."
        assert [(slot.name, slot.required, slot.choices) for slot in weather.slots] == [
            ("city", True, ()),
            ("unit", False, ("celsius", "fahrenheit")),
        ]
        assert home.intent("useful_write_note").acts is True
        assert "mcp.useful_place_parcel" not in {each.name for each in home.manager.intents}  # takes an object
        reply = await home.ask("useful_get_weather", "get the weather of Lisbon in fahrenheit", "once")
        assert reply.text.startswith("It is sunny in Lisbon")
        assert reply.text.endswith("[From the MCP server useful, tool get_weather]")
        assert reply.speech.startswith("It is sunny in Lisbon")
        assert (await home.ask("useful_add", "add 3 and 4", "once")).speech == "7"
        assert (await home.ask("useful_get_weather", "get weather", "Oslo", "once")).text.startswith(
            "It is sunny in Oslo"
        )

    live({"useful": server("useful")}, work)


def test_permission_once_always_and_never_are_kept(live: Live, useful: dict[str, Any], tmp_path: Path) -> None:
    async def first(home: Home) -> None:
        await home.ask("useful_add", "add 1 and 2", "once")
        await home.ask("useful_add", "add 1 and 2", "always")
        assert len(home.asked) == 1
        await home.ask("useful_add", "add 1 and 2")
        assert (
            await home.ask("useful_read_mail", "读邮件", "不允许")
        ).text == "好的，我不会使用“useful”的“read_mail”。"

    async def later(home: Home) -> None:
        assert (await home.ask("useful_add", "add 1 and 2")).speech == "3"
        assert "forbidden" in (await home.ask("useful_read_mail", "read mail")).text

    live(useful, first)
    live(useful, later)
    kept = tmp_path / "data" / "permissions.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_tool_that_may_change_something_asks_each_time(live: Live, useful: dict[str, Any], wall: Path) -> None:
    async def work(home: Home) -> None:
        said = "write a note buy milk"
        assert (await home.ask("useful_write_note", said, "always", "no")).text == "All right, nothing was done."
        assert (await home.ask("useful_write_note", said, "yes")).text.startswith("Written: buy milk")
        assert home.asked == ["Let “useful” run “write_note” with text = buy milk?"]
        with pytest.raises((AssertionError, PluginError)):  # a second yes is needed for a second note
            await home.ask("useful_write_note", said)

    live(useful, work)
    assert wall.read_text().count("buy milk") == 1


def test_what_was_cut_off_in_the_middle_is_not_done_again(live: Live, useful: dict[str, Any], wall: Path) -> None:
    async def work(home: Home) -> None:
        intent = home.intent("useful_write_note")
        dialogue = FakeDialogue(["once", "yes"])
        dialogue.done["begun"] = "another run of the program"
        with pytest.raises(UserError, match="Check whether it was done; I have not run it again"):
            await home.manager.answer(intent, Turn(text="write a note x"), {"text": "cut off"}, dialogue)

    live(useful, work)
    assert "cut off" not in (wall.read_text() if wall.exists() else "")


def test_results_are_plain_bounded_and_from_somebody(live: Live, useful: dict[str, Any]) -> None:
    async def work(home: Home) -> None:
        assert (await home.ask("useful_colours", "colours", "once")).text.startswith("red and green\n[From")
        story = await home.ask("useful_long_story", "long story", "once")
        assert len(story.text) < 20_000
        assert len(story.speech) < 500
        kept.append(Path(story.attachments[0]))
        failed = await home.ask("useful_fail", "fail", "once")
        assert failed.text.startswith("“fail” of “useful” says that it failed")
        assert failed.data["failed"] is True

    kept: list[Path] = []
    live(useful, work)
    assert len(kept[0].read_text()) == len("Once upon a time. " * 5_000) - 1
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600


def running(kind: str) -> int:
    return len(subprocess.run(["pgrep", "-f", f"{KINDS} {kind}"], capture_output=True).stdout.split())


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("hangs", "The MCP server it cannot be used: it did not answer within 1 s."),
        ("dies", "The MCP server it cannot be used: Connection closed (out of paper)."),
        ("floods", "The MCP server it cannot be used: it sent a message of more than 4 million bytes."),
        ("lies", "The MCP server it did not do that: Invalid structured content returned by tool fine"),
    ],
)
def test_a_server_that_harms_gets_one_line_and_harms_no_other(
    live: Live, useful: dict[str, Any], kind: str, said: str
) -> None:
    async def work(home: Home) -> None:
        tool = "it_fine" if kind == "lies" else "it_work"
        with pytest.raises(UserError) as failed:
            await home.ask(tool, "work", "once")
        assert str(failed.value).startswith(said)
        assert "\n" not in str(failed.value)
        assert (await home.ask("useful_add", "add 3 and 4", "once")).speech == "7"
        with pytest.raises(UserError, match=r"cannot be used|did not do that"):  # started anew, it fails again
            await home.ask(tool, "work", "once")
        if kind != "lies":
            with pytest.raises(UserError, match="it is tried again in"):
                await home.ask(tool, "work", "once")
        assert await asyncio.to_thread(running, kind) <= 1

    live({**useful, "it": server(kind, seconds=1)}, work)
    assert running(kind) == 0


def test_a_list_of_nonsense_leaves_what_makes_sense(live: Live) -> None:
    async def work(home: Home) -> None:
        names = [each.name for each in home.manager.intents]
        assert names == ["mcp.lies_fine", "mcp.lies_odd"]
        [slot] = home.intent("lies_odd").slots
        assert slot.name == "the_turn"
        assert not slot_question(home.intent("lies_odd"), slot).startswith("What is your password")

    live({"lies": server("lies")}, work)


def test_200_arguments_are_no_intent_and_200_optional_ones_a_few(live: Live) -> None:
    async def work(home: Home) -> None:
        assert {each.name for each in home.manager.intents} == {"mcp.many_work", "mcp.many_optional"}
        assert len(home.intent("many_optional").slots) == 12

    live({"many": server("many")}, work)


def test_tools_that_come_while_it_runs_are_intents_at_the_next_turn(live: Live) -> None:
    async def work(home: Home) -> None:
        await home.ask("grows_work", "work", "once")
        for _ in range(250):
            if home.manager.refresh():
                break
            await asyncio.sleep(0.02)
        assert home.intent("grows_more_work").acts is False

    live({"grows": server("grows")}, work)


def test_a_tool_that_is_another_by_now_is_not_called_and_asks_anew(live: Live, tmp_path: Path) -> None:
    servers = {"turns": server("turns", env={"MARKER": str(tmp_path / "marker")})}

    async def first(home: Home) -> None:
        await home.ask("turns_work", "work", "always")

    async def second(home: Home) -> None:
        with pytest.raises(UserError, match="has changed its tool work: ask again"):
            await home.ask("turns_work", "work")
        home.manager.refresh()
        await home.ask("turns_work", "work", "once")
        assert home.asked[0].startswith(
            "May I use “work” of the MCP server “turns”? It has changed. Its description: “Sends"
        )

    live(servers, first)
    live(servers, second)


def test_a_start_asks_no_server_that_is_known(live: Live, useful: dict[str, Any]) -> None:
    async def nothing(home: Home) -> None:
        pass

    async def known(home: Home) -> None:
        assert home.intent("useful_add")
        module = home.manager.all[0].module
        assert not any(each.connected for each in module._running[0].connections.values())

    live(useful, nothing)
    live(useful, known)
