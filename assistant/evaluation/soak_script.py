"""What happens in the rooms of the soak, ten minutes each, and how what the assistant did there is counted."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from assistant.evaluation.virtual_room import VirtualRoom, at_level
from assistant.events import Event, ItemsDropped, Notice, SpeakingInterrupted, SpeakingStarted, WakeWordHeard
from assistant.speech.synthesis import Synthesizer
from assistant.training.stop_word_voices import spoken
from assistant.types import FloatArray

__all__ = ["AWAY", "LATE_STOP", "Script", "clips_of_people", "count_failures", "write_script"]

RATE = 16_000
SCENE = 40.0
"""seconds between the beginnings of two scenes"""
BACKGROUND = 15.0
"""seconds of talk, television, music or noise in a scene"""
AWAY = 5.0
"""seconds for which the microphone is lost, once in a room, after six tenths of its time"""
LATE_STOP = 1.0
"""seconds after a stop word within which the reply must have ended"""
REPLIES_WITHIN = 12.0
"""seconds after a user's words within which a reply may begin: it may be resumed, and the computer may be busy"""
TALK = (
    "And now the weather for the rest of the week, which stays mostly dry in the north, with a little fog at night.",
    "The council has voted to keep the library open until nine in the evening, and the swimming pool until ten.",
    "She looked out of the window for a long time, and then she said that nobody had come since the morning.",
    "Well, I would not have thought so, but he told me that the train leaves from the other side these days.",
)
Kind = Literal["request", "stop", "interruption", "talk", "television", "noise", "music"]
KINDS: tuple[Kind, ...] = ("request", "talk", "stop", "noise", "interruption", "music", "stop", "television")
NOTES = (0, 4, 7, 12, 9, 5, 2, 7)
"""semitones above the lowest note of the music"""


@dataclass
class Script:
    """The true events of a room; seconds from its beginning."""

    wakes: list[float] = field(default_factory=list)
    """when a wake word begins"""
    stops: list[float] = field(default_factory=list)
    """when a stop word ends that was said while it speaks"""
    speech: list[tuple[float, float]] = field(default_factory=list)
    """from and to when a user speaks to it"""


def clips_of_people() -> dict[str, list[FloatArray]]:
    """What is heard in the rooms, 16 kHz, by kind.

    Talk and noise are recordings in ``ASSISTANT_DATA`` that trained nothing; without them espeak-ng's voices and hiss.

    Raises:
        InputError: espeak-ng is not installed.
    """
    own = Synthesizer("hibari")
    said = {
        "wake": [own.recording(f"Hey Jarvis. {words}", "en").samples for words in ("Tell me a story.", "What is new?")],
        "stop": [spoken("stop", "en", name, speed=160) for name in ("linda", "max", "antonio")],
        "interruption": [own.recording("Wait a moment, I want to ask something else.", "en").samples],
        "talk": _recorded("speech_librispeech_resemblyzer")
        or [spoken(text, "en", name, speed=150) for text, name in zip(TALK, ("f2", "m3", "f4", "m7"), strict=True)],
        "noise": _recorded("noise_esc10") or [np.random.default_rng(0).standard_normal(5 * RATE).astype(np.float32)],
    }
    return {kind: [at_level(clip) for clip in clips] for kind, clips in said.items()}


def _recorded(folder: str) -> list[FloatArray]:
    import soundfile

    root = os.environ.get("ASSISTANT_DATA")
    found = sorted((Path(root) / folder).rglob("*.flac"))[1::2] if root else []
    return [soundfile.read(path, dtype="float32")[0] for path in found]


def _music(lowest: float) -> FloatArray:
    """Broken chords of plucked strings, 16 s."""
    time = np.arange(RATE // 2) / RATE
    notes = [lowest * 2 ** (NOTES[number % len(NOTES)] / 12) for number in range(32)]
    strings = [
        sum(np.exp(-4 * part * time) * np.sin(2 * np.pi * part * hertz * time) / part for part in (1, 2, 3, 4))
        for hertz in notes
    ]
    return at_level(np.concatenate(strings).astype(np.float32))


def write_script(room: VirtualRoom, clips: dict[str, list[FloatArray]], part: int) -> Script:
    """Puts the scenes of a room, number `part`, into its sound."""
    draw, lost, script = np.random.default_rng(part), room.away[0], Script()
    for number in range(int((room.seconds - SCENE) / SCENE)):
        at = 2.0 + number * SCENE + float(draw.uniform(0, 3))
        if lost[0] - 30 < at < sum(lost) + 2:
            continue
        kind = KINDS[number % len(KINDS)]
        if kind in ("talk", "television", "noise", "music"):
            room.say(_background(kind, clips, draw), at)
            continue
        wake = clips["wake"][number % len(clips["wake"])]
        end = room.say(wake, at)
        script.wakes.append(at)
        script.speech.append((at, end))
        if kind != "request":
            begin = end + float(draw.uniform(3.5, 7.0))
            over = room.say(clips[kind][number % len(clips[kind])], begin)
            script.speech.append((begin, over))
            if kind == "stop":
                script.stops.append(over)
    return script


def _background(kind: Kind, clips: dict[str, list[FloatArray]], draw: np.random.Generator) -> FloatArray:
    count, music = int(BACKGROUND * RATE), _music(float(draw.uniform(110, 220)))
    if kind == "music":
        return music[:count]
    known = clips["noise" if kind == "noise" else "talk"]
    order = draw.permutation(len(known))
    sound = np.concatenate([known[order[at % len(order)]] for at in range(max(8, len(order)))])[:count]
    return sound + 0.3 * music[: len(sound)] if kind == "television" else sound


def count_failures(script: Script, happened: Iterable[tuple[float, Event]]) -> Counter[str]:
    """Counts what went wrong in a room, by events with the second at which each happened."""
    happened = list(happened)

    def seconds(kind: type[Event]) -> list[float]:
        return [second for second, event in happened if isinstance(event, kind)]

    woken, cuts, starts = seconds(WakeWordHeard), seconds(SpeakingInterrupted), seconds(SpeakingStarted)
    found = Counter[str](wakes=len(script.wakes), stops=len(script.stops), replies=len(starts))
    found["missed wakes"] = sum(not any(0 < second - at < 3 for second in woken) for at in script.wakes)
    found["false wakes"] = sum(not any(0 < second - at < 3 for at in script.wakes) for second in woken)
    found["self-interruptions"] = sum(not any(a - 0.1 < cut < b + 1 for a, b in script.speech) for cut in cuts)
    found["replies without a speaker"] = sum(
        not any(begin < start < end + REPLIES_WITHIN for begin, end in script.speech) for start in starts
    )
    found["missed stops"] = sum(not any(-2 < cut - end < LATE_STOP for cut in cuts) for end in script.stops)
    found["own words left"] = sum(isinstance(e, Notice) and "my own words" in e.text for _, e in happened)
    dropped = [event for _, event in happened if isinstance(event, ItemsDropped)]
    found["dropped"] = sum(event.count for event in dropped if event.queue == "sound heard too late")
    found["dropped"] += max((event.count for event in dropped if event.queue == "microphone"), default=0)
    return found
