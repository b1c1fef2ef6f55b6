"""Measures endpointing: how often a pause cuts a speaker off, and how long the wait after the end is."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.events import Event, SpeechEnded
from assistant.outputs.reply_files import ReplyFiles
from assistant.settings import Settings
from assistant.speech.activity import CHUNK, VoiceActivity, speech_segments
from assistant.speech.synthesis import Synthesizer
from assistant.terminal.report import Peer, Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import AudioClip, FloatArray, new_id
from assistant.voice.backend import AppBackend, loop_over_recordings

__all__ = ["measure_endpoints"]

RATE = 16_000
FIXED, SILERO = 0.7, 0.5
"""seconds of silence that end an utterance of the peers: the usual one, and the one that ours begins with"""
PAUSES = (0.6, 1.0, 1.5, 2.0)
"""seconds"""
BROKEN = (
    ("I would like to return", "the coffee grinder."),
    ("Where is my", "garden hose?"),
    ("Remind me to", "call the dentist tomorrow."),
    ("Set a timer for", "ten minutes."),
    ("Can you explain", "what a prime number is?"),
    ("Put eggs and", "butter on my shopping list."),
    ("What is fifteen percent of", "eighty?"),
    ("I have had a headache and", "a fever since yesterday."),
    ("Please cancel", "order ten oh two."),
    ("What time is it in", "Tokyo?"),
    ("How many", "cups are in a litre?"),
    ("My sister lives in", "Lima."),
)
"""requests that need what follows the pause"""
WHOLE = (
    "Roll a twenty sided die.",
    "Where is my order?",
    "What is seven times eight?",
    "Tell me a joke.",
    "Set a timer for five minutes.",
    "What can you do?",
    "Explain what a prime number is.",
    "The kettle you sent me is broken.",
    "Flip a coin.",
    "What time is it?",
    "Put milk on my shopping list.",
    "How many days until Christmas?",
)


@dataclass(frozen=True, eq=False)
class _Said:
    """A request after a wake word; between two parts of it, a pause."""

    clip: AudioClip
    begin: float
    """second at which the request begins"""
    pause: float
    """second at which the pause begins; -1 for none"""
    end: float
    """second at which the request ends"""


async def measure_endpoints(settings: Settings, progress: StepProgress) -> Report:
    """Says requests with and without a pause, and notes when ours and two peers take the speaker to have finished."""
    voice_settings = settings.voice.model_copy(update={"mode": "wake", "wake_words": {"hey jarvis": 0.5}})
    settings = settings.model_copy(update={"voice": voice_settings})
    said = _requests()
    ended: dict[str, list[float]] = {"ours": [], "fixed": [], "silero": []}
    async with AppBackend.open(settings) as (app, backend):
        backend.warm_up()
        for number, each in enumerate(said, 1):
            ends: list[float] = []

            def note(event: Event, ends: list[float] = ends) -> None:
                if isinstance(event, SpeechEnded):
                    ends.append(event.second)

            forget = app.bus.listen(note, (SpeechEnded,))
            player = ReplyFiles(None, lambda: 0.0, None)
            loop = loop_over_recordings(
                [each.clip], backend, app.bus, settings, session=f"bench-{new_id()}", player=player
            )
            await loop.run()
            forget()
            ended["ours"].append(ends[0] if ends else float("nan"))
            ended["fixed"].append(_after_silence(each, FIXED))
            ended["silero"].append(_after_silence(each, SILERO))
            progress("requests", number, len(said))
    return _report(said, ended)


def _requests() -> list[_Said]:
    voice = Synthesizer("hibari")
    wake = voice.recording("Hey Jarvis.", "en").samples
    said = [_said(wake, [voice.recording(text, "en").samples], 0.0) for text in WHOLE]
    for (first, rest), pause in zip(BROKEN, itertools.cycle(PAUSES), strict=False):
        parts = [voice.recording(first, "en").samples, voice.recording(rest, "en").samples]
        said.append(_said(wake, parts, pause))
    return said


def _said(wake: FloatArray, parts: Sequence[FloatArray], pause: float) -> _Said:
    parts = [_spoken(part) for part in parts]
    silence = [np.zeros(round(seconds * RATE), np.float32) for seconds in (0.5, 0.3, pause, 4.0)]
    before = np.concatenate([silence[0], _spoken(wake), silence[1]])
    begin = len(before) / RATE
    if len(parts) == 1:
        samples = np.concatenate([before, parts[0], silence[3]])
        return _Said(AudioClip(samples), begin, -1.0, begin + len(parts[0]) / RATE)
    samples = np.concatenate([before, parts[0], silence[2], parts[1], silence[3]])
    return _Said(AudioClip(samples), begin, begin + len(parts[0]) / RATE, (len(samples) - len(silence[3])) / RATE)


def _spoken(samples: FloatArray) -> FloatArray:
    """A recording without the silence around it."""
    spans = speech_segments(AudioClip(samples), pad=0.0)
    return samples[int(spans[0][0] * RATE) : int(spans[-1][1] * RATE)] if spans else samples


def _after_silence(said: _Said, needed: float) -> float:
    """The second at which so much silence has followed speech, by the voice-activity model alone."""
    activity, spoken, silence = VoiceActivity(), False, 0.0
    for at in range(int(said.begin * RATE) // CHUNK * CHUNK, len(said.clip.samples) - CHUNK + 1, CHUNK):
        speaks = activity.probability(said.clip.samples[at : at + CHUNK]) >= 0.5
        spoken, silence = spoken or speaks, 0.0 if speaks else silence + CHUNK / RATE
        if spoken and silence >= needed:
            return (at + CHUNK) / RATE
    return float("nan")


def _report(said: Sequence[_Said], ended: dict[str, list[float]]) -> Report:
    cut = {name: [e < s.end - 0.1 for s, e in zip(said, ends, strict=True)] for name, ends in ended.items()}
    wait = {
        name: [e - s.end for s, e, c in zip(said, ends, cut[name], strict=True) if not c and e == e]
        for name, ends in ended.items()
    }
    broken = [s.pause >= 0 for s in said]

    def cut_off(name: str, wanted: bool) -> float:
        chosen = [c for c, b in zip(cut[name], broken, strict=True) if b is wanted]
        return 100 * sum(chosen) / len(chosen)

    def waited(name: str) -> float:
        return statistics.median(wait[name]) if wait[name] else float("nan")

    peers = (("fixed", f"{FIXED} s of silence"), ("silero", f"Silero, {SILERO} s"))
    rows: list[Row] = []
    for metric, measure, unit in (
        ("cut off in a pause of 0.6 to 2 s", lambda name: cut_off(name, True), "%"),
        ("cut off without a pause", lambda name: cut_off(name, False), "%"),
        ("end of speech to endpoint, median", waited, "s"),
        ("end of speech to endpoint, longest", lambda name: max(wait[name], default=float("nan")), "s"),
    ):
        row = Row(metric, measure("ours"), unit)
        rows += [replace(row, peer=Peer(label, measure(name))) for name, label in peers]
    return Report("bench endpoints", f"{len(said)} requests, {sum(broken)} of them with a pause", rows)
