"""Measures the voice loop over hours: what waiting for the wake word costs, memory, and sound that is lost."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from assistant.errors import UserError
from assistant.evaluation.turn import changed, resident_mb
from assistant.evaluation.voice import background_talk, real_requests, spoken_requests
from assistant.events import Event, ItemsDropped, Notice, SpeakingFinished, UtteranceIgnored, WakeWordHeard
from assistant.inputs.audio_file import read_audio
from assistant.settings import Settings
from assistant.speech import write_audio
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import AudioClip, new_id
from assistant.voice.backend import AppBackend, loop_over_recordings

__all__ = ["cpu_seconds", "measure_idle", "measure_stream"]

SAMPLE_RATE = 16_000
SETTLING = 10.0
"""seconds after the start that do not count"""
SETTLED = 0.15
"""share of the stream after which everything that is loaded once has been loaded"""


async def measure_stream(settings: Settings, progress: StepProgress, hours: float, data: Path | None) -> Report:
    """Plays requests, talk without wake words, noise and silence for hours; without `data` the English voice speaks."""
    word = "alexa" if data else "hey jarvis"
    settings = changed(settings, voice={"mode": "wake", "wake_words": {word: 0.5}})
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
    hiss = AudioClip((0.02 * np.random.default_rng(0).standard_normal(5 * SAMPLE_RATE)).astype(np.float32))
    silence = AudioClip(np.zeros(20 * SAMPLE_RATE, np.float32))
    scenes: list[AudioClip] = []
    for number, request in enumerate(requests):
        scenes += [request.clip, silence, talk[number % len(talk)], hiss, silence]
    return scenes


def _recordings(data: Path) -> Iterable[AudioClip]:
    for folder in ("speech_librispeech_resemblyzer", "noise_esc10"):
        for path in sorted((data / folder).rglob("*.flac"))[:20]:
            yield read_audio(path)


def measure_idle(settings: Settings, progress: StepProgress, seconds: float) -> Report:
    """Starts ``assistant listen`` on a recording without a wake word and watches the process from outside.

    A voice talks all the time; `seconds` are measured after the process has settled.
    """
    sound = np.resize(background_talk().samples, int((seconds + SETTLING + 20) * SAMPLE_RATE)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "background.wav"
        write_audio(path, AudioClip(sound, SAMPLE_RATE))
        command = [sys.executable, "-m", "assistant", "listen", "--realtime", "--json", "--audio-file", str(path)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                time.sleep(SETTLING)
                before, began = cpu_seconds(process.pid), time.monotonic()
                time.sleep(seconds)
                share = (cpu_seconds(process.pid) - before) / (time.monotonic() - began)
                rows = [Row("of one core", 100 * share, "%"), Row("resident memory", resident_mb(process.pid), "MB")]
            finally:
                process.terminate()
    return Report("bench idle", f"{seconds:.0f} s of a voice in the background", rows)


def cpu_seconds(pid: int) -> float:
    """Seconds of processors that a process has used.

    Raises:
        UserError: it has ended, or the system does not tell.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError as error:
        raise UserError("The assistant has ended, or this system does not tell what a process costs.") from error
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
