"""Makes spoken requests with a wake word before them, by the English voice or from real recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.speech import Synthesizer
from assistant.speech.activity import speech_segments
from assistant.training.data import read_table
from assistant.types import AudioClip, FloatArray

__all__ = ["SpokenRequest", "background_talk", "real_requests", "spoken_requests"]

SAMPLE_RATE = 16_000
LEAD, GAP, TAIL = 0.5, 0.25, 1.5
"""seconds of silence before the wake word, between it and the request, and after"""

REQUESTS = (
    "Roll a twenty sided die.",
    "Where is my order?",
    "What is three quarters of one hundred and twenty?",
    "I would like to return the shoes that arrived this morning.",
    "I have had a headache and a slight fever since yesterday.",
    "What can you do?",
    "Explain what a prime number is.",
    "The kettle you sent me is broken.",
)
TALK = (
    "And now the weather for the rest of the week, which stays mostly dry in the north. Temperatures fall a little. "
    "In other news, the town council has voted to keep the library open until nine in the evening."
)


@dataclass(frozen=True, eq=False)
class SpokenRequest:
    """A wake word and a request, one recording."""

    clip: AudioClip
    """16 kHz"""
    wake_end: float
    """second at which the wake word ends"""
    speech_end: float
    """second at which the request really ends"""
    words: str
    """of the request"""


def spoken_requests(wake_word: str = "hey jarvis", words: Sequence[str] = REQUESTS) -> list[SpokenRequest]:
    """Requests that the shipped plugins know, spoken by the English voice."""
    voice = Synthesizer("hibari")
    wake = voice.recording(f"{wake_word.title()}.").samples
    return [_request(wake, voice.recording(text).samples, text) for text in words]


def background_talk() -> AudioClip:
    """A voice that talks about the weather, without a wake word."""
    return spoken_requests("hello", (TALK,))[0].clip


def real_requests(data: Path, word: str = "alexa", count: int = 40) -> Iterator[SpokenRequest]:
    """Real people: a wake word of `wakeword_picovoice`, then a command of `speech_homeassistant_commands`."""
    from assistant.inputs.audio_file import read_audio

    commands = data / "speech_homeassistant_commands"
    wakes = [row["file"] for row in read_table(data / "wakeword_picovoice/manifest.csv") if row["keyword"] == word]
    rows = [row for row in read_table(commands / "manifest.csv") if row["text"] and row["lang"] == "en"]
    rows = [row for row in rows if row["kind"] != "oov"][:count]
    for number, row in enumerate(rows):
        wake = read_audio(data / "wakeword_picovoice" / wakes[number % len(wakes)])
        command = read_audio(commands / row["file"])
        yield _request(_spoken_part(wake), _spoken_part(command), row["text"])


def _spoken_part(clip: AudioClip) -> FloatArray:
    spans = speech_segments(clip, pad=0.1)
    if not spans:
        return clip.samples
    return clip.samples[int(spans[0][0] * SAMPLE_RATE) : int(spans[-1][1] * SAMPLE_RATE)]


def _request(wake: FloatArray, request: FloatArray, words: str) -> SpokenRequest:
    spans = speech_segments(AudioClip(request), pad=0.0)
    end = spans[-1][1] if spans else len(request) / SAMPLE_RATE
    silence = [np.zeros(int(seconds * SAMPLE_RATE), np.float32) for seconds in (LEAD, GAP, TAIL)]
    samples = np.concatenate([silence[0], wake, silence[1], request, silence[2]])
    wake_end = LEAD + len(wake) / SAMPLE_RATE
    return SpokenRequest(AudioClip(samples, SAMPLE_RATE, words), wake_end, wake_end + GAP + end, words)
