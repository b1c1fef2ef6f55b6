"""Tests speech while the assistant thinks or speaks: interruptions, backchannels, and stop."""

import asyncio

from assistant.events import (
    SpeakingInterrupted,
    UtteranceIgnored,
)
from assistant.testing.voice import VoiceScenario
from assistant.types import Turn
from tests.voice.scenes import ANSWERS, order, play, story


def test_speech_interrupts_the_reply_and_is_answered() -> None:
    stage = play(story().say("roll a die").silence(5))
    assert stage.said[-1] == "You rolled four."
    assert len(stage.said) < 4
    assert [event.by for event in stage.of(SpeakingInterrupted)] == ["speech"]
    (_, _, cut), (_, began, _) = stage.player.played[-2:]
    assert cut < began


def test_the_reply_falls_silent_soon_after_speech_begins() -> None:
    scene = story()
    began = scene.seconds
    stage = play(scene.say("roll a die").silence(5))
    assert 0 < stage.player.played[-2][2] - began < 0.4


def test_who_only_nods_is_no_interruption_and_hears_the_rest() -> None:
    stage = play(story().silence(0.5).say("okay right").silence(15))
    once, beard, reign = (
        "Once upon a time there was a king.",
        "He had a very long beard.",
        "It was longer than his reign was.",
    )
    assert stage.said == [once, beard, beard, reign]
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["only a nod"]
    assert stage.loop.state == "idle"


def test_a_noise_taken_for_speech_does_not_cost_the_reply() -> None:
    def deaf_later(stage: VoiceScenario) -> None:
        async def tell(turn: Turn) -> str:
            stage.backend.rejected = "no speech"
            return str(ANSWERS["tell me a story"])

        stage.backend.answers = {"tell me a story": tell}

    stage = play(story().say("brrr brrr").silence(15), prepare=deaf_later)
    assert stage.said[-1] == "It was longer than his reign was."
    assert len(set(stage.said)) == 3


def test_a_cough_does_not_interrupt() -> None:
    stage = play(story().say("hm", 0.12).silence(9))
    assert not stage.of(SpeakingInterrupted)
    assert len(stage.said) == 3


def test_without_barge_in_only_stop_is_obeyed() -> None:
    talk = play(story().say("what a nice day").silence(9), barge_in=False)
    assert len(talk.said) == 3
    stopped = play(story().say("stop").silence(9), barge_in=False)
    assert [event.by for event in stopped.of(SpeakingInterrupted)] == ["stop"]
    assert len(stopped.said) < 3
    assert stopped.loop.state == "idle"


def test_stop_while_speaking_leads_to_silence_and_nothing_else() -> None:
    stage = play(story().say("stop").silence(9))
    assert len(stage.backend.turns) == 1
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["stop"]
    assert len(stage.said) < 3


def test_stop_while_thinking_cancels_the_turn() -> None:
    async def slow(turn: Turn) -> str:
        await asyncio.sleep(20)
        return "Much too late."

    stage = play(order().say("stop").silence(25), {"roll a die": slow})
    assert [event.by for event in stage.of(SpeakingInterrupted)] == ["stop"]
    assert stage.said == []


def test_talk_while_thinking_does_not_lose_the_request() -> None:
    async def slow(turn: Turn) -> str:
        await asyncio.sleep(6)
        return "Here I am."

    stage = play(order().say("what a nice day").silence(9), {"roll a die": slow})
    assert stage.said == ["Here I am."]


def test_the_wake_word_interrupts_thinking_and_speaking() -> None:
    stage = play(story().wake().say("roll a die").silence(5), barge_in=False)
    assert stage.said[-1] == "You rolled four."
    assert [event.by for event in stage.of(SpeakingInterrupted)] == ["wake"]
