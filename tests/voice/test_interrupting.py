"""Tests that "stop" silences a reply, and that its rest can be asked for."""

from typing import Any

import numpy as np
import pytest

from assistant.events import ListeningStarted, SpeakingInterrupted, SpeakingStarted, UtteranceIgnored
from assistant.speech.endpointing import SpeechStart
from assistant.testing import run_virtually
from assistant.testing.voice import FakeStopWords, Scene, VoiceScenario
from assistant.types import AudioClip, Reply
from assistant.voice.command_words import says_go_on, says_silence
from assistant.voice.speaking import _from

ONCE, BEARD, REIGN = (
    "Once upon a time there was a king.",
    "He had a very long beard.",
    "It was longer than his reign was.",
)
ANSWERS: dict[str, Any] = {
    "roll a die": "You rolled four.",
    "stop stop the timer": "The timer is off.",
    "tell me a story": f"{ONCE} {BEARD} {REIGN}",
    "where is my order": Reply("Which order do you mean?", follow_up=True),
}


def play(scene: Scene, *, spots: bool = True, question: Reply | None = None, **voice: Any) -> VoiceScenario:
    async def run() -> VoiceScenario:
        stage = VoiceScenario(scene, ANSWERS, stop_words=FakeStopWords(scene) if spots else None, **voice)
        if question is not None:
            answer, ask = stage.backend.respond, stage.backend

            async def respond(turn: Any) -> Any:
                result = await answer(turn)
                ask.question = question  # from an old dialogue
                return result

            stage.backend.respond = respond  # type: ignore[method-assign]
        return await stage.run()

    return run_virtually(run())


def story() -> Scene:
    return Scene().silence(1).wake().say("tell me a story").silence(3)


def test_a_short_stop_silences_it_at_once_and_for_good() -> None:
    scene = story()
    ends = scene.seconds + 0.4
    stage = play(scene.say("stop", 0.4).silence(9))
    assert len(stage.of(SpeakingInterrupted)) == 1
    assert stage.of(SpeakingInterrupted)[0].second - ends < 0.1
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["stop"]
    assert len(stage.of(SpeakingStarted)) == 1
    assert stage.loop.state == "idle"


def test_a_request_that_begins_like_a_stop_word_is_answered() -> None:
    scene = story().say("stop", 0.4).say("stop the timer")
    stage = play(scene.silence(9))
    assert len(stage.of(SpeakingInterrupted)) == 1
    assert stage.said[-1] == "The timer is off."


def test_a_stop_word_is_obeyed_where_speech_alone_interrupts_nothing() -> None:
    scene = story()
    ends = scene.seconds + 0.4
    stage = play(scene.say("stop", 0.4).silence(9), barge_in=False)
    assert [event.by for event in stage.of(SpeakingInterrupted)] == ["stop"]
    assert stage.of(SpeakingInterrupted)[0].second - ends < 0.1
    assert len(stage.of(SpeakingStarted)) == 1


@pytest.mark.parametrize("spots", [True, False])
@pytest.mark.parametrize("words", ["stop", "be quiet please", "jarvis stop"])
def test_silence_follows_a_stop_word_and_no_question_of_an_old_dialogue(spots: bool, words: str) -> None:
    stage = play(story().say(words).silence(9), spots=spots, question=Reply("Which order?", follow_up=True))
    assert len(stage.backend.turns) == 1
    assert "stop" in [event.reason for event in stage.of(UtteranceIgnored)]
    assert len(stage.of(SpeakingStarted)) == 1


def test_a_word_that_is_no_request_ends_the_reply_and_nothing_is_said_about_it() -> None:
    stage = play(story().say("hutch").silence(9), spots=False)
    assert len(stage.backend.turns) == 1
    assert len(stage.of(SpeakingStarted)) == 1


def test_what_was_cut_is_said_when_it_is_asked_for() -> None:
    stage = play(story().say("stop", 0.4).silence(4).wake().say("go on").silence(12))
    assert stage.said[-1] == REIGN
    assert stage.said.count(REIGN) == 1
    assert len(stage.backend.turns) == 1


def test_what_was_cut_by_another_request_is_said_when_it_is_asked_for() -> None:
    stage = play(story().say("roll a die").silence(5).wake().say("please continue").silence(12))
    assert stage.said[-1] == REIGN
    assert "You rolled four." in stage.said


def test_go_on_without_anything_cut_is_an_ordinary_request() -> None:
    stage = play(Scene().silence(1).wake().say("go on").silence(6))
    assert [turn.utterance for turn in stage.backend.turns] == ["go on"]


def test_after_an_answer_to_a_question_go_on_is_left_to_the_dialogue() -> None:
    stage = play(Scene().silence(1).wake().say("where is my order").silence(4).say("go on").silence(6))
    assert [turn.utterance for turn in stage.backend.turns] == ["where is my order", "go on"]
    assert [event.why for event in stage.of(ListeningStarted)] == ["wake", "follow_up"]


def test_an_interrupted_sentence_goes_on_between_two_words() -> None:
    rate = 24_000
    sound = np.full(4 * rate, 0.3, np.float32)
    sound[int(2.4 * rate) : int(2.5 * rate)] = 0.0  # between two words
    rest = _from(AudioClip(sound, rate, text="x" * 40), 3.0)
    assert rest.duration == pytest.approx(4 - 2.4, abs=0.1)
    assert len(rest.text) == pytest.approx(16, abs=1)
    whole = AudioClip(sound, rate)
    assert _from(whole, 0.5) is whole
    assert _from(whole, 0.0) is whole


def test_speech_that_was_doubted_counts_once_it_is_known() -> None:
    start = SpeechStart(0.25)
    assert not any(start.process(0.0, 0.032, 0.9) for _ in range(10))
    assert start.process(0.9, 0.032)
    other = SpeechStart(0.25)
    assert not any(other.process(0.0, 0.032, 0.9) for _ in range(10))
    assert not any(other.process(0.0, 0.032) for _ in range(10))
    assert not other.process(0.9, 0.032)


@pytest.mark.parametrize(
    "text",
    [
        *("Stop!", "Stop, please.", "Jarvis, be quiet.", "That's enough now, thank you.", "停", "请别说了", "够了够了"),
        *("Arrête, s'il te plaît.", "¡Alto!", "Basta, por favor.", "Halt.", "Sei still, bitte.", "Хватит, пожалуйста."),
    ],
)
def test_silence_is_asked_for_in_many_languages_politely_and_by_name(text: str) -> None:
    assert says_silence(text, ["hey jarvis"])


@pytest.mark.parametrize(
    "text", ["Stop the music in ten minutes.", "Is that enough?", "cancel", "no", "okay, please", "公交车站在哪里", ""]
)
def test_other_words_do_not_ask_for_silence(text: str) -> None:
    assert not says_silence(text, ["hey jarvis"])


@pytest.mark.parametrize(
    "text", ["Go on.", "Please continue.", "Okay, carry on.", "继续说", "Weiter, bitte.", "Continúa."]
)
def test_going_on_is_asked_for_in_many_ways(text: str) -> None:
    assert says_go_on(text, ["hey jarvis"])


@pytest.mark.parametrize("text", ["Continue my order of coffee.", "Go on holiday", "where do I go", "继续我的订单退货"])
def test_other_words_do_not_ask_to_go_on(text: str) -> None:
    assert not says_go_on(text, ["hey jarvis"])
