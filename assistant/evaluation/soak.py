"""Measures what goes wrong in hours of talk, television, music, noise, requests, stops and lost devices.

Virtual rooms pass faster than real time; with `real`, `assistant listen` sits in a room of PulseAudio's null sinks.
"""

from __future__ import annotations

import itertools
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from assistant import events as event_classes
from assistant.evaluation.soak_script import AWAY, LATE_STOP, Script, clips_of_people, count_failures, write_script
from assistant.evaluation.sound_room import SoundRoom
from assistant.evaluation.stopping import TALES, CachedVoice, ReadingBackend
from assistant.evaluation.turn import resident_mb
from assistant.evaluation.virtual_room import VirtualRoom, live_in
from assistant.events import Event
from assistant.settings import Settings, cache_dir
from assistant.speech import SpeechRecognizer, write_audio
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import AudioClip, Decision, Reply, Turn, TurnResult
from assistant.voice.backend import free_memory

__all__ = ["measure_soak"]

PART = 600.0
"""seconds after which the room changes"""
ECHOES = (0.25, 0.5, 1.0, 0.5)
SETTLES = 2.0
"""seconds after which a microphone that was plugged in is heard"""
STORIES = [" ".join(TALES[at : at + 2]) for at in range(0, len(TALES), 2)]
"""what every request is answered with, some 14 s each"""
PLUGIN = f'''
import itertools
from assistant import hookimpl

stories = itertools.cycle({STORIES!r})

def tell_story():
    """Tell a story."""
    return next(stories)

@hookimpl
def register_intents(register):
    register(tell_story, examples=["tell me a story", "what is new?"])
'''
Live = Callable[[VirtualRoom, Script], tuple[list[tuple[float, Event]], float]]
"""lives through a room; returns each event with its second, and the resident megabytes afterwards"""


class _Answering(ReadingBackend):
    """Answers every request with a story."""

    def __init__(self, recognizer: SpeechRecognizer) -> None:
        super().__init__("", recognizer)
        self.question = None
        self._stories = itertools.cycle(STORIES)

    async def respond(self, turn: Turn) -> TurnResult:
        """The next story."""
        return TurnResult(turn, Decision("story", 1.0, "answer"), Reply(next(self._stories)), {})


def measure_soak(
    settings: Settings, progress: StepProgress, minutes: float, real: bool = False, keep: Path | None = None
) -> Report:
    """Lives through so many minutes and counts what went wrong.

    Args:
        real: in real time, through PulseAudio.
        keep: a file of JSON lines that gets each room as it is over; the rooms that it holds are not lived again.

    Raises:
        InputError: espeak-ng or, with `real`, PulseAudio is not installed.
    """
    parts, seconds = max(1, round(60 * minutes / PART)), min(PART, 60 * minutes)
    kept: list[dict[str, Any]] = []
    if keep is not None and keep.exists():
        kept = [json.loads(line) for line in keep.read_text().splitlines()][:parts]
    clips = clips_of_people()
    with _in_sound_room() if real else _in_virtual_rooms(settings) as live:
        for part in range(len(kept), parts):
            progress("rooms", part, parts)
            room = VirtualRoom(seconds, ECHOES[part % len(ECHOES)], seed=part, away=[(0.6 * seconds, AWAY)])
            script = write_script(room, clips, part)
            happened, megabytes = live(room, script)
            counts = count_failures(script, happened)
            kept.append({"counts": counts, "megabytes": megabytes, "process": os.getpid()})
            if keep is not None:
                with keep.open("a") as file:
                    file.write(json.dumps(kept[-1]) + "\n")
    return _report(kept, seconds, real)


def _report(kept: list[dict[str, Any]], seconds: float, real: bool) -> Report:
    counts = sum((Counter[str](part["counts"]) for part in kept), Counter[str]())
    hours = len(kept) * seconds / 3600
    memory = [part["megabytes"] for part in kept if part["process"] == kept[-1]["process"]]
    rows = [
        Row("wake words said", counts["wakes"]),
        Row("wake words missed", counts["missed wakes"]),
        Row("false wakes (talk, television, music, noise, its own voice)", counts["false wakes"], at_most=0),
        Row("self-interruptions", counts["self-interruptions"] / hours, "/h", at_most=1.0),
        Row("replies spoken", counts["replies"]),
        Row("replies to no request", counts["replies without a speaker"], at_most=0),
        Row("stop words said while it spoke", counts["stops"]),
        Row(f"stop words missed (still speaking after {LATE_STOP} s)", counts["missed stops"]),
        Row("times it took its own words for a user's, and left them", counts["own words left"]),
        Row("chunks dropped or thrown away", counts["dropped"]),
        Row("memory gained after the first quarter", memory[-1] - memory[len(memory) // 4], "MB"),
    ]
    rooms = f"{len(kept)} rooms of PulseAudio's null sinks" if real else f"{len(kept)} virtual rooms"
    return Report("bench soak", f"{hours:.2f} h in {rooms}, each loses its microphone once", rows)


@contextmanager
def _in_virtual_rooms(settings: Settings) -> Iterator[Live]:
    recognizer, voice = SpeechRecognizer(language="en"), CachedVoice()

    def live(room: VirtualRoom, script: Script) -> tuple[list[tuple[float, Event]], float]:
        ((lost, away),) = room.away
        events = live_in(room, _Answering(recognizer), voice, settings)
        heard = [(float(getattr(event, "second", 0.0)), event) for event in events]  # by the sound that came in
        happened = [(second + away if second > lost else second, event) for second, event in heard]
        free_memory()  # as the assistant does at rest; a room's sound and events are some 100 MB
        return happened, resident_mb()

    yield live


@contextmanager
def _in_sound_room() -> Iterator[Live]:
    with tempfile.TemporaryDirectory() as folder:
        place = SoundRoom(Path(folder), PLUGIN, cache_dir())

        def live(room: VirtualRoom, script: Script) -> tuple[list[tuple[float, Event]], float]:
            ((lost, away),) = room.away
            known, back = len(place.events()), lost + away + SETTLES
            place.unplug_microphone()
            place.plug_in_microphone(echo=room.echo)
            first, rest = _written(place, room, 0.0, lost), _written(place, room, back, room.seconds)
            time.sleep(SETTLES)
            begun = time.time()
            place.play(first).wait(60 + lost)
            place.unplug_microphone()
            time.sleep(max(0.0, begun + lost + away - time.time()))
            place.plug_in_microphone(echo=room.echo)
            time.sleep(max(0.0, begun + back - time.time()))
            place.play(rest).wait(60 + room.seconds - back)
            happened = [(each["at"] - begun, _event(each)) for each in place.events()[known:]]
            return happened, resident_mb(place.process)

        try:
            place.listen()
            yield live
        finally:
            place.close()


def _written(place: SoundRoom, room: VirtualRoom, start: float, end: float) -> Path:
    """A file of the room's sound between two seconds."""
    path = place.folder / f"from-{start:.0f}.wav"
    write_audio(path, AudioClip(room.sound[round(16_000 * start) : round(16_000 * end)]))
    return path


def _event(values: dict[str, Any]) -> Event:
    """An event from its line of JSON, which may say more than the event does."""
    kind = getattr(event_classes, values["event"])
    event: Event = kind(**{each.name: values[each.name] for each in fields(kind) if each.name in values})
    return event
