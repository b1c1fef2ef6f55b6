"""Measures memory and lost sound while hours of sound pass through the voice loop, faster than real time."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from assistant.evaluation.turn import resident_mb
from assistant.evaluation.voice_recordings import background_talk, real_requests, spoken_requests
from assistant.events import Event, ItemsDropped, Notice, SpeakingFinished, UtteranceIgnored, WakeWordHeard
from assistant.settings import Settings
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import AudioClip, new_id
from assistant.voice.backend import AppBackend
from assistant.voice.building import loop_over_recordings

__all__ = ["measure_stream"]

SAMPLE_RATE = 16_000
SETTLED = 0.15
"""share of the stream after which everything that is loaded once has been loaded"""


async def measure_stream(settings: Settings, progress: StepProgress, hours: float, data: Path | None) -> Report:
    """Plays requests, talk without wake words, noise and silence for hours; without `data` the English voice speaks."""
    word = "alexa" if data else "hey jarvis"
    voice = settings.voice.model_copy(update={"mode": "wake", "wake_words": {word: 0.5}})
    settings = settings.model_copy(update={"voice": voice})
    given, counts = _Given(_scenes(data, word), hours), Counter[str]()

    def count(event: Event) -> None:
        counts[type(event).__name__] += 1

    async with AppBackend.open(settings) as (app, backend):
        app.bus.listen(count, (ItemsDropped, Notice, SpeakingFinished, UtteranceIgnored, WakeWordHeard))
        loop = loop_over_recordings(given, backend, app.bus, settings, session=f"stream-{new_id()}")
        began = time.monotonic()
        await loop.run()
        took, end = time.monotonic() - began, resident_mb()
    rows = [
        Row("sound per second", loop.clock.now / took, "s"),
        Row("memory gained once everything is loaded", end - given.settled, "MB"),
        Row("memory at the end", end, "MB"),
        Row("sound lost", max(0.0, given.seconds - loop.clock.now), "s", at_most=0.01),
        *(Row(name, number) for name, number in sorted(counts.items())),
    ]
    return Report("bench stream", f"{loop.clock.now / 3600:.2f} h of sound", rows)


class _Given:
    """Repeats the scenes, and notes how much sound was given out and the memory once everything is loaded."""

    def __init__(self, scenes: Sequence[AudioClip], hours: float) -> None:
        self.seconds = 0.0
        self.settled = float("nan")
        """resident memory after `SETTLED` of the stream, MB"""
        self._scenes, self._hours = scenes, hours

    def __iter__(self) -> Iterator[AudioClip]:
        for clip in itertools.cycle(self._scenes):
            share = self.seconds / 3600 / self._hours
            if share >= SETTLED and self.settled != self.settled:
                self.settled = resident_mb()
            if share >= 1:
                return
            self.seconds += clip.duration
            yield clip


def _scenes(data: Path | None, word: str) -> list[AudioClip]:
    requests = list(real_requests(data, word, 20)) if data else spoken_requests(word)
    talk = list(_recordings(data)) if data else [background_talk()]
    random = np.random.default_rng(0)
    hiss = AudioClip((0.02 * random.standard_normal(5 * SAMPLE_RATE)).astype(np.float32))
    silence = AudioClip(np.zeros(20 * SAMPLE_RATE, np.float32))
    scenes: list[AudioClip] = []
    for number, request in enumerate(requests):
        scenes += [request.clip, silence, talk[number % len(talk)], hiss, silence]
    return scenes


def _recordings(data: Path) -> Iterable[AudioClip]:
    from assistant.inputs.audio_file import read_audio

    for folder in ("speech_librispeech_resemblyzer", "noise_esc10"):
        for path in sorted((data / folder).rglob("*.flac"))[:20]:
            yield read_audio(path)
