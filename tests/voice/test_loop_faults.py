"""Tests the voice loop when its parts are slow, hang, break, or disappear."""

import asyncio
from typing import Any

import pytest

from assistant.errors import DeviceError, StorageError
from assistant.events import (
    ItemsDropped,
    Notice,
    SpeechEnded,
)
from assistant.testing.voice import FakeMicrophone, Scene, VoiceScenario
from assistant.types import Turn
from tests.voice.scenes import ANSWERS, order, play


def test_slow_recognition_never_hold_up_the_microphone() -> None:
    stage = play(order().silence(4), prepare=lambda stage: setattr(stage.backend, "hearing", 3.0))
    assert stage.said == ["You rolled four."]
    assert stage.microphone.dropped == 0
    assert not stage.of(Notice)


def test_a_hung_plugin_is_given_up_and_the_loop_goes_on() -> None:
    async def hang(turn: Turn) -> str:
        await asyncio.Event().wait()
        return ""

    scene = Scene().silence(1).wake().say("hang up").silence(20).wake().say("roll a die").silence(4)
    stage = play(scene, {**ANSWERS, "hang up": hang}, deadline=10.0)
    assert stage.said == ["Sorry, that took too long.", "Please try again.", "You rolled four."]
    assert stage.of(Notice)


def test_a_full_disk_is_told_and_the_loop_goes_on() -> None:
    full = StorageError("The disk is full: the turn cannot be kept.")
    scene = Scene().silence(1).wake().say("save it").silence(9).wake().say("roll a die").silence(4)
    stage = play(scene, {**ANSWERS, "save it": full})
    assert stage.said[-1] == "You rolled four."
    assert [event.text for event in stage.of(Notice)] == [str(full)]


def test_paths_and_commands_are_shown_and_not_read_aloud() -> None:
    missing = StorageError("Cannot write /home/me/x: run `assistant doctor`.")
    stage = play(order().silence(4), {"roll a die": missing})
    assert [event.text for event in stage.of(Notice)] == [str(missing)]
    assert stage.said == ["Sorry, something went wrong here."]


def test_a_bug_is_apologised_for_without_its_details() -> None:
    stage = play(order().silence(4), {"roll a die": ZeroDivisionError("x")})
    assert stage.said == ["Sorry, something went wrong here."]
    assert stage.loop.state == "idle"


def test_a_loudspeaker_that_is_gone_is_told_and_the_loop_goes_on() -> None:
    def gone(stage: VoiceScenario) -> None:
        stage.player.failure = DeviceError("The loudspeaker went away.")

    stage = play(order(), prepare=gone)
    assert [event.text for event in stage.of(Notice)] == ["The loudspeaker went away."]
    assert stage.loop.state == "idle"
    assert stage.backend.turns


@pytest.mark.parametrize("where", ["player", "question", "wake"])
def test_a_part_that_breaks_never_leaves_the_loop_stuck(where: str) -> None:
    def break_it(stage: VoiceScenario) -> None:
        broken = RuntimeError("a bug")
        if where == "player":
            stage.player.failure = broken
        elif where == "question":

            async def fail(session: str) -> None:
                raise StorageError("The database is locked.")

            stage.backend.open_question = fail  # type: ignore[method-assign, assignment]
        else:
            process, state = stage.loop.process, {"left": 20}

            def process_badly(chunk: Any) -> None:
                state["left"] -= 1
                if state["left"] >= 0:
                    raise broken
                process(chunk)

            stage.loop.process = process_badly  # type: ignore[method-assign]

    stage = play(order().silence(4), prepare=break_it)
    assert stage.loop.state == "idle"
    assert len(stage.of(Notice)) == 1
    assert where == "player" or stage.said


def test_a_microphone_unplugged_mid_word_ends_the_sentence_and_is_heard_again() -> None:
    scene = Scene().silence(1).wake().say("roll a die", 2.0).silence(4).wake().say("roll a die").silence(4)
    stage = play(scene, microphone=lambda scene: FakeMicrophone(scene, away=(2.5, 30.0)))
    assert stage.of(SpeechEnded)[0].reason == "unknown"
    assert stage.said[-1] == "You rolled four."


def test_overload_is_counted_and_told_and_the_loop_goes_on() -> None:
    def slow_once(stage: VoiceScenario) -> None:
        hear = stage.activity.probability

        def probability(chunk: Any) -> float:
            if stage.loop.clock.now > 2.0 and not stage.microphone.dropped:
                stage.microphone.dropped += 40  # as a real one counts while the processor is away
            return hear(chunk)

        stage.activity.probability = probability  # type: ignore[method-assign]

    stage = play(order(), prepare=slow_once)
    assert [(event.queue, event.count) for event in stage.of(ItemsDropped)] == [("microphone", 40)]
    assert stage.said == ["You rolled four."]


def test_falling_behind_the_microphone_is_told_once() -> None:
    class Late(FakeMicrophone):
        async def __aiter__(self) -> Any:
            count = 0
            async for chunk in super().__aiter__():
                count += 1
                if count == 60:
                    await asyncio.sleep(1.5)  # the computer does something else for a while
                yield chunk

    stage = play(Scene().silence(6), microphone=Late)
    (notice,) = stage.of(Notice)
    assert "behind the microphone" in notice.text
