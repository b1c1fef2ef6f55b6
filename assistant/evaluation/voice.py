"""Measures the time from the end of speech to the first sound of the answer, beside a pipeline of the usual parts."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.app import App
from assistant.evaluation.faster_whisper import load_peer
from assistant.evaluation.metrics import word_error_rate
from assistant.evaluation.turn import changed
from assistant.evaluation.voice_recordings import SpokenRequest, real_requests, spoken_requests
from assistant.events import Event, FirstSound, SpeechEnded, TranscriptReady, UtteranceIgnored, WakeWordHeard
from assistant.outputs.reply_files import ReplyFiles
from assistant.settings import Settings
from assistant.speech import Synthesizer
from assistant.speech.activity import CHUNK, VoiceActivity
from assistant.terminal.report import Peer, Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import FloatArray, Turn, new_id
from assistant.voice.backend import AppBackend
from assistant.voice.building import loop_over_recordings

__all__ = ["Answered", "measure_voice", "voice_report"]

SAMPLE_RATE = 16_000
PEER_SILENCE = 0.7
"""seconds of silence after which the peer takes a speaker to have finished"""
OURS, PEER = "assistant", "Silero, faster-whisper int8"


@dataclass(frozen=True)
class Answered:
    """One request, answered by us or by the peer."""

    transcript_ms: float
    """milliseconds from the real end of speech to the transcript"""
    first_sound_ms: float
    """milliseconds from the real end of speech to the first sound of the answer"""
    text: str
    ended: str
    """why speech was taken to have ended"""


async def measure_voice(
    settings: Settings, progress: StepProgress, peers: bool, data: Path | None, count: int
) -> Report:
    """Plays each request in real time to us and to the peer, one after another.

    Both know the language, both answer with the same models and speak with the same voice; the peer is told where
    the wake word ends and waits `PEER_SILENCE` after speech.

    Args:
        data: folder of real recordings; None has the English voice ask.
    """
    word = "alexa" if data else "hey jarvis"
    voice = {"mode": "wake", "wake_words": {word: 0.5}, "follow_up": 0.0}
    settings = changed(settings, voice=voice, speech={"language": "en"})
    requests = list(real_requests(data, word, count)) if data else spoken_requests(word)[:count]
    async with AppBackend.open(settings) as (app, backend):
        return await _play(app, backend, requests, settings, peers)


async def _play(
    app: App, backend: AppBackend, requests: Sequence[SpokenRequest], settings: Settings, peer: bool
) -> Report:
    voice = Synthesizer.from_settings(settings)
    await asyncio.to_thread(voice.load)
    ways: dict[str, Callable[[SpokenRequest], Awaitable[Answered | None]]] = {
        OURS: lambda request: _ours(app, backend, request, settings, voice)
    }
    if peer:
        transcribe = load_peer(settings.inference.threads, settings.speech.language)
        ways[PEER] = lambda request: _theirs(app, request, transcribe, voice)
    for way in ways.values():
        await way(requests[0])  # warms up
    rows = [{name: await way(request) for name, way in ways.items()} for request in requests]
    complete = [(request, row) for request, row in zip(requests, rows, strict=True) if all(row.values())]
    answered = {name: [answer for _, row in complete if (answer := row[name])] for name in ways}
    return voice_report(answered, [request.words for request, _ in complete], len(requests) - len(complete))


def voice_report(answered: Mapping[str, Sequence[Answered]], words: Sequence[str], missed: int) -> Report:
    """Makes the report.

    Args:
        answered: `OURS`, and perhaps `PEER` → the answers to the same requests.
        words: of each request.
        missed: recordings whose wake word was not heard; neither side's answers hold them.
    """

    def row(metric: str, unit: str, measure: Callable[[Sequence[Answered]], float]) -> Row:
        peer = Peer(PEER, measure(answered[PEER])) if PEER in answered else None
        return Row(metric, measure(answered[OURS]), unit, peer=peer)

    def sounds(answers: Sequence[Answered]) -> list[float]:
        return [each.first_sound_ms for each in answers]

    def wrong(answers: Sequence[Answered]) -> float:
        return 100 * word_error_rate(zip(words, (each.text for each in answers), strict=True), "en")

    rows = [
        row("end of speech to first sound, median", "ms", lambda found: statistics.median(sounds(found))),
        row("end of speech to first sound, 95th percentile", "ms", lambda f: float(np.percentile(sounds(f), 95))),
        row("end of speech to transcript, median", "ms", lambda f: statistics.median(e.transcript_ms for e in f)),
        row("words wrong", "%", wrong),
        Row("wake words missed", missed),
    ]
    return Report("bench voice", f"{len(words)} requests, played in real time", rows)


async def _ours(
    app: App, backend: AppBackend, request: SpokenRequest, settings: Settings, voice: Synthesizer
) -> Answered | None:
    session = f"bench-{new_id()}"
    player = ReplyFiles(None, time.monotonic, None)
    loop = loop_over_recordings(
        [request.clip], backend, app.bus, settings, session=session, realtime=True, voice=voice, player=player
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
    """The usual pipeline: voice activity, a fixed silence, then one step after another."""
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
