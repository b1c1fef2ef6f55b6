"""The assistant in rooms that answer: what it says comes back late and ringing, with somebody speaking on top."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from assistant.speech.echo import EchoGuard
from assistant.speech.echo_reference import Timeline
from assistant.speech.wake import WakeWords
from assistant.types import AudioClip, FloatArray

RATE, CHUNK = 16_000, 512
Say = Callable[[str], AudioClip]

REPLY = (
    "Your parcel left our house on Monday. It will arrive tomorrow in the afternoon, between two and four. "
    "If nobody is at home, the driver leaves it with a neighbour."
)


def room(delay: float, rings: float, gain: float, seed: int = 0) -> FloatArray:
    """An impulse response: nothing for `delay` seconds, then a blow, then noise that falls by 60 dB in `rings`."""
    n = int(rings * RATE)
    tail = np.random.default_rng(seed).standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    tail[0] = 4.0
    return np.concatenate([np.zeros(int(delay * RATE)), gain * tail / np.linalg.norm(tail)]).astype(np.float32)


@dataclass
class Heard:
    """A session in a room, chunk by chunk."""

    microphone: FloatArray
    clean: FloatArray
    ours: FloatArray
    """1 where the guard says that there was nothing but our own voice"""
    rest: FloatArray
    """what the filter leaves, before the gate"""


def live_through(guard: EchoGuard, played: FloatArray, answer: FloatArray, other: FloatArray) -> Heard:
    """Play blocks of 20 ms, told of 80 ms ahead, and hear them back under `other`."""
    noise = 1e-3 * np.random.default_rng(1).standard_normal(len(played))
    microphone = (np.convolve(played, answer)[: len(played)] + noise + other).astype(np.float32)
    clean, ours, rest, told = [], [], [], 0
    for at in range(0, len(microphone) - CHUNK + 1, CHUNK):
        while told < min(at + CHUNK + 1280, len(played)):
            if np.any(block := played[told : told + 320]):
                guard.played(block, told / RATE)
            told += 320
        second = (at + CHUNK) / RATE
        clean.append(guard.clean(microphone[at : at + CHUNK], second))
        rest.append(guard.remainder)
        ours.append(np.full(CHUNK, guard.echoing(second), np.float32))
    return Heard(microphone[: len(clean) * CHUNK], *map(np.concatenate, (clean, ours, rest)))


def power(samples: FloatArray, where: slice = slice(None)) -> float:
    return float(np.mean(np.square(samples[where], dtype=np.float64)))


def twice(reply: FloatArray) -> tuple[FloatArray, slice]:
    """Said, and said again after a second: the samples, and where the second time is."""
    pause = np.zeros(RATE, np.float32)
    played = np.concatenate([pause, reply, pause, reply, pause])
    begin = 2 * RATE + len(reply)
    return played, slice(begin, begin + len(reply))


@pytest.mark.parametrize("delay", [0.02, 0.1, 0.2, 0.3])
@pytest.mark.parametrize("rings", [0.15, 0.4])
def test_our_own_voice_is_found_and_taken_out(say: Say, delay: float, rings: float) -> None:
    played, again = twice(say(REPLY).samples)
    guard = EchoGuard()
    heard = live_through(guard, played, room(delay, rings, 0.5), np.zeros_like(played))
    enhancement = 10 * np.log10(power(heard.microphone, again) / power(heard.rest, again))
    assert guard._delay is not None
    assert guard._delay / RATE == pytest.approx(delay, abs=0.005)
    assert enhancement > (15 if rings < 0.3 else 10)  # dB, by the filter alone
    loud = np.convolve(heard.microphone**2, np.ones(800) / 800, "same")[again] > 1e-5
    assert np.mean(heard.ours[again][loud]) > 0.98


def test_the_gate_silences_what_the_filter_leaves(say: Say) -> None:
    played, again = twice(say(REPLY).samples)
    heard = live_through(EchoGuard(), played, room(0.1, 0.4, 0.5), np.zeros_like(played))
    assert 10 * np.log10(power(heard.microphone, again) / power(heard.clean, again)) > 30


@pytest.mark.parametrize("loudness", [0.5, 1.0])
def test_somebody_who_speaks_over_the_reply_is_heard(say: Say, loudness: float) -> None:
    played, again = twice(say(REPLY).samples)
    answer = room(0.12, 0.3, 0.5)
    echo = np.sqrt(power(np.convolve(played, answer)[again]))
    words = say("Wait a moment, I want to change the address.").samples[:60_000]
    other = np.zeros_like(played)
    begin = again.start + RATE
    other[begin : begin + len(words)] = loudness * echo * words / np.sqrt(power(words))
    heard = live_through(EchoGuard(), played, answer, other)
    envelope = np.convolve(other**2, np.ones(800) / 800, "same")[: len(heard.clean)]
    speaking = envelope > 0.05 * envelope.max()
    assert np.mean(heard.ours[speaking]) < 0.3  # their first third of a second is doubted
    left = power((heard.clean - other[: len(heard.clean)])[speaking])
    before = power((heard.microphone - other[: len(heard.clean)])[speaking])
    assert 10 * np.log10(before / left) > 6  # dB less of us under what they say


def test_the_wake_word_in_our_own_reply_wakes_nobody(say: Say) -> None:
    played, _ = twice(say("My name is Alexa. Some people say hey Jarvis instead. Alexa! Hey Jarvis!").samples)
    words, found = WakeWords({"alexa": 0.5, "hey jarvis": 0.5}), []
    heard = live_through(EchoGuard(), played, room(0.1, 0.3, 0.7), np.zeros_like(played))
    for at in range(0, len(heard.clean), CHUNK):
        found += words.process(heard.clean[at : at + CHUNK])
    deaf = WakeWords({"alexa": 0.5, "hey jarvis": 0.5})
    assert any(deaf.process(heard.microphone[at : at + CHUNK]) for at in range(0, len(heard.microphone), CHUNK))
    assert not found


def test_a_wake_word_of_our_own_is_known_as_ours(say: Say) -> None:
    guard = EchoGuard(words=WakeWords({"hey jarvis": 0.5}))
    clip = np.concatenate([say("Hey Jarvis.").samples, np.zeros(RATE // 2, np.float32)])
    for at in range(0, len(clip), 320):
        guard.played(clip[at : at + 320], 5 + at / RATE)
    assert guard.said("hey jarvis", 5 + len(clip) / RATE)
    assert not guard.said("alexa", 5 + len(clip) / RATE)
    assert not guard.said("hey jarvis", 60.0)


def test_each_reply_may_come_with_another_delay(say: Say) -> None:
    reply, pause = say(REPLY).samples, np.zeros(RATE, np.float32)
    played = np.concatenate([pause, reply, pause, reply, pause, reply, pause])
    starts = [(RATE + len(reply)) * turn for turn in range(4)]
    echo = np.zeros_like(played)
    for number, delay in enumerate((0.14, 0.072, 0.068)):
        part = np.zeros_like(played)
        part[starts[number] : starts[number + 1]] = played[starts[number] : starts[number + 1]]
        echo += np.convolve(part, room(delay, 0.3, 0.5))[: len(played)]
    heard = live_through(EchoGuard(), played, np.zeros(1, np.float32), echo)
    loud = np.convolve(heard.microphone**2, np.ones(800) / 800, "same") > 1e-5
    assert np.mean(heard.ours[loud]) > 0.93
    for start in starts[1:3]:
        where = slice(start + 2 * RATE, start + RATE + len(reply))
        assert 10 * np.log10(power(heard.microphone, where) / power(heard.clean, where)) > 15


def test_with_headphones_nothing_is_taken_from_the_speaker(say: Say) -> None:
    played, again = twice(say(REPLY).samples)
    other = np.zeros_like(played)
    words = say("Wait a moment, I want to change the address.").samples
    other[again.start : again.start + len(words)] = words
    heard = live_through(EchoGuard(), played, np.zeros(1, np.float32), other)
    where = slice(again.start, again.start + len(words))
    assert power(heard.clean, where) > 0.8 * power(other, where)


def test_without_a_reply_the_sound_passes_untouched() -> None:
    guard = EchoGuard()
    chunk = np.random.default_rng(0).standard_normal(CHUNK).astype(np.float32)
    assert np.array_equal(guard.clean(chunk, 0.032), chunk)
    assert not guard.echoing(0.032)


def test_stretches_that_tremble_are_joined() -> None:
    timeline = Timeline()
    ramp = np.arange(1, 641, dtype=np.float32)
    timeline.put(ramp[:320], 1.0)
    timeline.put(ramp[320:], 1.0 + 0.02 + 0.004)
    assert np.array_equal(timeline.get(16_000, 640), ramp)
    assert not timeline.get(0, 16_000).any()


def test_sound_older_than_is_kept_is_silence() -> None:
    timeline = Timeline()
    timeline.put(np.ones(320, np.float32), 1.0)
    timeline.put(np.ones(320, np.float32), 60.0)
    assert not timeline.get(16_000, 320).any()
    assert timeline.get(960_000, 320).all()


@pytest.mark.bench
def test_a_second_speaker_is_kept_better_than_by_webrtc(say: Say) -> None:
    rtc = pytest.importorskip("livekit.rtc")
    played, again = twice(say(REPLY).samples)
    echo = np.convolve(played, answer := room(0.12, 0.3, 0.5))[: len(played)]
    words = say("Wait a moment, I want to change the address.").samples[:60_000]
    where = slice(again.start + RATE, again.start + RATE + len(words))
    other = np.zeros_like(played)
    other[where] = words * np.sqrt(power(echo[again]) / power(words))
    heard = live_through(EchoGuard(), played, answer, other)
    apm, theirs = rtc.AudioProcessingModule(echo_cancellation=True), []
    for at in range(0, len(heard.microphone) - 159, 160):
        frames = [
            rtc.AudioFrame(bytearray((part * 32767).astype(np.int16).tobytes()), RATE, 1, 160)
            for part in (played[at : at + 160], np.clip(heard.microphone[at : at + 160], -1, 1))
        ]
        apm.process_reverse_stream(frames[0])
        apm.process_stream(frames[1])
        theirs.append(np.frombuffer(bytes(frames[1].data), np.int16) / 32768)
    kept, lost = (_spectral_ratio(part[where], other[where]) for part in (heard.clean, np.concatenate(theirs)))
    print(f"second speaker to the rest: ours {kept:.1f} dB, WebRTC {lost:.1f} dB")
    assert kept > lost + 3


def _spectral_ratio(samples: FloatArray, wanted: FloatArray) -> float:
    """Decibels of the wanted magnitude spectrum over what differs from it, at its best gain."""
    frames = [
        np.lib.stride_tricks.sliding_window_view(part, 512)[::128] * np.hanning(512) for part in (samples, wanted)
    ]
    found, ideal = (np.abs(np.fft.rfft(part, axis=1)) for part in frames)
    ideal = ideal * np.sum(found * ideal) / np.sum(ideal**2)
    return float(10 * np.log10(np.sum(ideal**2) / np.sum((found - ideal) ** 2)))


@pytest.mark.bench
def test_a_chunk_takes_less_than_two_milliseconds(say: Say) -> None:
    played, _ = twice(say(REPLY).samples)
    began = time.process_time()
    heard = live_through(EchoGuard(), played, room(0.1, 0.3, 0.5), np.zeros_like(played))
    assert (time.process_time() - began) / (len(heard.clean) / CHUNK) < 0.002
