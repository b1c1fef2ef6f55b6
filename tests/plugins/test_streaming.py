"""Answers that come piece by piece, of plugins in the program and in a process of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from assistant.errors import PluginError
from assistant.events import PluginFailed, ReplyPart
from assistant.plugins.answers import CUT, MAX_REPLY
from assistant.types import OUT_OF_SCOPE, Decision, Reply, Turn

Build = Callable[..., Any]

PLUGIN = '''
"""Streams."""
import asyncio, os
from assistant import Manifest, Reply, UserError, hookimpl
MANIFEST = Manifest(timeout=2)
taken = []

async def tell():
    """Tell."""
    yield Reply("", speech="Listen. ")
    yield "One. "
    yield Reply("(two) ", speech="Two. ", data={"two": 2})
    yield Reply("[three]", speech=" ", data={"three": 3})

async def breaks():
    """Break."""
    yield "Half a sen"
    raise RuntimeError("out of breath")

async def refuses():
    """Refuse."""
    yield "So far. "
    raise UserError("The line went dead.")

async def refuses_at_once():
    """Refuse."""
    raise UserError("Not today.")
    yield "never"

async def hangs():
    """Hang."""
    yield "Wait"
    await asyncio.sleep(60)

async def floods():
    """Flood."""
    while True:
        taken.append(1)
        yield "x" * 5_000

async def count() -> str:
    """Count."""
    return str(len(taken))

async def wrong():
    """Yield a number."""
    yield "ok "
    yield 5

async def nothing():
    """Yield nothing."""
    return
    yield "never"

async def ticks(turn):
    """Tick."""
    for number in range(5):
        yield f"{number} "
        await asyncio.sleep(0.1)

async def dies():
    """Die."""
    yield "last words"
    await asyncio.sleep(0.05)
    os._exit(3)

@hookimpl
def register_intents(register):
    for each in (tell, breaks, refuses, refuses_at_once, hangs, floods, count, wrong, nothing, ticks, dies):
        register(each, examples=[each.__name__], acts=False)

@hookimpl
async def answer_fallback(turn):
    if turn.text == "fall":
        yield "I "
        yield "catch you."
'''

BOTH = pytest.mark.parametrize("trusted", [False, True], ids=["process", "program"])


def make(build: Build, trusted: bool) -> Any:
    return build({"streams": PLUGIN}, trusted=["streams"] if trusted else [])


async def answer(loaded: Any, name: str, dialogue: Any = None) -> tuple[Reply, list[ReplyPart]]:
    """The whole reply, and what was announced of it."""
    turn = Turn(session="s", text=name)
    with loaded.manager.live.answering(turn):
        reply = await loaded.manager.answer(loaded.intent(f"streams.{name}"), turn, {}, dialogue)
    return reply, [event for event in loaded.heard if isinstance(event, ReplyPart) and event.turn == turn.id]


@BOTH
def test_pieces_are_announced_and_make_the_whole(build: Build, trusted: bool) -> None:
    loaded = make(build, trusted)
    reply, parts = loaded.run(answer(loaded, "tell"))
    assert reply.text == "One. (two) [three]"
    assert reply.speech == "Listen. One. Two.  "
    assert reply.data == {"two": 2, "three": 3}
    assert [part.text for part in parts] == ["", "One. ", "(two) ", "[three]"]
    assert [part.start for part in parts] == [0, 0, 5, 11]
    assert "".join(part.speech for part in parts) == reply.speech


@BOTH
def test_each_piece_comes_when_it_is_made(build: Build, trusted: bool) -> None:
    loaded = make(build, trusted)
    arrived: list[float] = []
    loaded.bus.listen(lambda event: arrived.append(time.monotonic()), (ReplyPart,))
    loaded.run(answer(loaded, "ticks"))
    assert len(arrived) == 5
    assert arrived[-1] - arrived[0] > 0.3


@BOTH
@pytest.mark.parametrize(
    ("name", "said", "why", "counts"),
    [
        ("breaks", "Half a sen", "RuntimeError: out of breath", True),
        ("refuses", "So far. ", "The line went dead", False),
        ("hangs", "Wait", "did not answer within 2 s", True),
        ("wrong", "ok ", "wrong streamed int; yield str or Reply", True),
    ],
)
def test_what_was_said_before_it_broke_stays_and_is_marked(
    build: Build, trusted: bool, name: str, said: str, why: str, counts: bool
) -> None:
    loaded = make(build, trusted)
    reply, parts = loaded.run(answer(loaded, name))
    assert reply.text.startswith(f"{said}\n[Cut off here: ")
    assert why in reply.text
    assert why in reply.data[CUT]
    assert "The answer breaks off here." in reply.spoken
    assert "".join(part.text for part in parts) == reply.text
    assert any(isinstance(event, PluginFailed) for event in loaded.heard) is counts


def test_what_a_process_said_before_it_died_stays(build: Build) -> None:
    loaded = make(build, False)
    reply, _ = loaded.run(answer(loaded, "dies"))
    assert reply.text == "last words\n[Cut off here: its process ended on its own (code 3)]"


@BOTH
def test_a_flood_is_cut_at_the_longest_reply_and_the_generator_stops(build: Build, trusted: bool) -> None:
    loaded = make(build, trusted)

    async def both() -> tuple[Reply, str]:
        flood, _ = await answer(loaded, "floods")
        return flood, (await answer(loaded, "count"))[0].text

    flood, taken = loaded.run(both())
    assert len(flood.text) <= MAX_REPLY
    assert flood.text.endswith(f"(cut: the answer had more than {MAX_REPLY:,} characters)")
    assert int(taken) <= 5


@BOTH
def test_before_the_first_piece_a_failure_is_what_it_always_was(build: Build, trusted: bool) -> None:
    loaded = make(build, trusted)
    with pytest.raises(PluginError, match="NoneType"):
        loaded.run(answer(loaded, "nothing"))


@BOTH
def test_a_fallback_may_stream_and_one_without_pieces_is_no_answer(build: Build, trusted: bool) -> None:
    loaded = make(build, trusted)
    nothing = Decision(OUT_OF_SCOPE, 1.0, "out_of_scope")

    async def fall() -> list[Reply | None]:
        return [await loaded.manager.answer_fallback(Turn(text=text), nothing) for text in ("fall", "stand")]

    fallen, stood = loaded.run(fall())
    assert fallen.text == "I catch you."
    assert stood is None


@BOTH
def test_a_call_that_is_given_up_ends_its_generator_and_says_no_more(build: Build, trusted: bool) -> None:
    loaded = make(build, trusted)

    async def give_up() -> tuple[int, int, Reply]:
        begun = asyncio.Event()
        loaded.bus.listen(lambda event: begun.set(), (ReplyPart,))
        task = asyncio.ensure_future(answer(loaded, "ticks"))
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        before = sum(isinstance(event, ReplyPart) for event in loaded.heard)
        await asyncio.sleep(0.3)
        after = sum(isinstance(event, ReplyPart) for event in loaded.heard)
        return before, after, (await answer(loaded, "count"))[0]

    before, after, still = loaded.run(give_up())
    assert before == after < 5
    assert still.text == "0"


def test_only_the_first_of_several_answers_is_announced(build: Build) -> None:
    loaded = make(build, True)

    async def two() -> list[str]:
        turn = Turn(session="s", text="tell")
        with loaded.manager.live.answering(turn) as live:
            await loaded.manager.answer(loaded.intent("streams.tell"), turn, {})
            await loaded.manager.answer(loaded.intent("streams.ticks"), turn, {})
        return [live.text]

    assert loaded.run(two()) == ["One. (two) [three]"]
