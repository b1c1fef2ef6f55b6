"""Measures the time from the end of speech to the first sound of the answer, beside a pipeline of the usual parts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.app import App
from assistant.evaluation.metrics import peer_of, word_error_rate
from assistant.evaluation.speech import load_peer
from assistant.evaluation.turn import changed
from assistant.events import Event, FirstSound, SpeechEnded, TranscriptReady
from assistant.inputs.audio_file import read_audio
from assistant.outputs.reply_files import ReplyFiles
from assistant.settings import Settings
from assistant.speech import Synthesizer
from assistant.speech.activity import CHUNK, VoiceActivity, speech_segments
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import read_table
from assistant.types import AudioClip, FloatArray, Turn, new_id
from assistant.voice.backend import AppBackend, loop_over_recordings

__all__ = [
    "Answered",
    "SpokenRequest",
    "background_talk",
    "fixed_silence",
    "measure_voice",
    "real_requests",
    "spoken_part",
    "spoken_requests",
    "voice_report",
]

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
PEER_SILENCE = 0.7
"""seconds of silence after which the peer takes a speaker to have finished"""
OURS, PEER = "assistant", "Silero, faster-whisper int8"


@dataclass(frozen=True)
class Answered:
    """One request, answered by us or by the peer."""

    first_sound_ms: float
    """milliseconds from the real end of speech to the first sound of the answer"""
    text: str
    """the transcript"""


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
    wake = {"mode": "wake", "wake_words": {word: 0.5}, "follow_up": 0.0}
    settings = changed(settings, voice=wake, speech={"language": "en"})
    requests = list(real_requests(data, word, count)) if data else spoken_requests(word)[:count]
    voice = Synthesizer.from_settings(settings)
    await asyncio.to_thread(voice.load)
    async with AppBackend.open(settings) as (app, backend):
        ways: dict[str, Callable[[SpokenRequest], Awaitable[Answered | None]]] = {
            OURS: lambda request: _ours(app, backend, request, settings, voice)
        }
        if peers:
            transcribe = load_peer(settings.inference.threads, settings.speech.language)
            ways[PEER] = lambda request: _theirs(app, request, transcribe, voice)
        for way in ways.values():
            await way(requests[0])  # warms up
        turns = tracked(progress, "requests", requests)
        rows = [(request.words, {name: await way(request) for name, way in ways.items()}) for request in turns]
    complete = [(words, row) for words, row in rows if all(row.values())]
    answered = {name: [answer for _, row in complete if (answer := row[name])] for name in ways}
    return voice_report(answered, [words for words, _ in complete], len(requests) - len(complete))


def voice_report(answered: Mapping[str, Sequence[Answered]], words: Sequence[str], missed: int) -> Report:
    """Makes the report.

    Args:
        answered: `OURS`, and perhaps `PEER` → the answers to the same requests.
        words: of each request.
        missed: recordings whose wake word was not heard; neither side's answers hold them.
    """

    def row(metric: str, unit: str, measure: Callable[[Sequence[Answered]], float]) -> Row:
        values = {name: measure(answers) for name, answers in answered.items()}
        return Row(metric, values[OURS], unit, peer=peer_of(PEER, values))

    def late(answers: Sequence[Answered], percentile: float) -> float:
        return float(np.percentile([each.first_sound_ms for each in answers], percentile))

    def wrong(answers: Sequence[Answered]) -> float:
        return 100 * word_error_rate(zip(words, (each.text for each in answers), strict=True), "en")

    rows = [
        row("end of speech to first sound, median", "ms", lambda found: late(found, 50)),
        row("end of speech to first sound, 95th percentile", "ms", lambda found: late(found, 95)),
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

    forget = app.bus.listen(keep, (FirstSound, SpeechEnded, TranscriptReady))
    await loop.run()
    forget()
    if FirstSound not in found:
        return None
    # Measured from the true end of speech, not from our estimate.
    early = 1000 * (found[SpeechEnded].speech_end - request.speech_end)
    return Answered(found[FirstSound].latency_ms["to first sound"] + early, found[TranscriptReady].text)


async def _theirs(
    app: App, request: SpokenRequest, transcribe: Callable[[FloatArray], str], voice: Synthesizer
) -> Answered:
    """The usual pipeline: voice activity, a fixed silence, then one step after another."""
    samples = np.concatenate([request.clip.samples, np.zeros(3 * SAMPLE_RATE, np.float32)])
    began, first = time.monotonic(), int(request.wake_end * SAMPLE_RATE)
    last = fixed_silence(samples, first, PEER_SILENCE)
    await asyncio.sleep(max(0.0, began + (last - first) / SAMPLE_RATE - time.monotonic()))
    text = await asyncio.to_thread(transcribe, samples[first:last])
    result = await app.respond(Turn(session=f"bench-{new_id()}", text=text or "?"))
    await asyncio.to_thread(next, voice.stream(result.reply.spoken), None)
    end = began + request.speech_end - request.wake_end
    return Answered(1000 * (time.monotonic() - end), text)


def fixed_silence(samples: FloatArray, first: int, seconds: float) -> int:
    """The sample at which so much silence has followed speech, from `first` on, by Silero alone; the end otherwise."""
    activity, spoken, silence = VoiceActivity(), False, 0.0
    for at in range(first + CHUNK, len(samples) + 1, CHUNK):
        speaks = activity.probability(samples[at - CHUNK : at]) >= 0.5
        spoken, silence = spoken or speaks, 0.0 if speaks else silence + CHUNK / SAMPLE_RATE
        if spoken and silence >= seconds:
            return at
    return len(samples)


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
    """Returns a voice that talks about the weather, without a wake word."""
    return spoken_requests("hello", (TALK,))[0].clip


def real_requests(data: Path, word: str = "alexa", count: int = 40) -> Iterator[SpokenRequest]:
    """Yields a wake word of `wakeword_picovoice` and a command of `speech_homeassistant_commands`, said by people."""
    commands = data / "speech_homeassistant_commands"
    wakes = [row["file"] for row in read_table(data / "wakeword_picovoice/manifest.csv") if row["keyword"] == word]
    rows = [row for row in read_table(commands / "manifest.csv") if row["text"] and row["lang"] == "en"]
    rows = [row for row in rows if row["kind"] != "oov"][:count]
    for number, row in enumerate(rows):
        wake = read_audio(data / "wakeword_picovoice" / wakes[number % len(wakes)])
        command = read_audio(commands / row["file"])
        yield _request(spoken_part(wake), spoken_part(command), row["text"])


def spoken_part(clip: AudioClip, pad: float = 0.1) -> FloatArray:
    """Returns a recording without the silence around it, but for `pad` seconds."""
    spans = speech_segments(clip, pad=pad)
    return clip.samples[int(spans[0][0] * SAMPLE_RATE) : int(spans[-1][1] * SAMPLE_RATE)] if spans else clip.samples


def _request(wake: FloatArray, request: FloatArray, words: str) -> SpokenRequest:
    spans = speech_segments(AudioClip(request), pad=0.0)
    end = spans[-1][1] if spans else len(request) / SAMPLE_RATE
    silence = [np.zeros(int(seconds * SAMPLE_RATE), np.float32) for seconds in (LEAD, GAP, TAIL)]
    samples = np.concatenate([silence[0], wake, silence[1], request, silence[2]])
    wake_end = LEAD + len(wake) / SAMPLE_RATE
    return SpokenRequest(AudioClip(samples, SAMPLE_RATE, words), wake_end, wake_end + GAP + end, words)
