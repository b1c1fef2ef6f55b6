"""Hours of sound through the voice loop, faster than real time: what it costs in memory, and whether any is lost."""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.app import App
from assistant.evaluation.voice_recordings import real_requests, spoken_requests
from assistant.events import Event, ItemsDropped, Notice, SpeakingFinished, UtteranceIgnored, WakeWordHeard
from assistant.settings import Settings
from assistant.types import AudioClip, new_id
from assistant.voice.backend import AppBackend
from assistant.voice.building import loop_over_recordings

__all__ = ["StreamBench", "background_talk", "measure_stream", "resident_mb"]

SAMPLE_RATE = 16_000
SETTLED = 0.15
"""share of the stream after which everything that is loaded once has been loaded"""
TALK = (
    "And now the weather for the rest of the week, which stays mostly dry in the north. Temperatures fall a little. "
    "In other news, the town council has voted to keep the library open until nine in the evening."
)


@dataclass(frozen=True)
class StreamBench:
    """What hours of sound left behind."""

    hours: float
    """of sound"""
    seconds: float
    """it took"""
    grown_mb: float
    """resident memory gained after the first `SETTLED` of the stream, MB"""
    resident_mb: float
    """at the end, MB"""
    lost_seconds: float
    """of sound that was put in and not heard"""
    events: dict[str, int]
    """how many of each kind"""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def __str__(self) -> str:
        seen = ", ".join(f"{count} {name}" for name, count in sorted(self.events.items()))
        return (
            f"{self.hours:.2f} h of sound in {self.seconds:.0f} s: memory grew by {self.grown_mb:.1f} MB "
            f"to {self.resident_mb:.0f} MB, {self.lost_seconds:.2f} s of sound lost; {seen}"
        )


def resident_mb(pid: int | str = "self") -> float:
    """Resident memory of a process, MB; NaN where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def measure_stream(settings: Settings, hours: float, data: Path | None) -> StreamBench:
    """Let requests, talk without a wake word, noise and silence pass by for hours.

    Args:
        settings: of the user; the wake word is that of the recordings.
        hours: of sound.
        data: folder of real recordings; without it the English voice speaks.
    """
    word = "alexa" if data else "hey jarvis"
    voice = settings.voice.model_copy(update={"mode": "wake", "wake_words": {word: 0.5}})
    settings = settings.model_copy(update={"voice": voice})
    app = await App.open(settings)
    house = AppBackend(app)
    given, levels, counts = _Given(_scenes(data, word), hours), _Levels(), Counter[str]()

    def count(event: Event) -> None:
        counts[type(event).__name__] += 1

    app.bus.listen(count, (ItemsDropped, Notice, SpeakingFinished, UtteranceIgnored, WakeWordHeard))
    loop = loop_over_recordings(given, house, app.bus, settings, session=f"stream-{new_id()}")
    given.passed = levels.note
    began = time.monotonic()
    try:
        await loop.run()
        took = time.monotonic() - began
        end = resident_mb()
        lost = given.seconds - loop.clock.now
        return StreamBench(
            loop.clock.now / 3600, took, end - levels.settled, end, round(max(0.0, lost), 2), dict(counts)
        )
    finally:
        await house.close()
        await app.close()


def background_talk() -> AudioClip:
    """Somebody who talks about the weather, and not to us."""
    return spoken_requests("hello", (TALK,))[0].clip


class _Levels:
    """Memory once everything is loaded."""

    settled = float("nan")

    def note(self, share: float) -> None:
        """So much of the stream has passed."""
        if share >= SETTLED and self.settled != self.settled:
            self.settled = resident_mb()


class _Given:
    """The scenes, again and again, and how much of them was given out."""

    def __init__(self, scenes: Sequence[AudioClip], hours: float) -> None:
        self.seconds = 0.0
        self.passed: Any = lambda share: None
        self._scenes, self._hours = scenes, hours

    def __iter__(self) -> Iterator[AudioClip]:
        for clip in itertools.cycle(self._scenes):
            share = self.seconds / 3600 / self._hours
            self.passed(share)
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
