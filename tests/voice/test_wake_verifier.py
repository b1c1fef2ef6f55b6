"""Tests that the voice loop verifies the wake word, also on real recordings under the virtual clock."""

from typing import Any

import numpy as np
import soxr

from assistant.events import (
    ListeningStarted,
    SpeakingInterrupted,
    SpeechEnded,
    UtteranceIgnored,
    WakeWordHeard,
)
from assistant.speech.activity import VoiceActivity
from assistant.speech.synthesis import Synthesizer
from assistant.speech.wake import WakeWords
from assistant.speech.wake_verifier import HALF
from assistant.testing import run_virtually
from assistant.testing.voice import FakeMicrophone, Recording, Scene, VoiceScenario
from assistant.types import AudioClip, FloatArray, Transcript, Turn
from tests.voice.scenes import ANSWERS, order, play, story


def test_half_a_wake_word_wakes_nobody_and_says_so_quietly() -> None:
    stage = play(order(), prepare=lambda stage: setattr(stage.backend, "doubts", HALF))
    assert stage.milestones == ["UtteranceIgnored"]
    assert stage.of(UtteranceIgnored)[0].reason == HALF
    assert stage.backend.heard == []
    assert not stage.backend.warm


def test_what_is_said_while_the_wake_word_is_verified_is_not_lost() -> None:
    stage = play(order(), prepare=lambda stage: setattr(stage.backend, "doubting", 0.5))
    assert stage.said == ["You rolled four."]
    assert stage.backend.turns[0].utterance == "roll a die"


def test_a_request_as_short_as_the_verification_is_answered() -> None:
    scene = Scene().silence(1).wake().silence(0.3).say("dice", 0.4).silence(4)
    stage = play(scene, {"dice": "Three."}, prepare=lambda stage: setattr(stage.backend, "doubting", 0.7))
    assert stage.said == ["Three."]


def test_a_verification_that_does_not_come_is_not_waited_for() -> None:
    stage = play(order(), prepare=lambda stage: setattr(stage.backend, "doubting", 1.2))
    (woken,) = stage.of(WakeWordHeard)
    (listening,) = stage.of(ListeningStarted)
    assert 0.7 < listening.second - woken.second < 1.0
    assert stage.said == ["You rolled four."]


def test_half_a_wake_word_found_out_late_is_not_answered() -> None:
    def later(stage: VoiceScenario) -> None:
        stage.backend.doubts = None  # no model is loaded yet
        transcribe = stage.backend.transcribe

        async def transcribe_and_know(clip: AudioClip) -> Transcript:
            stage.backend.doubts = HALF
            return await transcribe(clip)

        stage.backend.transcribe = transcribe_and_know  # type: ignore[method-assign]

    stage = play(order(), prepare=later)
    assert len(stage.of(WakeWordHeard)) == 1
    assert [event.reason for event in stage.of(UtteranceIgnored)] == [HALF]
    assert stage.said == []
    assert stage.loop.state == "idle"


def test_without_the_check_the_detector_is_believed() -> None:
    stage = play(order(), prepare=lambda stage: setattr(stage.backend, "doubts", HALF), wake_check=False)
    assert stage.said == ["You rolled four."]


def test_half_a_wake_word_does_not_interrupt_the_reply() -> None:
    def half_later(stage: VoiceScenario) -> None:
        async def tell(turn: Turn) -> str:
            stage.backend.doubts = HALF
            return str(ANSWERS["tell me a story"])

        stage.backend.answers = {"tell me a story": tell}

    stage = play(story().wake(0.2).silence(15), prepare=half_later, barge_in=False)
    assert not stage.of(SpeakingInterrupted)
    assert stage.said[-1] == "It was longer than his reign was."


def test_a_verification_that_breaks_costs_no_wake_word() -> None:
    def break_it(stage: VoiceScenario) -> None:
        async def fail(clip: AudioClip, word: str) -> str:
            raise RuntimeError("a bug")

        stage.backend.doubt = fail  # type: ignore[method-assign]

    stage = play(order(), prepare=break_it)
    assert len(stage.of(WakeWordHeard)) == 1


# Real recordings under the virtual clock


def said_by_our_voice(*parts: str | float) -> AudioClip:
    voice = Synthesizer("hibari")

    def sound(part: str | float) -> FloatArray:
        if isinstance(part, float):
            return np.zeros(int(part * 16_000), np.float32)
        clip = voice.say(part, "en")
        return np.asarray(soxr.resample(clip.samples, clip.sample_rate, 16_000), np.float32)

    return AudioClip(np.concatenate([sound(part) for part in parts]))


def play_recording(clip: AudioClip, words: str, **options: Any) -> VoiceScenario:
    async def run() -> VoiceScenario:
        scene, wake = Recording(clip, words), WakeWords({"hey jarvis": 0.5})
        stage = VoiceScenario(scene, {"roll a die": "You rolled four."}, activity=VoiceActivity(), wake=wake, **options)
        return await stage.run()

    return run_virtually(run())


def test_a_recording_wakes_is_heard_out_and_answered_in_no_time() -> None:
    clip = said_by_our_voice(1.0, "Hey Jarvis.", 0.4, "Roll a die.", 4.0)
    stage = play_recording(clip, "roll a die")
    assert [event.word for event in stage.of(WakeWordHeard)] == ["hey jarvis"]
    (ended,) = stage.of(SpeechEnded)
    assert -0.7 < ended.speech_end - (clip.duration - 4.0) < 0.1, "the voice itself ends softly"
    assert ended.second - ended.speech_end < 0.6
    assert stage.said == ["You rolled four."]


def test_a_recording_without_the_wake_word_is_nothing_but_levels() -> None:
    stage = play_recording(said_by_our_voice(1.0, "Roll a die.", 2.0), "roll a die")
    assert stage.milestones == []


def test_a_recording_that_breaks_off_mid_word_is_heard_again_after_the_microphone_is_back() -> None:
    clip = said_by_our_voice(1.0, "Hey Jarvis.", 0.4, "Roll a die.", 4.0, "Hey Jarvis.", 0.4, "Roll a die.", 4.0)
    away = FakeMicrophone(Recording(clip, ""), away=(3.4, 30.0))
    stage = play_recording(clip, "roll a die", microphone=away)
    assert len(stage.of(WakeWordHeard)) == 2
    assert stage.said[-1] == "You rolled four."
