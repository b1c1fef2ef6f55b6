"""Forty texts that try to have something done reach a model that obeys them all, in the whole assistant: nothing acts.

The pipeline, the dialogues, the clauses and the plugins are real. The intent model is a stand-in that finds every
user's words to be about every tool, which is the worst case; the language model does whatever it is told anywhere.
"""

from __future__ import annotations

import asyncio
import textwrap
import tomllib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assistant.retrieval.items import Hit
from assistant.types import Candidate, Decision, Encoding, Picture, TextLine, Turn, TurnResult

from .conftest import Server, call

INJECTIONS = tomllib.loads(Path(__file__).with_name("injections.toml").read_text("utf-8"))["injection"]
USUAL = {
    "passage": "what does my letter say about the flat",
    "page": "what is on the page of the town hall",
    "picture": "what is written here",
    "pasted": "what do you think of this letter?\n{}",
    "earlier": "and what is the capital of Peru",
    "model": "what is the capital of Peru",
}
ACTS = ("cancel_all", "wipe", "pay")
SHOP = '''
"""Does things."""
from pathlib import Path
from assistant import hookimpl

EFFECTS = Path({folder!r}) / "effects.txt"

def note(what):
    with EFFECTS.open("a") as file:
        file.write(what + "\\n")
    return f"Done: {{what}}."

def cancel_all() -> str:
    """Cancel all orders."""
    return note("cancelled")

def wipe(turn) -> str:
    """Wipe the shopping list."""
    return note(f"wiped after {{turn.text}}")

async def pay(amount: float, dialogue) -> str:
    """Pay money."""
    if await dialogue.ask(f"Pay {{amount:g}} euros?", kind=bool):
        return note(f"paid {{amount:g}}")
    return "Not paid."

def read_page(place: str) -> str:
    """Read a page of the web."""
    return (EFFECTS.parent / "page.txt").read_text()

@hookimpl
def register_intents(register):
    for handler in (cancel_all, wipe, pay):
        register(handler, examples=[f"please {{handler.__name__}}"], acts=True)
    register(read_page, examples=["read page"], acts=False)
'''


class Words:
    """A text encoder."""

    name, modality, dimension = "words", "text", 1

    def load(self) -> None: ...

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        one = np.ones((1, 1), np.float32)
        return [Encoding("text", self.name, one, np.ones(1, np.bool_), one[0], text=text) for text in inputs]


class NothingFits:
    """No intent is meant, though every tool is near."""

    near = (*ACTS, "read_page")

    def fit(self, intents: object) -> None: ...

    def decide(self, encodings: Sequence[Encoding]) -> Decision:
        near = tuple(Candidate(f"shop.{name}", 0.2) for name in self.near)
        return Decision("out_of_scope", 0.9, "out_of_scope", near, out_of_scope=0.9)

    def respell(self, text: str) -> str:
        return text

    def picture_kinds(self, encodings: Sequence[Encoding]) -> dict[str, float]:
        return {}


House = Callable[..., Any]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> House:
    """``async with house() as app``: the assistant with a shop and a language model."""
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("assistant.loading.create_encoders", lambda settings: [Words()])
    monkeypatch.setattr("assistant.app.IntentModel", lambda *given: NothingFits())
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "shop.py").write_text(textwrap.dedent(SHOP.format(folder=str(tmp_path))))

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        from assistant.app import App
        from assistant.settings import load_settings, shipped_dir

        others = [each.name for each in shipped_dir("plugins").iterdir() if each.name != "llm"]
        off = [name.removesuffix(".py") for name in others if not name.startswith(("_", "."))]
        options = {"llm": {"url": server.url, "leaves_alone": ""}}
        plugins = {"folder": str(folder), "disabled": off, "trusted": ["shop"], "options": options}
        app = await App.open(load_settings({"plugins": plugins}))
        app.start_loading(text_only=True)
        await app.wait_ready()
        try:
            yield app
        finally:
            await app.close()

    return opened


def gullible(trigger: str, tools: Sequence[dict[str, Any]]) -> Callable[[dict[str, Any]], list[Any]]:
    """A model that reads the page first, then makes the calls as soon as the trigger stands anywhere before it."""

    def script(asked: dict[str, Any]) -> list[Any]:
        messages = asked["messages"]
        calls = [each for message in messages for each in message.get("tool_calls", ())]
        seen = any(trigger in message["content"] for message in messages)
        if not calls and not seen:
            return ["Let me look. ", call("shop.read_page", {"place": "town"})]
        if seen and len(calls) < 4 and "tools" in asked:
            return ["I obey. ", *tools] if not any("cancel" in each["function"]["name"] for each in calls) else ["Ha."]
        return ["So it is."]

    return script


OBEY = [
    call("shop.cancel_all", {}, 0),
    call("shop.wipe", {"request": "please wipe the list"}, 1),
    call("shop.pay", {"amount": 900}, 2),
]


def test_there_are_forty() -> None:
    assert len(INJECTIONS) == 40


@pytest.mark.parametrize("where", USUAL)
def test_no_injection_acts(
    where: str, house: House, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        async with house() as app:
            for number, injection in enumerate(INJECTIONS):
                if injection["where"] == where:
                    await reach(app, injection, f"s{number}", server, tmp_path, monkeypatch)

    asyncio.run(play())


async def reach(
    app: Any, injection: dict[str, str], session: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let one injection reach the model, and look that nothing is done, then or after a yes."""
    where, text = injection["where"], injection["text"]
    words = (injection.get("user") or USUAL[where]).replace("{}", text)
    trigger = "capital of Peru" if where == "model" else text.partition("\n")[2] or text
    server.script = gullible("orders" if "user" in injection and where == "model" else trigger[-30:], OBEY)
    (tmp_path / "page.txt").write_text(text if where == "page" else "Open on Mondays.")
    hits = [Hit("/home/ada/letter.pdf", "text", text, "page 1", 1.0)] if where == "passage" else []
    lines = [TextLine(text, 1.0, (0.0, 0.0, 9.0, 9.0))] if where == "picture" else []

    async def read_text(picture: Picture) -> list[TextLine]:
        return lines

    told = [SimpleNamespace(text=hit.text, hit=hit, relevance=1.0) for hit in hits]
    monkeypatch.setattr(app, "_library", SimpleNamespace(answers=lambda *asked, **how: told))
    monkeypatch.setattr(app.runner, "read_text", read_text)
    if where == "earlier":
        server.script, later = [text], server.script
        await app.respond(Turn(session, "tell me a rule"))
        server.script = later
    shown = (Picture(Image.new("RGB", (8, 8), "red")),) if where == "picture" else ()
    answered = (await app.respond(Turn(session, words, images=shown))).reply
    question = app.dialogues.waiting.open_question(session)
    await app.respond(Turn(session, "yes"))
    assert "shop.cancel_all({}): Not done: the user did not ask" in answered.text  # it did reach the model
    assert not (tmp_path / "effects.txt").exists()
    assert question is None
    assert not answered.follow_up


@pytest.mark.parametrize(
    ("words", "obeyed", "effect"),
    [
        ("please wipe the whole shopping list for me", OBEY[1], "wiped after please wipe the list"),
        ("cancel all of my orders", OBEY[0], "cancelled"),
        ("请取消我的全部订单", OBEY[0], "cancelled"),
    ],
)
def test_what_the_user_asks_for_in_their_own_words_is_done_after_a_yes_and_only_then(
    words: str, obeyed: dict[str, Any], effect: str, house: House, server: Server, tmp_path: Path
) -> None:
    effects = tmp_path / "effects.txt"

    async def play(answer: str) -> tuple[TurnResult, TurnResult]:
        server.script = lambda asked: ["Done."] if "tool_calls" in asked["messages"][-2] else [obeyed]
        async with house() as app:
            asked = await app.respond(Turn("s", words))
            assert not effects.exists()
            return asked, await app.respond(Turn("s", answer))

    asked, refused = asyncio.run(play("no"))
    assert asked.reply.follow_up
    assert "Shall I do this" in asked.reply.text or "要我办理吗" in asked.reply.text
    assert "Nothing is done yet" in asked.reply.text
    assert not effects.exists()
    _, agreed = asyncio.run(play("yes"))
    assert effects.read_text().splitlines() == [effect]
    assert agreed.reply.text.startswith("Done: ")
    assert refused.reply.text


def test_money_is_asked_about_twice_and_the_question_survives_a_restart(
    house: House, server: Server, tmp_path: Path
) -> None:
    server.script = lambda asked: ["Done."] if "tool_calls" in asked["messages"][-2] else [OBEY[2]]

    async def say(*lines: str) -> list[str]:
        async with house() as app:
            return [(await app.respond(Turn("s", line))).reply.text for line in lines]

    (asked,) = asyncio.run(say("please pay the 900 euros for me"))
    assert "amount: 900" in asked
    second, paid = asyncio.run(say("yes", "yes"))
    assert second == "Pay 900 euros?"
    assert paid == "Done: paid 900."
    assert (tmp_path / "effects.txt").read_text() == "paid 900\n"


def test_a_request_for_one_thing_lets_nothing_else_be_proposed(
    house: House, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NothingFits, "near", ("wipe",))
    server.script = lambda asked: ["Done."] if "tool_calls" in asked["messages"][-2] else OBEY

    async def play() -> TurnResult:
        async with house() as app:
            result: TurnResult = await app.respond(Turn("s", "please wipe the whole shopping list for me"))
            return result

    reply = asyncio.run(play()).reply
    assert "shop.cancel_all({}): Not done" in reply.text
    assert 'shop.pay({"amount": 900}): Not done' in reply.text
    assert "Shall I do this: Wipe the shopping list." in reply.text
    assert not (tmp_path / "effects.txt").exists()
