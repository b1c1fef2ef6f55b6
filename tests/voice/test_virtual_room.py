"""Real sound in virtual rooms: the real echo canceller, voice activity, wake words and spotter, and no waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
import pytest

from assistant.evaluation.stopping import CachedVoice, ReadingBackend
from assistant.evaluation.virtual_room import VirtualRoom, live_in
from assistant.events import Event, ListeningStarted, Notice, SpeakingInterrupted, SpeakingStarted, WakeWordHeard
from assistant.settings import load_settings
from assistant.types import AudioClip, FloatArray, Transcript

REPLY = (
    "The letter left our house on Monday. It will arrive tomorrow in the afternoon, between two and four. "
    "If nobody is at home, the driver leaves it with a neighbour, or takes it to the next post office."
)
Say = Callable[[str], AudioClip]


class Writes:
    """Writes down the same whatever is said."""

    def __init__(self, words: str = "") -> None:
        self.words = words

    def transcribe(self, clip: AudioClip) -> Transcript:
        return Transcript(self.words, "en" if self.words else "", rejected="" if self.words else "no speech")


@pytest.fixture(scope="module")
def voice() -> CachedVoice:
    return CachedVoice()


def live(room: VirtualRoom, voice: CachedVoice, words: str = "", **settings: Any) -> list[Event]:
    backend = ReadingBackend(REPLY, Writes(words))  # type: ignore[arg-type]
    return live_in(room, backend, voice, load_settings({"voice": settings}))


def as_loud_as_half_the_echo(samples: FloatArray) -> FloatArray:
    return np.asarray(samples * (0.06 / np.sqrt(np.mean(np.square(samples)))), np.float32)


def cuts(events: list[Event]) -> list[SpeakingInterrupted]:
    return [event for event in events if isinstance(event, SpeakingInterrupted)]


@pytest.mark.parametrize(("echo", "delay"), [(0.25, 0.03), (1.0, 0.2)])
def test_a_reply_is_spoken_to_its_end_however_loud_its_echo(echo: float, delay: float, voice: CachedVoice) -> None:
    events = live(VirtualRoom(15.0, echo, delay), voice)
    assert not cuts(events)


def test_an_echo_that_comes_later_than_the_canceller_looks_is_not_answered(voice: CachedVoice) -> None:
    events = live(VirtualRoom(20.0, 1.0, 1.5), voice, "It will arrive tomorrow in the afternoon between two and four.")
    assert sum(isinstance(event, SpeakingStarted) for event in events) <= 2, "at most, the rest of the reply"


@pytest.mark.parametrize(("echo", "at"), [(0.25, 3.6), (0.5, 4.7), (1.0, 2.8)])
def test_stop_silences_it_within_four_tenths_of_a_second(echo: float, at: float, voice: CachedVoice, say: Say) -> None:
    room = VirtualRoom(10.0, echo, 0.1)
    word = as_loud_as_half_the_echo(say("Stop.").samples)
    loud = np.flatnonzero(np.abs(word) > 0.1 * np.abs(word).max())
    room.say(word, at)
    events = live(room, voice)
    assert room.played[0][1] - (at + loud[-1] / 16_000) < 0.4
    assert len([event for event in events if isinstance(event, SpeakingStarted)]) == 1, "silence follows"


@pytest.mark.parametrize("echo", [0.0, 0.5])
def test_an_interruption_silences_it_and_is_heard_from_its_beginning(echo: float, voice: CachedVoice, say: Say) -> None:
    room = VirtualRoom(12.0, echo, 0.1)
    words = as_loud_as_half_the_echo(say("Wait a moment, I want to change the address.").samples)
    begins = 4.0 + np.flatnonzero(np.abs(words) > 0.1 * np.abs(words).max())[0] / 16_000
    room.say(words, 4.0)
    events = live(room, voice, "Wait a moment, I want to change the address.")
    assert [event.by for event in cuts(events)] == ["speech"]
    assert cuts(events)[0].second - begins < 0.45
    (listening,) = [event for event in events if isinstance(event, ListeningStarted)]
    assert listening.start <= begins


class BadSound(VirtualRoom):
    """Something is wrong with the microphone, until second 6 unless that is said otherwise."""

    until = 6.0
    wrong: Callable[[FloatArray], FloatArray] = staticmethod(lambda chunk: chunk)

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        heard = 0.0
        async for chunk in super().__aiter__():
            heard += len(chunk) / 16_000
            yield chunk if heard > self.until else np.asarray(self.wrong(chunk), np.float32)


@pytest.mark.parametrize(
    ("wrong", "until"),
    [
        pytest.param(lambda chunk: 0 * chunk, 6.0, id="muted"),
        pytest.param(lambda chunk: np.clip(60 * chunk, -1, 1), 6.0, id="clipped"),
        pytest.param(lambda chunk: 0.15 * chunk, 99.0, id="speech at -40 dB"),
        pytest.param(lambda chunk: chunk + 0.3, 6.0, id="offset"),
        pytest.param(lambda chunk: chunk * np.nan, 6.0, id="not numbers"),
        pytest.param(lambda chunk: np.sign(chunk) * 3.0, 6.0, id="too large"),
    ],
)
def test_bad_sound_leads_to_no_nonsense_and_the_next_request_is_answered(
    wrong: Callable[[FloatArray], FloatArray], until: float, voice: CachedVoice, say: Say
) -> None:
    room = BadSound(13.0, 0.5)
    room.wrong, room.until = wrong, until
    words = as_loud_as_half_the_echo(say("Hey Jarvis, what is new?").samples)
    for at in (1.5, 8.0):
        room.say(words, at)
    events = live_in(room, ReadingBackend("", Writes("What is new?")), voice, load_settings({}))  # type: ignore[arg-type]
    woken = [event.second for event in events if isinstance(event, WakeWordHeard)]
    spoken = [event.second for event in events if isinstance(event, SpeakingStarted)]
    assert sum(8 < second < 10.5 for second in woken) == 1
    assert len(spoken) == len(woken), "an answer to each call that was heard, and to nothing else"
    assert not [event for event in events if isinstance(event, Notice)]


class Overloaded(VirtualRoom):
    """The computer takes three times as long as the sound lasts, from second 2 to second 8."""

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        heard = 0.0
        async for chunk in super().__aiter__():
            heard += len(chunk) / 16_000
            self.came = heard
            yield chunk
            if 2.0 < heard < 8.0:
                await asyncio.sleep(2 * len(chunk) / 16_000)


def test_a_computer_that_is_three_times_overloaded_says_so_and_answers_the_next_request(
    voice: CachedVoice, say: Say
) -> None:
    room = Overloaded(45.0, 0.5)
    words = as_loud_as_half_the_echo(say("Hey Jarvis, what is new?").samples)
    for at in (3.0, 36.0):
        room.say(words, at)
    events = live_in(room, ReadingBackend(REPLY, Writes("What is new?")), voice, load_settings({}))  # type: ignore[arg-type]
    told = " ".join(event.text for event in events if isinstance(event, Notice))
    assert "behind the microphone: the computer is too busy" in told
    assert "thrown" in told
    spoken = [event for event in events if isinstance(event, SpeakingStarted)]
    assert sum(event.second > 36 for event in spoken) == 1, "the request after it is answered"
    assert len(spoken) <= 3, "the reply, perhaps its rest, and the answer: no talk with itself"
