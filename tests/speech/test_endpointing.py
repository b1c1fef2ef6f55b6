"""Endpointing decides in the end, whatever is heard."""

import pytest

from assistant.speech.endpointing import AdaptiveEndpointing, EndOfSpeech, SpeechStart

CHUNK = 0.032


def feed(end: EndOfSpeech, *stretches: tuple[float | None, float]) -> tuple[str | None, float]:
    """Probability and seconds, one after another → why it ended, and after how many seconds."""
    for probability, seconds in stretches:
        for _ in range(round(seconds / CHUNK)):
            reason = end.process(probability, CHUNK)
            if reason is not None:
                return reason, end.elapsed
    return None, end.elapsed


def test_silence_after_speech_ends_it() -> None:
    reason, at = feed(EndOfSpeech(AdaptiveEndpointing(0.5)), (0.0, 1.0), (0.9, 1.0), (0.0, 2.0))
    assert reason == "silence"
    assert at == pytest.approx(2.5, abs=0.07)


def test_a_complete_request_ends_early_and_an_open_one_late() -> None:
    early, late = EndOfSpeech(AdaptiveEndpointing(0.5), early=0.3), EndOfSpeech(AdaptiveEndpointing(0.5))
    for end in (early, late):
        feed(end, (0.9, 1.0), (0.0, 0.2))
    early.completeness, late.completeness = "complete", "open"
    assert feed(early, (0.0, 2.0)) == ("complete", pytest.approx(1.32, abs=0.07))
    assert feed(late, (0.0, 2.0)) == ("silence", pytest.approx(2.0, abs=0.07))


def test_what_was_complete_is_open_again_when_the_speaker_goes_on() -> None:
    end = EndOfSpeech(AdaptiveEndpointing(0.5), early=0.3)
    feed(end, (0.9, 1.0), (0.0, 0.2))
    end.completeness = "complete"
    feed(end, (0.9, 0.5))
    assert end.completeness == "unknown"


def test_nobody_begins() -> None:
    assert feed(EndOfSpeech(AdaptiveEndpointing(), patience=3.0), (0.0, 60.0)) == (
        "nothing said",
        pytest.approx(3.0, abs=0.04),
    )


def test_clicks_are_no_speech() -> None:
    end = EndOfSpeech(AdaptiveEndpointing(), patience=5.0)
    reason, _ = feed(end, *[(0.9, 0.064), (0.0, 0.9)] * 10)
    assert reason == "nothing said"


def test_a_speaker_without_pauses_is_cut_at_the_longest() -> None:
    assert feed(EndOfSpeech(AdaptiveEndpointing(), longest=10.0), (0.9, 60.0)) == (
        "longest",
        pytest.approx(10.0, abs=0.04),
    )


def test_unknown_voice_activity_ends_it_before_and_after_speech() -> None:
    assert feed(EndOfSpeech(AdaptiveEndpointing(), blind=3.0), (None, 60.0))[0] == "unknown"
    assert feed(EndOfSpeech(AdaptiveEndpointing(), blind=3.0), (0.9, 1.0), (None, 60.0))[0] == "unknown"


@pytest.mark.parametrize("probability", [0.0, 0.3, 0.45, 0.5, 1.0, None])
def test_it_always_ends(probability: float | None) -> None:
    assert feed(EndOfSpeech(AdaptiveEndpointing()), (probability, 60.0))[0] is not None


def test_the_end_of_the_wake_word_is_no_request() -> None:
    end = EndOfSpeech(AdaptiveEndpointing(), patience=2.0, grace=0.3)
    assert feed(end, (0.9, 0.25), (0.0, 5.0))[0] == "nothing said"


@pytest.mark.parametrize("length", [0.1, 0.3])
def test_a_short_request_without_a_breath_after_the_wake_word_is_heard(length: float) -> None:
    end = EndOfSpeech(AdaptiveEndpointing(), patience=2.0, grace=0.3)
    reason, ended = feed(end, (0.9, 0.3 + length), (0.0, 5.0))
    assert (reason, end.spoke) == ("silence", True)
    assert ended < 1.5


def test_a_speaker_who_pauses_long_is_given_longer() -> None:
    pace = AdaptiveEndpointing(0.5)
    for _ in range(10):
        feed(EndOfSpeech(pace), (0.9, 1.0), (0.0, 0.45), (0.9, 1.0))
    assert pace.silence > 0.55


def test_being_cut_off_teaches_more_than_a_pause() -> None:
    patient, hasty = AdaptiveEndpointing(0.5), AdaptiveEndpointing(0.5)
    hasty.paused(0.6)
    patient.paused(0.6, cut_off=True)
    assert patient.silence > hasty.silence > 0.5


def test_a_quick_speaker_is_answered_sooner_within_limits() -> None:
    pace = AdaptiveEndpointing(0.5, shortest=0.35)
    for _ in range(50):
        pace.paused(0.17)
    assert pace.silence == 0.35


def test_what_was_learned_fades() -> None:
    pace = AdaptiveEndpointing(0.5)
    for _ in range(20):
        pace.paused(0.8)
    learned = pace.silence
    for _ in range(100):
        pace.finished()
    assert learned > 1.0
    assert pace.silence == pytest.approx(0.5, abs=0.01)


def test_a_speech_start_is_a_stretch_of_speech() -> None:
    start = SpeechStart(0.25)
    assert not any(
        start.process(0.9, CHUNK) or start.process(0.0, CHUNK) or start.process(0.0, CHUNK) for _ in range(100)
    )
    assert any(start.process(0.9, CHUNK) for _ in range(8))
