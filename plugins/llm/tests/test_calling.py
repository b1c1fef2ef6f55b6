"""Tools that a model calls: each shown, counted, and cut when they go round in circles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assistant import Reply, UserError
from assistant.plugins.tools import Tool
from assistant.testing import FakeServices

from .conftest import Server, ask, call

TELL = Tool("clock.tell_time", "Tell the time.", {"type": "object", "properties": {"place": {"type": "string"}}})
WIPE = Tool("lists.wipe", "Wipe the list.", {"type": "object", "properties": {}}, acts=True)


class Called(list[Any]):
    """Records tool calls; returns the time, or refuses."""

    def services(self) -> FakeServices:
        def tell(arguments: Any) -> Reply:
            self.append(arguments)
            return Reply(f"It is {len(self)} o'clock.")

        def wipe(arguments: Any) -> Reply:
            raise UserError("Not done: the user did not ask for lists.wipe in their own words.")

        return FakeServices(toolbox={TELL: tell, WIPE: wipe})


def calling(*calls: dict[str, Any], then: str = "Done.") -> Any:
    """A model that makes these calls first, one message each, and then speaks."""

    def script(asked: dict[str, Any]) -> list[Any]:
        done = sum(message["role"] == "assistant" and "tool_calls" in message for message in asked["messages"])
        return [calls[done]] if done < len(calls) else [then]

    return script


def test_a_tool_is_called_shown_and_its_result_goes_back(server: Server) -> None:
    server.script, called = calling(call("clock.tell_time", {"place": "Lima"}), then="One o'clock."), Called()
    reply, notices = ask("what time is it in Lima", services=called.services(), url=server.url)
    assert called == [{"place": "Lima"}]
    assert reply is not None
    assert reply.text.startswith(
        '[clock.tell_time({"place": "Lima"}): It is 1 o\'clock.]\nOne o\'clock.\n\n[Answered by'
    )
    assert "clock.tell_time" not in reply.speech
    offered = server.asked[0]["tools"]
    assert [each["function"]["name"] for each in offered] == ["clock__tell_time", "lists__wipe"]
    *_, said, result = server.asked[1]["messages"]
    assert said["tool_calls"][0]["function"] == {"name": "clock__tell_time", "arguments": '{"place": "Lima"}'}
    assert result["role"] == "tool"
    assert result["tool_call_id"] == said["tool_calls"][0]["id"]
    assert result["content"].endswith("It is 1 o'clock.")
    assert notices == []


def test_a_call_may_come_in_pieces_and_several_at_once(server: Server) -> None:
    def script(asked: dict[str, Any]) -> list[Any]:
        if len(server.asked) > 1:
            return ["Two times."]
        first, second = call("clock.tell_time", '{"pla', 0), call("clock.tell_time", {"place": "Oslo"}, 1)
        rest = {"tool_calls": [{"index": 0, "function": {"arguments": 'ce": "Lima"}'}}]}
        return ["Let me look. ", first, second, rest]

    server.script, called = script, Called()
    reply, _ = ask("what time is it in Lima and Oslo", services=called.services(), url=server.url)
    assert called == [{"place": "Lima"}, {"place": "Oslo"}]
    assert reply is not None
    assert "Let me look. \n[clock.tell_time" in reply.text


def test_a_loop_over_the_same_call_is_cut(server: Server) -> None:
    server.script, called = (lambda asked: [call("clock.tell_time", {"place": "Lima"})]), Called()
    reply, _ = ask("what time is it", services=called.services(), url=server.url)
    assert len(called) == 1
    assert reply is not None
    assert "kept calling tools" in reply.text
    assert len(server.asked) <= 3


def test_no_more_calls_than_the_setting_says(server: Server) -> None:
    def script(asked: dict[str, Any]) -> list[Any]:
        return [call("clock.tell_time", {"place": f"town {len(server.asked)}"})]

    server.script, called = script, Called()
    reply, _ = ask("what time is it", services=called.services(), url=server.url, tools=3)
    assert len(called) == 3
    assert reply is not None
    assert reply.text.count("[clock.tell_time(") == 3
    assert "stopped after 3 calls" in reply.text
    assert "tools" not in server.asked[-1]


@pytest.mark.parametrize(
    ("name", "arguments", "shown"),
    [
        ("clock.tell_time", '{"place": ', "the arguments are no short JSON object"),
        ("clock.tell_time", "[1, 2]", "the arguments are no short JSON object"),
        ("clock.tell_time", json.dumps({f"a{n}": "x" * 50 for n in range(200)}), "no short JSON object"),
        ("no.such_tool", "{}", "There is no tool 'no.such_tool'."),
        ("", "{}", "There is no tool ''."),
        ("lists.wipe", "{}", "Not done: the user did not ask for lists.wipe in their own words."),
    ],
)
def test_a_bad_call_is_shown_and_told_to_the_model(server: Server, name: str, arguments: str, shown: str) -> None:
    server.script, called = calling(call(name, arguments), then="I could not."), Called()
    reply, notices = ask("what time is it", services=called.services(), url=server.url)
    assert called == []
    assert reply is not None
    assert shown in reply.text
    assert "I could not." in reply.text
    assert shown in server.asked[1]["messages"][-1]["content"]
    assert notices == []


def test_tools_can_be_turned_off(server: Server) -> None:
    ask("what time is it", services=Called().services(), url=server.url, tools=0)
    assert "tools" not in server.asked[0]
