"""Measures endpointing: how often a pause cuts a speaker off, and how long the wait after the end is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.evaluation.metrics import median
from assistant.evaluation.turn import changed
from assistant.evaluation.voice import fixed_silence, spoken_part
from assistant.events import Event, SpeechEnded
from assistant.outputs.reply_files import ReplyFiles
from assistant.settings import Settings
from assistant.speech.activity import CHUNK
from assistant.speech.synthesis import Synthesizer
from assistant.terminal.report import Peer, Report, Row
from assistant.terminal.steps import StepProgress, tracked
from assistant.types import AudioClip, FloatArray, new_id
from assistant.voice.backend import AppBackend, loop_over_recordings

__all__ = ["measure_endpoints"]

RATE = 16_000
AFTER = 4.0
"""seconds of silence after a request"""
OURS = "ours"
PEERS = {"0.7 s of silence": 0.7, "Silero, 0.5 s": 0.5}
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
    """A request after a wake word; some have a pause in the midst of it."""

    clip: AudioClip
    begin: float
    """second at which the request begins"""
    broken: bool
    """whether there is a pause"""

    @property
    def end(self) -> float:
        """Second at which the request ends."""
        return self.clip.duration - AFTER


async def measure_endpoints(settings: Settings, progress: StepProgress) -> Report:
    """Says requests with and without a pause, and notes when ours and two peers take the speaker to have finished."""
    settings = changed(settings, voice={"mode": "wake", "wake_words": {"hey jarvis": 0.5}})
    said, ended = _requests(), {name: list[float]() for name in (OURS, *PEERS)}
    async with AppBackend.open(settings) as (app, backend):
        backend.warm_up()
        for each in tracked(progress, "requests", said):
            events: list[Event] = []
            forget = app.bus.listen(events.append, (SpeechEnded,))
            player = ReplyFiles(None, lambda: 0.0, None)
            session = f"bench-{new_id()}"
            await loop_over_recordings([each.clip], backend, app.bus, settings, session=session, player=player).run()
            forget()
            ended[OURS].append(next((e.second for e in events if isinstance(e, SpeechEnded)), math.nan))
            for name, silence in PEERS.items():
                first = int(each.begin * RATE) // CHUNK * CHUNK
                ended[name].append(fixed_silence(each.clip.samples, first, silence) / RATE)
    return _report(said, ended)


def _requests() -> list[_Said]:
    voice = Synthesizer("hibari")
    wake = spoken_part(voice.recording("Hey Jarvis.", "en"), 0.0)
    requests = [((text,), 0.0) for text in WHOLE]
    requests += zip(BROKEN, itertools.cycle(PAUSES), strict=False)  # type: ignore[arg-type]
    said = []
    for texts, pause in requests:
        parts = [spoken_part(voice.recording(text, "en"), 0.0) for text in texts]
        before = [_silence(0.5), wake, _silence(0.3)]
        if len(parts) > 1:
            parts.insert(1, _silence(pause))
        clip = AudioClip(np.concatenate([*before, *parts, _silence(AFTER)]))
        said.append(_Said(clip, sum(map(len, before)) / RATE, len(texts) > 1))
    return said


def _silence(seconds: float) -> FloatArray:
    return np.zeros(round(seconds * RATE), np.float32)


def _report(said: Sequence[_Said], ended: Mapping[str, Sequence[float]]) -> Report:
    late = {name: np.array(ends) - [each.end for each in said] for name, ends in ended.items()}
    broken = np.array([each.broken for each in said])
    waits = {name: rows[rows >= -0.1].tolist() for name, rows in late.items()}  # NaN counts as no wait
    rows: list[Row] = []
    measures: tuple[tuple[str, str, Callable[[str], float]], ...] = (
        ("cut off in a pause of 0.6 to 2 s", "%", lambda name: 100 * float((late[name] < -0.1)[broken].mean())),
        ("cut off without a pause", "%", lambda name: 100 * float((late[name] < -0.1)[~broken].mean())),
        ("end of speech to endpoint, median", "s", lambda name: median(waits[name])),
        ("end of speech to endpoint, longest", "s", lambda name: max(waits[name], default=math.nan)),
    )
    for metric, unit, measure in measures:
        rows += [Row(metric, measure(OURS), unit, peer=Peer(name, measure(name))) for name in PEERS]
    return Report("bench endpoints", f"{len(said)} requests, {int(broken.sum())} of them with a pause", rows)
