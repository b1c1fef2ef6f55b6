"""How long it takes from the end of speech to the first sound of the answer, beside a pipeline of the usual parts."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.app import App
from assistant.evaluation.speech import faster_whisper
from assistant.evaluation.voice_recordings import SpokenRequest, real_requests, spoken_requests
from assistant.evaluation.word_errors import word_error_rate
from assistant.events import Event, FirstSound, SpeechEnded, TranscriptReady, UtteranceIgnored, WakeWordHeard
from assistant.settings import Settings
from assistant.speech import Synthesizer
from assistant.speech.activity import CHUNK, VoiceActivity
from assistant.types import FloatArray, Turn, new_id
from assistant.voice.backend import AppBackend
from assistant.voice.building import ReplyFiles, loop_over_recordings

__all__ = ["Answered", "VoiceBench", "bench_voice", "measure_voice"]

SAMPLE_RATE = 16_000
PEER_SILENCE = 0.7
"""seconds of silence after which the peer takes a speaker to have finished"""
OURS, PEER = "assistant", "silero + faster-whisper int8"


@dataclass(frozen=True)
class Answered:
    """One request answered by one contender."""

    transcript_ms: float
    """milliseconds from the real end of speech to the transcript"""
    first_sound_ms: float
    """milliseconds from the real end of speech to the first sound of the answer"""
    text: str
    ended: str
    """why speech was taken to have ended"""


@dataclass(frozen=True)
class VoiceBench:
    """All contenders on the same recordings, played in real time, taking turns."""

    answered: dict[str, tuple[Answered, ...]]
    """contender → its answers"""
    requests: int
    missed_wakes: int
    """recordings whose wake word we did not hear; left out of both"""
    words: dict[str, float]
    """contender → word error rate, 0 is perfect"""

    @property
    def speedup(self) -> float | None:
        """How many times longer the peer takes in the median; None without a peer."""
        if PEER not in self.answered:
            return None
        return self.median(PEER) / self.median(OURS)

    def median(self, name: str) -> float:
        """Milliseconds to the first sound."""
        return statistics.median(each.first_sound_ms for each in self.answered[name])

    def percentile(self, name: str, percent: float) -> float:
        """Milliseconds to the first sound that so many percent stay below."""
        return float(np.percentile([each.first_sound_ms for each in self.answered[name]], percent))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        contenders = [
            {
                "name": name,
                "median_ms": round(self.median(name), 1),
                "p95_ms": round(self.percentile(name, 95), 1),
                "transcript_median_ms": round(statistics.median(each.transcript_ms for each in answers), 1),
                "word_error_rate": round(self.words[name], 4),
                "answers": [asdict(each) for each in answers],
            }
            for name, answers in self.answered.items()
        ]
        head = {"requests": self.requests, "missed_wakes": self.missed_wakes, "speedup": self.speedup}
        return {**head, "contenders": contenders}

    def __str__(self) -> str:
        lines = [f"{self.requests} requests in real time, {self.missed_wakes} wake words missed"]
        lines += [_line(entry) for entry in self.to_json()["contenders"]]
        if self.speedup is not None:
            lines.append(f"{self.speedup:.1f} times faster than the peer")
        return "\n".join(lines)


def _line(entry: dict[str, Any]) -> str:
    return (
        f"{entry['name']:<30} end of speech to transcript {entry['transcript_median_ms']:.0f} ms, "
        f"to first sound {entry['median_ms']:.0f} ms (95 %: {entry['p95_ms']:.0f} ms), "
        f"words wrong {100 * entry['word_error_rate']:.1f} %"
    )


async def measure_voice(settings: Settings, data: Path | None, count: int, *, peer: bool = False) -> VoiceBench:
    """Open the assistant and measure it; see `bench_voice`.

    Args:
        settings: of the user; the wake word and the language are those of the recordings.
        data: folder of real recordings; None has the English voice ask.
        count: most requests.
        peer: measure the peer too.
    """
    word = "alexa" if data else "hey jarvis"
    voice = settings.voice.model_copy(update={"mode": "wake", "wake_words": {word: 0.5}, "follow_up": 0.0})
    speech = settings.speech.model_copy(update={"language": "en"})
    settings = settings.model_copy(update={"voice": voice, "speech": speech})
    requests = list(real_requests(data, word, count)) if data else spoken_requests(word)[:count]
    app = await App.open(settings)
    try:
        return await bench_voice(app, requests, settings, peer=peer)
    finally:
        await app.close()


async def bench_voice(
    app: App, requests: Sequence[SpokenRequest], settings: Settings, *, peer: bool = False
) -> VoiceBench:
    """Play each request in real time to every contender, one after another.

    Both know the language, both answer with the same models and speak with the same voice; the peer is told where
    the wake word ends and waits `PEER_SILENCE` after speech.

    Args:
        app: open.
        requests: recordings; the first is played once more beforehand, to warm up.
        settings: voice and speech.
        peer: measure the peer too.

    Raises:
        UserError: the peer is not installed, or weights cannot be had.
    """
    voice = Synthesizer.from_settings(settings)
    await asyncio.to_thread(voice.load)
    house = AppBackend(app)
    ways: dict[str, Callable[[SpokenRequest], Awaitable[Answered | None]]] = {
        OURS: lambda request: _ours(app, house, request, settings, voice)
    }
    if peer:
        transcribe = faster_whisper(settings.inference.threads, settings.speech.language)
        ways[PEER] = lambda request: _theirs(app, request, transcribe, voice)
    for way in ways.values():
        await way(requests[0])
    rows = [{name: await way(request) for name, way in ways.items()} for request in requests]
    await house.close()
    complete = [(request, row) for request, row in zip(requests, rows, strict=True) if all(row.values())]
    answered = {name: tuple(answer for _, row in complete if (answer := row[name])) for name in ways}
    words = {
        name: word_error_rate(
            [(request.words, answer.text) for request, row in complete if (answer := row[name])], "en"
        )
        for name in ways
    }
    return VoiceBench(answered, len(complete), len(requests) - len(complete), words)


async def _ours(
    app: App, house: AppBackend, request: SpokenRequest, settings: Settings, voice: Synthesizer
) -> Answered | None:
    session = f"bench-{new_id()}"
    player = ReplyFiles(None, time.monotonic, None)
    loop = loop_over_recordings(
        [request.clip], house, app.bus, settings, session=session, realtime=True, voice=voice, player=player
    )
    found: dict[type[Event], Any] = {}

    def keep(event: Event) -> None:
        if getattr(event, "session", session) == session:
            found[type(event)] = event

    forget = app.bus.listen(keep, (FirstSound, SpeechEnded, TranscriptReady, UtteranceIgnored, WakeWordHeard))
    await loop.run()
    forget()
    if FirstSound not in found:
        return None
    latency, ended = found[FirstSound].latency_ms, found[SpeechEnded]
    # Measured from the real end of speech, not from where we took it to be.
    early = 1000 * (ended.speech_end - request.speech_end)
    transcript = latency["endpoint"] + latency["transcript"]
    return Answered(transcript + early, latency["to first sound"] + early, found[TranscriptReady].text, ended.reason)


async def _theirs(
    app: App, request: SpokenRequest, transcribe: Callable[[FloatArray], str], voice: Synthesizer
) -> Answered:
    """What is usually built: voice activity, a fixed silence, then one thing after another."""
    activity, silence, spoken = VoiceActivity(), 0.0, False
    samples = np.concatenate([request.clip.samples, np.zeros(3 * SAMPLE_RATE, np.float32)])
    began = time.monotonic()
    first = at = int(request.wake_end * SAMPLE_RATE)
    while True:
        at += CHUNK
        await asyncio.sleep(max(0.0, began + (at - first) / SAMPLE_RATE - time.monotonic()))
        speaks = activity.probability(samples[at - CHUNK : at]) >= 0.5
        spoken, silence = spoken or speaks, 0.0 if speaks else silence + CHUNK / SAMPLE_RATE
        if (spoken and silence >= PEER_SILENCE) or at + CHUNK > len(samples):
            break
    end = began + request.speech_end - request.wake_end
    text = await asyncio.to_thread(transcribe, samples[first:at])
    transcript = time.monotonic()
    result = await app.respond(Turn(session=f"bench-{new_id()}", text=text or "?"))
    await asyncio.to_thread(next, voice.stream(result.reply.spoken), None)
    return Answered(1000 * (transcript - end), 1000 * (time.monotonic() - end), text, "silence")
