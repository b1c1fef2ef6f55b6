"""Real sound in virtual rooms: the real echo canceller, voice activity, wake words and spotter, and no waiting."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assistant.evaluation.stopping import CachedVoice, ReadingBackend
from assistant.evaluation.virtual_room import VirtualRoom, loop_in_room
from assistant.events import Event, ListeningStarted, SpeakingInterrupted, SpeakingStarted
from assistant.settings import load_settings
from assistant.testing import run_virtually
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
    events: list[Event] = []

    async def run() -> None:
        backend = ReadingBackend(REPLY, Writes(words))  # type: ignore[arg-type]
        await loop_in_room(room, backend, voice, load_settings({"voice": settings}), events).run()

    run_virtually(run())
    return events


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
