"""The input of a fake microphone: a script in numbers, or a recording.

A sentence of a script has a loudness of its own, by which `FakeBackend` knows what was said.
"""

from __future__ import annotations

import numpy as np

from assistant.types import AudioClip, FloatArray

__all__ = ["CHUNK", "RATE", "SOFTEST", "WORD", "Recording", "Scene", "loudness"]

RATE, CHUNK = 16_000, 512
SOFTEST, STEP = 0.1, 0.001
WAKE = 0.9
NOISE = 0.01
WORD = 0.3
"""seconds a word lasts"""


class Scene:
    """The input of a fake microphone; build it by chaining."""

    def __init__(self) -> None:
        self._parts: list[FloatArray] = []
        self.lines: list[str] = []
        """the sentences, in order"""
        self._lengths: dict[int, int] = {}

    @property
    def seconds(self) -> float:
        """Its length so far."""
        return sum(len(part) for part in self._parts) / RATE

    @property
    def samples(self) -> FloatArray:
        """All of it, (n,), float32."""
        return np.concatenate(self._parts) if self._parts else np.zeros(0, np.float32)

    def silence(self, seconds: float) -> Scene:
        """Nothing is heard."""
        return self._add(0.0, seconds)

    def noise(self, seconds: float) -> Scene:
        """Something is heard, and it is not speech."""
        return self._add(NOISE, seconds)

    def say(self, words: str, seconds: float = 0.0) -> Scene:
        """Says a sentence; by default a third of a second per word."""
        self.lines.append(words)
        return self._add(SOFTEST + STEP * (len(self.lines) - 1), seconds or WORD * len(words.split()))

    def echo(self, words: str, seconds: float) -> float:
        """The loudness of a sentence that the microphone hears from the loudspeaker."""
        if words not in self.lines:
            self.lines.append(words)
            self._lengths[len(self.lines) - 1] = round(seconds * RATE)
        return SOFTEST + STEP * self.lines.index(words)

    def wake(self, seconds: float = 0.6) -> Scene:
        """Says the wake word."""
        return self._add(WAKE, seconds)

    def _add(self, loudness: float, seconds: float) -> Scene:
        self._parts.append(np.full(round(seconds * RATE / CHUNK) * CHUNK, loudness, np.float32))
        return self

    def line_at(self, chunk: FloatArray) -> str:
        """The sentence that is said in a chunk; "" for none."""
        number = round((loudness(chunk) - SOFTEST) / STEP)
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def words_in(self, clip: AudioClip) -> str:
        """Returns the words in a clip: of each sentence as many as its sound lasts for."""
        words: list[str] = []
        for number, line in enumerate(self.lines):
            level = SOFTEST + STEP * number
            parts = sum(part.size for part in self._parts if abs(loudness(part) - level) < STEP / 2)
            whole = parts or self._lengths[number]
            there = int((np.abs(clip.samples - level) < STEP / 2).sum())
            words += line.split()[: round(len(line.split()) * min(1.0, there / whole))]
        return " ".join(words)


def loudness(samples: FloatArray) -> float:
    """By which a scene knows its parts."""
    return float(samples[0]) if len(samples) else 0.0


class Recording(Scene):
    """A real recording (mono, 16 kHz) in place of a script; use real voice activity and wake words with it.

    `FakeBackend` understands all of its words from the first second on.
    """

    def __init__(self, clip: AudioClip, words: str) -> None:
        super().__init__()
        self.lines = [words]
        self._parts = [np.asarray(clip.samples, np.float32)]

    def words_in(self, clip: AudioClip) -> str:
        """The words, whatever part it is."""
        return self.lines[0]
