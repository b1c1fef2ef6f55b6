"""Tests the voice loop with scripted speech under a virtual clock; checks every milestone."""

import asyncio
import itertools

import pytest

from assistant.events import (
    FirstSound,
    ListeningStarted,
    Notice,
    PartialTranscript,
    SpeakingInterrupted,
    SpeechEnded,
    TranscriptReady,
    UtteranceIgnored,
    VoiceStateChanged,
    WakeWordHeard,
)
from assistant.testing import run_virtually
from assistant.testing.voice import Scene, VoiceScenario
from assistant.types import Reply
from assistant.voice.interfaces import Outlook
from tests.voice.scenes import ANSWERS, order, play


def test_wake_word_and_request_are_answered_in_order() -> None:
    stage = play(order())
    assert stage.said == ["You rolled four."]
    assert stage.milestones == [
        "WakeWordHeard",
        "VoiceStateChanged",
        "ListeningStarted",
        "PartialTranscript",
        "PartialTranscript",
        "SpeechEnded",
        "VoiceStateChanged",
        "TranscriptReady",
        "VoiceStateChanged",
        "SpeakingStarted",
        "FirstSound",
        "SpeakingFinished",
        "VoiceStateChanged",
    ]
    assert [event.state for event in stage.of(VoiceStateChanged)] == ["listening", "thinking", "speaking", "idle"]


def test_without_the_wake_word_nothing_happens_and_no_model_is_loaded() -> None:
    stage = play(Scene().silence(1).say("roll a die").silence(4))
    assert stage.milestones == []
    assert not stage.backend.warm


def test_levels_are_told_once_a_second() -> None:
    stage = play(Scene().silence(5))
    assert len(stage.events) == 4


def test_a_complete_request_is_answered_from_the_pause_on_and_the_clip_is_heard_once() -> None:
    stage = play(order())
    (ended,) = stage.of(SpeechEnded)
    assert ended.reason == "complete"
    assert ended.second - ended.speech_end < 0.45
    assert stage.backend.heard.count("roll a die") == 1
    (first,) = stage.of(FirstSound)
    assert first.latency_ms["transcript"] == 0
    assert first.latency_ms["to first sound"] < 600
    assert sum(ms for step, ms in first.latency_ms.items() if step != "to first sound") == pytest.approx(
        first.latency_ms["to first sound"], abs=1
    )
    assert stage.backend.latencies == {first.turn: first.latency_ms}


def test_the_wake_word_and_its_request_may_have_a_pause_between() -> None:
    stage = play(Scene().silence(1).wake().silence(2).say("roll a die").silence(4))
    assert stage.said == ["You rolled four."]


def test_partial_transcripts_grow_while_somebody_speaks() -> None:
    stage = play(
        Scene().silence(1).wake().say("please tell me a very long story about old kings and queens").silence(4)
    )
    partials = [event.text for event in stage.of(PartialTranscript)]
    assert len(partials) >= 3
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(partials))


def test_a_false_wake_ends_quietly() -> None:
    stage = play(Scene().silence(1).wake().silence(1).noise(8).silence(1))
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["nothing said"]
    assert stage.said == []
    assert stage.backend.heard == []


def test_invented_words_end_quietly() -> None:
    stage = play(order(), prepare=lambda stage: setattr(stage.backend, "rejected", "no speech"))
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["no speech"]
    assert stage.said == []
    assert stage.loop.state == "idle"


def test_a_sentence_that_breaks_off_is_waited_for() -> None:
    scene = Scene().silence(1).wake().say("turn on the").silence(0.8).say("kitchen light").silence(4)
    stage = play(scene, {"turn on the kitchen light": "Done."})
    assert stage.said == ["Done."]
    assert len(stage.of(SpeechEnded)) == 1


def test_who_goes_on_after_being_cut_off_is_heard_out_and_the_stale_answer_is_never_spoken() -> None:
    scene = Scene().silence(1).wake().say("roll a die").silence(0.48).say("with twenty sides").silence(5)

    def slow(stage: VoiceScenario) -> None:
        stage.backend.answering = 0.5

    stage = play(scene, {"roll a die": "Stale.", "roll a die with twenty sides": "You rolled nineteen."}, prepare=slow)
    assert stage.said == ["You rolled nineteen."]
    assert [event.by for event in stage.of(SpeakingInterrupted)] == ["resumed"]


def test_speaking_without_end_is_cut_at_the_longest() -> None:
    stage = play(Scene().silence(1).wake().say("bla " * 80).silence(5), longest=10.0)
    (ended,) = stage.of(SpeechEnded)
    assert ended.reason == "longest"
    assert ended.second < 13
    # Whoever talks that long about nothing we know is the television.
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["not meant for me"]


def test_listening_ends_when_voice_activity_is_unknown() -> None:
    stage = play(order(), prepare=lambda stage: setattr(stage.activity, "broken", True))
    assert [event.reason for event in stage.of(SpeechEnded)] == ["unknown"]
    assert "cannot tell speech from silence" in stage.of(Notice)[0].text
    assert stage.loop.state == "idle"


def test_a_question_needs_no_wake_word_for_its_answer() -> None:
    scene = Scene().silence(1).wake().say("where is my order").silence(4).say("the second one").silence(5)
    stage = play(scene)
    assert stage.said == ["Which order do you mean?", "It comes on Tuesday."]
    assert len(stage.of(WakeWordHeard)) == 1
    assert [event.why for event in stage.of(ListeningStarted)] == ["wake", "follow_up"]


def test_the_follow_up_window_closes() -> None:
    scene = Scene().silence(1).wake().say("where is my order").silence(14).say("the second one").silence(5)
    stage = play(scene)
    assert stage.said == ["Which order do you mean?"]
    assert stage.loop.state == "idle"


def test_an_open_question_is_asked_again_after_a_restart() -> None:
    def ask(stage: VoiceScenario) -> None:
        stage.backend.question = Reply("Which order do you mean?", follow_up=True)

    stage = play(Scene().silence(4).say("the second one").silence(5), prepare=ask)
    assert stage.said == ["Which order do you mean?", "It comes on Tuesday."]


def test_push_to_talk_needs_no_wake_word_and_hears_none() -> None:
    async def run() -> VoiceScenario:
        scene = Scene().silence(1).wake().silence(1).say("roll a die").silence(4)
        stage = VoiceScenario(scene, ANSWERS, mode="push_to_talk")
        asyncio.get_running_loop().call_later(2.4, stage.loop.push)
        return await stage.run()

    stage = run_virtually(run())
    assert stage.said == ["You rolled four."]
    assert [event.why for event in stage.of(ListeningStarted)] == ["push"]


def test_releasing_the_key_ends_the_sentence_at_once() -> None:
    async def run() -> VoiceScenario:
        stage = VoiceScenario(Scene().silence(1).say("roll a die").silence(4), ANSWERS, mode="push_to_talk")
        asyncio.get_running_loop().call_later(0.9, stage.loop.push)
        asyncio.get_running_loop().call_later(1.95, stage.loop.release)
        return await stage.run()

    stage = run_virtually(run())
    assert stage.said == ["You rolled four."]
    assert [event.reason for event in stage.of(SpeechEnded)] == ["released"]


def test_always_listening_answers_requests_and_ignores_talk() -> None:
    scene = Scene().silence(1).say("what a nice day").silence(4).say("roll a die").silence(4)
    stage = play(scene, mode="always")
    assert stage.said == ["You rolled four."]
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["not meant for me"]


def test_without_being_called_a_guess_is_not_enough() -> None:
    def unsure(stage: VoiceScenario) -> None:
        async def preview(session: str, text: str) -> Outlook:
            return Outlook("test.it", 0.36, "clarify", True)

        stage.backend.preview = preview  # type: ignore[method-assign]

    overheard = Scene().silence(1).say("what has happened to me").silence(4)
    assert play(overheard, mode="always", prepare=unsure).said == []
    asked = Scene().silence(1).wake().say("what has happened to me").silence(4)
    assert play(asked, {"what has happened to me": "Tell me more."}, prepare=unsure).said == ["Tell me more."]


def test_who_is_far_away_does_not_keep_the_sentence_open() -> None:
    def television(stage: VoiceScenario) -> None:  # it speaks all the time, 40 dB softer than the user
        stage.activity.probability = lambda chunk: 1.0  # type: ignore[method-assign]

    scene = Scene().silence(1).wake().say("roll a die").noise(5)
    stage = play(scene, prepare=television)
    assert stage.said == ["You rolled four."]
    assert stage.of(SpeechEnded)[0].second < 4.0
    assert stage.of(TranscriptReady)
