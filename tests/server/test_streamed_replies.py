"""Replies that come piece by piece: over HTTP, in the history, and when they are stopped on the way."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from assistant.events import ReplyPart
from assistant.types import Turn

Serve = Callable[..., Any]
WHOLE = "".join(f"Drop {number}. " for number in range(1, 9))


def run(serving: Serve, scenario: Callable[[Any], Awaitable[None]]) -> None:
    async def live() -> None:
        async with serving() as server:
            await scenario(server)

    asyncio.run(live())


async def events(response: Any) -> AsyncIterator[tuple[str, dict[str, Any], float]]:
    name = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: ")), time.monotonic()


def test_parts_are_sent_as_they_come_and_make_the_whole(serving: Serve) -> None:
    async def ask(server: Any) -> None:
        async with server.client().stream("POST", "/v1/turns?stream=1", json={"text": "drip it"}) as response:
            told = [event async for event in events(response)]
        parts = [(values, at) for name, values, at in told if name == "part"]
        assert "".join(values["text"] for values, _ in parts) == WHOLE
        assert [values["start"] for values, _ in parts[:3]] == [0, 8, 16]
        assert parts[-1][1] - parts[0][1] > 0.8
        assert next(values for name, values, _ in told if name == "done")["reply"]["text"] == WHOLE
        assert [values["text"] for name, values, _ in told if name == "reply"][:2] == ["Drop 1.", "Drop 2."]

    run(serving, ask)


def test_a_client_that_leaves_stops_the_reply_and_what_was_said_is_kept(serving: Serve) -> None:
    async def leave(server: Any) -> None:
        app = server.app_state.app
        asked = {"text": "drip it", "session": "s"}
        async with (
            server.client().stream("POST", "/v1/turns?stream=1", json=asked) as response,
            aclosing(events(response)) as told,
        ):
            async for name, values, _ in told:
                if name == "part" and values["start"]:
                    break
        await asyncio.sleep(0.5)
        drops = len(server.effects())
        (turn,) = app.history.turns("http/app/s")
        assert turn.status == "cancelled"
        assert turn.reply.startswith("Drop 1. Drop 2. ")
        assert turn.reply.endswith("[Cut off here: stopped]")
        await asyncio.sleep(0.5)
        assert len(server.effects()) == drops < 8

    run(serving, leave)


def test_a_reply_is_stored_while_it_comes(serving: Serve) -> None:
    async def look(server: Any) -> None:
        app = server.app_state.app
        task = asyncio.ensure_future(app.respond(Turn(session="s", text="drip it")))
        stored = []
        while not task.done():
            stored += app.history.turns("s")
            await asyncio.sleep(0.05)
        open_turn = next(turn for turn in stored if turn.reply)
        result = await task
        (turn,) = app.history.turns("s")
        assert open_turn.status == "open"
        assert open_turn.reply.startswith("Drop 1. ")
        assert len(open_turn.reply) < len(WHOLE)
        assert turn.status == "answered"
        assert turn.reply == result.reply.text == WHOLE

    run(serving, look)


def test_a_listener_follows_the_pieces_of_its_turn(serving: Serve) -> None:
    async def follow(server: Any) -> None:
        app = server.app_state.app
        turn = Turn(session="s", text="drip it")
        heard: list[ReplyPart] = []
        stop = app.bus.listen(lambda event: heard.append(event), (ReplyPart,))
        await asyncio.gather(app.respond(turn), app.respond(Turn(session="t", text="drip it")))
        stop()
        own = [part.text for part in heard if part.turn == turn.id]
        assert "".join(own) == WHOLE
        assert len(heard) == 2 * len(own)

    run(serving, follow)


def test_a_handler_may_ask_and_then_stream_to_the_turn_that_answers(serving: Serve) -> None:
    async def talk(server: Any) -> None:
        app = server.app_state.app
        heard: list[ReplyPart] = []
        app.bus.listen(lambda event: heard.append(event), (ReplyPart,))
        asked = await app.respond(Turn(session="s", text="please recite"))
        answer = Turn(session="s", text="Ada")
        recited = await app.respond(answer)
        assert asked.reply.text == "Whose name?"
        assert recited.reply.text == "Ada! " * 8
        assert [part.turn for part in heard] == [answer.id] * 8
        (story,) = app.dialogues._log.story("s")
        assert story.events[-1][1]["reply"]["text"] == "Ada! " * 8

    run(serving, talk)


def test_what_a_stopped_dialogue_had_said_is_in_its_log(serving: Serve) -> None:
    async def talk(server: Any) -> None:
        app = server.app_state.app
        await app.respond(Turn(session="s", text="please recite"))
        begun = asyncio.Event()
        app.bus.listen(lambda event: begun.set(), (ReplyPart,))
        task = asyncio.ensure_future(app.respond(Turn(session="s", text="Ada")))
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        (story,) = app.dialogues._log.story("s")
        assert story.events[-1][1]["reply"]["text"].startswith("Ada! ")
        assert story.events[-1][1]["reply"]["text"].endswith("[Cut off here: stopped]")
        assert app.dialogues.waiting.open_question("s") is None
        assert (await app.respond(Turn(session="s", text="please echo"))).reply.text.startswith("please echo")

    run(serving, talk)
