"""The assistant in rooms whose echo nothing takes out: it must not answer itself."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from assistant.events import ItemsDropped, Notice, SpeakingInterrupted, UtteranceIgnored
from assistant.testing import run_virtually
from assistant.testing.voice import EchoingMicrophone, FakeMicrophone, Scene, VoiceScenario
from assistant.types import Reply
from assistant.voice.own_words import OwnWords

STORY = "Once upon a time there was a king. He had a very long beard. It was longer than his reign was."
ANSWERS: dict[str, Any] = {
    "roll a die": "You rolled four.",
    "tell me a story": STORY,
    "where is my order": Reply("Which of your two orders do you mean?", follow_up=True),
    "the second one": "It comes on Tuesday.",
    "help me": Reply("You could say: roll a die.", follow_up=True),
}


def play(scene: Scene, microphone: Callable[[Scene], FakeMicrophone], **options: Any) -> VoiceScenario:
    async def run() -> VoiceScenario:
        return await VoiceScenario(scene, ANSWERS, microphone=microphone(scene), **options).run()

    return run_virtually(run())


def echo(delay: float) -> Callable[[Scene], FakeMicrophone]:
    return lambda scene: EchoingMicrophone(scene, delay)


def asked(words: str) -> Scene:
    return Scene().silence(1).wake().say(words)


@pytest.mark.parametrize("delay", [0.03, 0.2, 0.6, 2.5])
def test_a_reply_that_is_heard_again_is_said_to_its_end_and_answered_by_nobody(delay: float) -> None:
    stage = play(asked("tell me a story").silence(30), echo(delay))
    assert len(stage.backend.turns) == 1
    assert stage.said[-1] == "It was longer than his reign was."
    assert len(stage.of(SpeakingInterrupted)) <= 1, "one echo is enough to know the room"
    assert any("my own words" in event.text for event in stage.of(Notice))
    assert stage.loop.state == "idle"


@pytest.mark.parametrize("delay", [0.2, 2.5])
def test_the_echo_of_a_question_is_no_answer_and_the_user_is_still_waited_for(delay: float) -> None:
    scene = asked("where is my order").silence(8).say("the second one").silence(8)
    stage = play(scene, echo(delay))
    assert [turn.utterance for turn in stage.backend.turns] == ["where is my order", "the second one"]


@pytest.mark.parametrize("pause", [0.6, 1.5])
def test_who_takes_up_what_was_suggested_is_answered(pause: float) -> None:
    stage = play(asked("help me").silence(0.6 + 1.8 + pause).say("roll a die").silence(6), FakeMicrophone)
    assert stage.said[-1] == "You rolled four."


def test_a_user_who_interrupts_in_an_echoing_room_by_the_wake_word_is_heard() -> None:
    scene = asked("tell me a story").silence(5).wake().say("roll a die").silence(8)
    stage = play(scene, echo(0.2))
    assert "You rolled four." in stage.said


def test_an_echo_twice_in_a_row_silences_it_and_it_says_why() -> None:
    said = OwnWords()
    for at, words in ((0.0, "Which of your orders do you mean?"), (5.0, "I did not get that, please say it again.")):
        said.begin()
        said.add(words, 2.0)
        said.played(at, at + 2.0)
    assert said.judge("which of your orders", 0.3, 1.5, called=False) == "own"
    assert said.judge("did not get that please say", 5.3, 6.8, called=False) == "enough"
    assert said.judge("what is the time", 9.0, 10.0, called=False) == ""


@pytest.mark.parametrize(
    ("heard", "start", "end", "own"),
    [
        ("sunlight to turn.", 2.5, 3.6, True),
        ("some light to turn water", 2.5, 4.2, True),
        ("A plant uses sunlight", 1.3, 2.9, True),
        ("No, stop that please.", 2.0, 3.0, False),
        ("What does water do?", 2.0, 3.1, False),
        ("sunlight to turn water", 9.0, 10.2, False),  # a user, long after
        ("yes", 5.5, 5.9, False),
    ],
)
def test_words_are_known_by_what_was_said_and_when(heard: str, start: float, end: float, own: bool) -> None:
    said = OwnWords()
    said.begin()
    said.add("A plant uses sunlight to turn water and air into sugar.", 4.0)
    said.played(1.0, 5.0)
    assert (said.share(heard, start, end) >= 0.7) is own


def test_chinese_words_are_known_too() -> None:
    said = OwnWords()
    said.begin()
    said.add("你的包裹会在明天下午两点到四点之间送到。", 4.0)
    said.played(0.0, 4.0)
    assert said.share("明天下午两点", 1.4, 2.7) >= 0.7
    assert said.share("取消我的订单", 1.4, 2.7) < 0.5


def test_late_echoes_are_known_where_sound_was_lost() -> None:
    said = OwnWords()
    said.begin()
    said.add("The result is fifty six.", 1.6)
    said.played(10.0, 11.6)
    assert said.share("the result", 13.0, 13.6) == 0.0
    said.doubt(10.0)
    assert said.share("the result", 13.0, 13.6) == 1.0


class Late(FakeMicrophone):
    """The computer does something else for some seconds, once, and a good while after the beginning."""

    async def __aiter__(self) -> Any:
        count = 0
        async for chunk in super().__aiter__():
            count += 1
            if count == round(4.2 / 0.032):
                await asyncio.sleep(2.0)
            yield chunk


def test_what_is_heard_late_while_it_speaks_is_thrown_away_counted_and_told() -> None:
    scene = asked("tell me a story").silence(1.5).say("what a nice day").silence(20)
    stage = play(scene, Late)
    assert not stage.of(SpeakingInterrupted)
    (dropped,) = stage.of(ItemsDropped)
    assert dropped.queue == "sound heard too late"
    assert 20 < dropped.count < 70
    assert any("thrown" in event.text for event in stage.of(Notice))
    assert stage.said[-1] == "It was longer than his reign was."


def test_a_device_that_stumbles_is_no_slow_computer_and_the_next_request_is_heard() -> None:
    scene = asked("tell me a story").silence(25).wake().say("roll a die").silence(4)
    stage = play(scene, lambda scene: FakeMicrophone(scene, away=(6.0, 1.7)))
    assert [dropped.queue for dropped in stage.of(ItemsDropped)] == ["sound that never came"]
    assert not stage.of(Notice)
    assert stage.said[-1] == "You rolled four."


def test_a_request_heard_a_little_late_is_not_thrown_away() -> None:
    class LateAtOnce(Late):
        async def __aiter__(self) -> Any:
            count = 0
            async for chunk in FakeMicrophone.__aiter__(self):
                count += 1
                if count == round(1.8 / 0.032):
                    await asyncio.sleep(1.5)
                yield chunk

    stage = play(asked("roll a die").silence(6), LateAtOnce)
    assert stage.said == ["You rolled four."]
    assert not stage.of(UtteranceIgnored)
