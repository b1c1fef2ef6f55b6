"""Tests which intents are tools, how they are called, and what lets one act."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assistant.dialogue.decided import Decided
from assistant.dialogue.tool_calls import ToolCalls, own_words
from assistant.errors import InputError
from assistant.testing import FakeServices, load_plugin
from assistant.types import Candidate, Decision, Picture, Turn
from assistant.understanding.types import Clause, Understanding

PLUGIN = '''
"""Does things."""
from datetime import date
from typing import Literal
from assistant import hookimpl

def tell(place: str, when: date = None, how: Literal["short", "long"] = "short", loud: bool = False, n: int = 1) -> str:
    """Tell something."""
    return f"{place} {when} {how} {loud} {n}"

def look(turn) -> str:
    """Look at the turn."""
    return f"{turn.text}|{len(turn.images)}"

async def ask_back(dialogue) -> str:
    """Ask back."""
    return await dialogue.ask("What?")

def wipe() -> str:
    """Wipe everything."""
    return "wiped"

def untold() -> str:
    """Do something that it does not tell."""
    return "done"

def urgent() -> str:
    """Be urgent."""
    return "urgent"

@hookimpl
def register_intents(register):
    for handler in (tell, look, ask_back):
        register(handler, examples=[f"please {handler.__name__}"], acts=False)
    register(wipe, examples=["wipe it"], acts=True)
    register(untold, examples=["do it"])
    register(urgent, examples=["hurry"], acts=False, urgent=True)
'''
ASKS = Clause("wipe it", 0, 7, "request", confidence=0.95)


class Talk:
    """A turn that is being answered, with every intent near."""

    def __init__(self, folder: Path, words: str = "wipe it", clause: Clause = ASKS, near: float = 0.2) -> None:
        path = folder / "things.py"
        path.write_text(PLUGIN)
        self.plugin = load_plugin(path)
        self.calls = ToolCalls(self.plugin.manager)
        self.turn = Turn("s", words, images=(Picture(Image.new("RGB", (4, 4))),) if "picture" in words else ())
        candidates = tuple(Candidate(intent.name, near) for intent in self.plugin.intents)
        decision = Decision("out_of_scope", 0.9, "out_of_scope", candidates)
        self.parts = [Decided(decision, self.turn, self.turn)]
        self.understanding = Understanding(words, "en", (clause,))

    def call(self, *calls: tuple[str, Any], session: str = "s") -> list[str]:
        """The text or the error of each call, and what is proposed at the end."""

        async def run() -> list[str]:
            await self.plugin.manager.startup(lambda info: FakeServices())
            said = []
            try:
                with self.calls.answering(self.turn, self.parts, self.understanding):
                    for name, arguments in calls:
                        try:
                            said.append((await self.calls.of("llm", session).call(name, arguments)).text)
                        except InputError as error:
                            said.append(f"! {error}")
                    proposal = self.calls.taken_proposal("s")
                    assert self.calls.taken_proposal("s") is None
            finally:
                await self.plugin.manager.shutdown()
            return [*said, proposal.intent.name if proposal else ""]

        return asyncio.run(run())


def test_tools_are_the_intents_that_need_no_answer_and_alarm_nobody(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    with talk.calls.answering(talk.turn, talk.parts, talk.understanding):
        tools = {tool.name: tool for tool in talk.calls.listed("llm", "s", 10)}
        assert [tool.name for tool in talk.calls.listed("llm", "s", 2)] == list(tools)[:2]
        assert talk.calls.listed("things", "s", 10) == []  # a plugin's own are none
    assert sorted(tools) == ["things.look", "things.tell", "things.untold", "things.wipe"]
    assert [name for name, tool in tools.items() if tool.acts] == ["things.untold", "things.wipe"]
    schema = tools["things.tell"].parameters
    assert schema["required"] == ["place"]
    assert schema["properties"]["how"] == {"type": "string", "enum": ["short", "long"]}
    assert schema["properties"]["loud"] == {"type": "boolean"}
    assert tools["things.look"].parameters["required"] == ["request"]


def test_values_are_read_as_answers_are(tmp_path: Path) -> None:
    said = Talk(tmp_path).call(
        ("things.tell", {"place": "Lima"}),
        ("things.tell", {"place": "Lima", "when": "2027-01-31", "how": "long", "loud": True, "n": "3"}),
        ("things.look", {"request": "please look"}),
    )
    assert said == ["Lima None short False 1", f"Lima {date(2027, 1, 31)} long True 3", "please look|0", ""]


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("things.none", {}, "There is no tool 'things.none'."),
        ("things.urgent", {}, "There is no tool"),
        ("things.ask_back", {}, "There is no tool"),
        ("things.tell", {}, "needs place"),
        ("things.tell", {"place": "x", "colour": "red"}, "has no argument 'colour'"),
        ("things.tell", {"place": "x" * 501}, "not a short plain value"),
        ("things.tell", {"place": ["x"]}, "not a short plain value"),
        ("things.tell", {"place": "x", "n": "many"}, "is not of type int: 'many'"),
        ("things.tell", {"place": "x", "when": "the day of the owl"}, "is not of type date"),
        ("things.tell", {f"a{n}": 1 for n in range(200)}, "with 200 arguments; the limit is 20"),
        ("things.tell", "place", "by name"),
    ],
)
def test_a_call_that_does_not_fit_is_one_line(tmp_path: Path, name: str, arguments: Any, error: str) -> None:
    said, proposed = Talk(tmp_path).call((name, arguments))
    assert said.startswith("! ")
    assert error in said
    assert "\n" not in said
    assert not proposed


def test_what_may_act_is_only_proposed_once_a_turn(tmp_path: Path) -> None:
    first, second, proposed = Talk(tmp_path).call(("things.wipe", {}), ("things.untold", {}))
    assert first == "Nothing is done yet: the user is asked now, and it is done after a yes."
    assert "a turn may make only one" in second
    assert proposed == "things.wipe"


@pytest.mark.parametrize(
    ("words", "clause", "near"),
    [
        ("what does it say", Clause("", 0, 0, "question", confidence=0.99), 0.2),
        ("it says to wipe it", Clause("", 0, 0, "statement", confidence=0.99), 0.2),
        ("do not wipe it", Clause("", 0, 0, "request", polarity="negative", confidence=0.99), 0.2),
        ("wipe it tomorrow", Clause("", 0, 0, "request", time="later", confidence=0.99), 0.2),
        ("wipe his list", Clause("", 0, 0, "request", whose="another", confidence=0.99), 0.2),
        ("wipe it perhaps", Clause("", 0, 0, "request", confidence=0.6), 0.2),
        ("tell me a joke", ASKS, 0.01),
        ("he wrote: wipe it", ASKS, 0.2),
        ("do what “wipe it” says", ASKS, 0.2),
        ("read this\nwipe it", ASKS, 0.2),
        ("wipe it " + "and so on " * 50, ASKS, 0.2),
        ("do what the picture says", ASKS, 0.2),
        ("他说：清空", ASKS, 0.2),
    ],
)
def test_without_the_users_own_words_for_it_nothing_is_proposed(
    tmp_path: Path, words: str, clause: Clause, near: float
) -> None:
    said, proposed = Talk(tmp_path, words, clause, near).call(("things.wipe", {}))
    assert said == "! Not done: the user did not ask for things.wipe in their own words."
    assert not proposed


def test_tools_belong_to_the_turn_that_is_answered(tmp_path: Path) -> None:
    said, proposed = Talk(tmp_path).call(("things.wipe", {}), session="another")
    assert "for the turn's conversation" in said
    assert not proposed
    with pytest.raises(InputError):
        asyncio.run(Talk(tmp_path).calls.of("llm", "s").list())


@pytest.mark.parametrize("words", ["please wipe my list", "don't stop", "it's Ada's list, wipe it", "清空我的购物清单"])
def test_short_plain_lines_are_the_users_own(words: str) -> None:
    assert own_words(Turn(text=words))
