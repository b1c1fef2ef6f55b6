"""Tests which of Whisper's transcripts are accepted and which are discarded."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.speech.decoding import Hypothesis
from assistant.speech.judging import RecognizedWindow, says_the_same, transcript_of
from assistant.speech.windows import Window


def heard(
    text: str,
    logprob: float = -0.2,
    *,
    no_speech: float = 0.0,
    spoken: float = 2.0,
    finished: bool = True,
    voice: float = 1.0,
) -> RecognizedWindow:
    reading = Hypothesis(text, (), logprob, finished=finished)
    return RecognizedWindow(Window(1.0, 3.0, spoken, voice=voice), reading, np.zeros((1, 1), np.float32), no_speech)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (heard("What time is it?"), ""),
        (heard("What time is it?", -1.4), ""),  # read again, but not thrown away
        (heard("What time is it?", -1.6), "unclear"),
        (heard(""), "no speech"),
        (heard("Thank you.", -0.9, no_speech=0.7), "no speech"),
        (heard("Thank you.", -0.75, spoken=0.5, voice=0.9), "no speech"),
        (heard("Annuler.", -0.75, spoken=0.5), "unclear"),
        (heard("Stop!", -0.4, spoken=0.3), ""),
        (heard("Stop!", -0.4, spoken=0.3, voice=0.8), ""),
        (heard("Don't move!", -0.4, spoken=0.3, voice=0.8), "unclear"),
        (heard("one two " * 40), "repetition"),
        (heard("one and two and", finished=False), "repetition"),
    ],
)
def test_what_was_not_said_is_rejected_with_its_reason(part: RecognizedWindow, reason: str) -> None:
    transcript = transcript_of([part], "en")
    assert transcript.rejected == reason
    assert transcript.text == ("" if reason else part.reading.text)


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        (heard("Annuler.", -1.7, spoken=0.4), "Annuler."),
        (heard("Don't move!", -0.4, spoken=0.3, voice=0.8), "Don't move!"),
        (heard("Ha!", -1.1, spoken=0.4, voice=0.8), ""),
        (heard("Thank you.", -1.1, spoken=0.4, no_speech=0.7), ""),
        (heard("ha ha " * 40, spoken=0.4), ""),
    ],
)
def test_one_word_is_shown_as_doubtful_where_the_voice_or_the_word_is_sure(part: RecognizedWindow, shown: str) -> None:
    transcript = transcript_of([part], "en")
    assert (transcript.text, transcript.doubtful) == ("", shown)


def test_what_is_kept_is_joined_as_its_language_is_written() -> None:
    parts = [heard("你好"), heard("Thank you.", -0.9, no_speech=0.7), heard("再见", -0.4)]
    assert transcript_of(parts, "zh").text == "你好再见"
    spaced = transcript_of(parts, "en")
    assert spaced.text == "你好 再见"
    assert spaced.avg_logprob == pytest.approx(-0.3)
    assert [segment[2] for segment in spaced.segments] == ["你好", "再见"]


def test_the_first_reason_is_told_when_nothing_is_kept() -> None:
    assert transcript_of([heard("one two " * 40), heard("")], "en").rejected == "repetition"


def reading(text: str) -> Hypothesis:
    return Hypothesis(text, (), -0.1)


@pytest.mark.parametrize(
    ("parts", "whole", "same"),
    [
        (["The zipper broke.", "the zipper broke"], "The zipper broke. The zipper broke.", True),
        (
            ["Help me!", "Help me, please.", "He is not breathing."],
            "Help me! Help me, please. He is not breathing.",
            True,
        ),
        (["我的订单在哪里", "我的订单在哪里"], "我的订单在哪里。我的订单在哪里。", True),
        (["The zipper broke.", "music"], "The zipper broke. The zipper broke. The zipper broke.", False),
        (["The zipper broke.", ""], "The zipper broke. The zipper broke.", False),
        (["The zipper broke."], "The zipper broke. " * 20, False),
        (["one two three four", "five six seven eight"], "one two one two one two one two", False),
    ],
)
def test_a_loop_is_speech_where_every_part_of_the_sound_says_it(parts: list[str], whole: str, same: bool) -> None:
    assert says_the_same([reading(part) for part in parts], reading(whole)) is same


def test_words_thrown_away_for_doubt_are_shown_once_and_those_of_a_noise_are_not() -> None:
    loop = heard("Please send somebody. " * 20, spoken=8.0)
    assert transcript_of([loop], "en").doubtful == "Please send somebody."
    mixed = transcript_of([heard("What time is it?"), heard("He is on the floor.", -1.7)], "en")
    assert (mixed.text, mixed.doubtful) == ("What time is it?", "He is on the floor.")
    assert mixed.with_doubtful.text == "What time is it? He is on the floor."
    assert transcript_of([heard("help " * 90, spoken=2.0)], "en").doubtful == "help"
    assert transcript_of([heard("我的订单。" * 50)], "zh").doubtful == "我的订单。"
    for noise in (
        heard("oh " * 90, no_speech=0.7),
        heard("oh " * 90, spoken=0.5),
        heard("Thank you.", -0.9, no_speech=0.7),
    ):
        assert transcript_of([noise], "en").doubtful == ""
