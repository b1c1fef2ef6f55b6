"""Measures in virtual rooms whether "stop" silences the assistant while it speaks, and what goes wrong in hours.

The hours are those of days, shortened: talk, noise, requests, stops and lost devices under a virtual clock.
"""

from __future__ import annotations

import itertools
import math
import statistics
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from assistant.evaluation.metrics import median
from assistant.evaluation.turn import resident_mb
from assistant.evaluation.virtual_room import VirtualRoom, at_level, live_in
from assistant.events import Event, ItemsDropped, Notice, SpeakingInterrupted, SpeakingStarted, WakeWordHeard
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.speech.synthesis import Synthesizer
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.testing.sound_scene import Scene
from assistant.testing.voice import FakeBackend
from assistant.training.stop_word_voices import WORDS, espeak_variants, spoken, trimmed
from assistant.types import AudioClip, Decision, FloatArray, Reply, Transcript, Turn, TurnResult
from assistant.voice.backend import free_memory

__all__ = ["TALES", "CachedVoice", "ReadingBackend", "measure_soak", "measure_stops"]

RATE = 16_000
SCENE = 40.0
"""seconds between the beginnings of two scenes"""
PART = 600.0
"""seconds after which the device is lost and the room changes"""
ECHOES = (0.25, 0.5, 1.0, 0.5)
LATE_STOP = 1.0
"""seconds after a stop word within which the reply must have ended"""
TALK = (
    "And now the weather for the rest of the week, which stays mostly dry in the north, with a little fog at night.",
    "The council has voted to keep the library open until nine in the evening, and the swimming pool until ten.",
    "She looked out of the window for a long time, and then she said that nobody had come since the morning.",
    "Well, I would not have thought so, but he told me that the train leaves from the other side these days.",
)

Kind = Literal["request", "stop", "interruption", "talk", "noise", "music"]
KINDS: tuple[Kind, ...] = ("request", "talk", "stop", "noise", "interruption", "music", "stop", "talk")
NOTES = (0, 4, 7, 12, 9, 5, 2, 7)
"""semitones above the lowest note of the music"""
ROOMS = (0.0, 0.25, 0.5, 1.0)
"""loudness of the loudspeaker at the microphone"""
IN_TIME = 0.4
"""seconds after the word's end within which it must be silent"""
REPLY = (
    "Your parcel left our house on Monday. It will arrive tomorrow in the afternoon, between two and four. "
    "If nobody is at home, the driver leaves it with a neighbour, or brings it to the post office in your street. "
    "You can change the address until six this evening, and we will send you a message when it is at the door."
)
TALES = (
    "A plant takes in water through its roots and a gas from the air through its leaves, and the light does the rest.",
    "For the soup, cut two onions and a leek, let them soften in butter, and add a litre of vegetable stock.",
    "The meeting about the new library was moved to Thursday at a quarter past ten, in the small room upstairs.",
    "A prime number has exactly two divisors, one and itself; two, three, five and seven are the first of them.",
    "Put a cold cloth on it for ten minutes, drink a glass of water, and see a doctor if it is no better tomorrow.",
    "Your order holds a coffee grinder, four mugs and a garden hose, and comes to eighty nine euros and ten cents.",
    "It is twenty degrees and sunny in Lisbon now, with a little wind from the west and no rain until the weekend.",
    "I have added bread, milk, six eggs and a bag of potatoes to the list, which holds eleven things in all now.",
)


class ReadingBackend(FakeBackend):
    """Reads a text aloud as soon as it may; what it hears is not a request, and is transcribed by a recognizer only.

    Nothing takes any (virtual) time.
    """

    def __init__(self, text: str, recognizer: SpeechRecognizer | None = None) -> None:
        silent = "nothing is transcribed here"
        super().__init__(Scene(), hearing=0.0, answering=0.0, question=Reply(text), rejected=silent)
        self._recognizer = recognizer

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """Transcribes a clip, if it has a recognizer."""
        return self._recognizer.transcribe(clip) if self._recognizer else await super().transcribe(clip)

    async def open_question(self, session: str) -> Reply | None:
        """The text, once."""
        question, self.question = self.question, None
        return question


class CachedVoice:
    """The assistant's voice; each text is made once."""

    def __init__(self) -> None:
        self._voice, self._clips = Synthesizer("hibari"), dict[str, list[AudioClip]]()

    def load(self) -> None:
        """Does nothing."""

    def stream(self, text: str, language: str = "en") -> Iterator[AudioClip]:
        """Yields one clip per sentence."""
        if text not in self._clips:
            self._clips[text] = list(self._voice.stream(text, language))
        yield from self._clips[text]


def measure_stops(settings: Settings, progress: StepProgress, tries: int, minutes: float) -> Report:
    """Measures stops in each of `ROOMS`. Nothing is transcribed: the spotter alone must end the reply.

    Voices of espeak-ng that the spotter was not taught say the words.

    Args:
        tries: per room.
        minutes: of the assistant's own speech in each room, in which nothing must stop it.

    Raises:
        InputError: espeak-ng is not installed.
    """
    said, voice = list(_spoken_stops(tries)), CachedVoice()
    rows: list[Row] = []
    missed: list[str] = []
    for echo in ROOMS:
        name = f"echo {echo:.0%}"
        times = [
            _seconds_to_silence(word, samples, echo, number, voice, settings)
            for number, (word, samples) in enumerate(tracked(progress, name, said))
        ]
        good = [after <= IN_TIME for after in times]
        missed += [f"{word} at {echo:.0%}" for (word, _), in_time in zip(said, good, strict=True) if not in_time]
        silent = [after for after in times if after < math.inf]
        false, seconds = _false_stops(echo, minutes, voice, settings, progress)
        hours = seconds / 3600 or math.nan
        rows += [
            percent(f"{name}: silent within {IN_TIME} s", statistics.mean(good), at_least=95.0),
            percent(f"{name}: silent at all", len(silent) / tries),
            Row(f"{name}: word's end to silence, median", median(silent), "s"),
            Row(f"{name}: false stops", false["stop"] / hours, "/h", at_most=1.0),
            Row(f"{name}: interrupted by itself", false["speech"] / hours, "/h", at_most=1.0),
        ]
    data = f"{tries} stop words in each of {len(ROOMS)} rooms, {minutes:g} min of its own speech in each"
    return Report("bench stop", data, rows, [f"not in time: {', '.join(missed)}"] if missed else [])


def _spoken_stops(count: int) -> Iterator[tuple[str, FloatArray]]:
    """Stop words, said by voices that the spotter has never learned from."""
    draw, variants = np.random.default_rng(7), espeak_variants(True)
    languages = ("en", "zh", "en", "de", "fr", "es")
    words = [(word, language) for language in languages for word in WORDS[language].split(", ")]
    order = draw.permutation(len(words))
    for number in range(count):
        word, language = words[order[number % len(words)]]
        variant = variants[int(draw.integers(len(variants)))]
        speed, pitch = int(draw.integers(130, 200)), int(draw.integers(30, 70))
        yield word, trimmed(spoken(word, language, variant, speed=speed, pitch=pitch))


def _seconds_to_silence(
    word: str, samples: FloatArray, echo: float, number: int, voice: CachedVoice, settings: Settings
) -> float:
    """Seconds from a stop word's end to silence; infinity where it was not silent, or did not stay so."""
    seed = zlib.crc32(f"{word} {number}".encode())
    draw = np.random.default_rng(seed)
    at = float(draw.uniform(1.5, 6.0))
    room = VirtualRoom(at + 4.5, echo, float(draw.uniform(0.02, 0.3)), float(draw.uniform(0.15, 0.4)), seed=seed)
    end = room.say(at_level(samples), at)
    events = live_in(room, ReadingBackend(REPLY), voice, settings)
    stopped = any(isinstance(event, SpeakingInterrupted) and event.second > at for event in events)
    spoke_again = any(isinstance(event, SpeakingStarted) and event.second > end for event in events)
    return room.played[0][1] - end if stopped and not spoke_again else math.inf


def _false_stops(
    echo: float, minutes: float, voice: CachedVoice, settings: Settings, progress: StepProgress
) -> tuple[Counter[str], float]:
    """False stops: what interrupted long replies while no one spoke, how often, in how many seconds of replies."""
    text, found, seconds = " ".join(TALES), Counter[str](), 0.0
    length = sum(clip.duration for clip in voice.stream(text))
    for number in range(math.ceil(60 * minutes / length)):
        draw = np.random.default_rng(number)
        delay, rings = float(draw.uniform(0.02, 0.3)), float(draw.uniform(0.15, 0.4))
        room = VirtualRoom(length + 8.0, echo, delay, rings, seed=number)
        events = live_in(room, ReadingBackend(text), voice, settings)
        found.update(event.by for event in events if isinstance(event, SpeakingInterrupted))
        seconds += length
        progress(f"echo {echo:.0%}, its own speech", round(min(seconds, 60 * minutes)), round(60 * minutes))
    return found, seconds


@dataclass
class _Script:
    """The true events of a part of the soak."""

    wakes: list[float] = field(default_factory=list)
    """seconds at which a wake word ends"""
    stops: list[float] = field(default_factory=list)
    """seconds at which a stop word ends, said while it speaks"""
    speech: list[tuple[float, float]] = field(default_factory=list)
    """from and to which second a user speaks"""
    lost: tuple[float, float] = (0.0, 0.0)
    """second at which the microphone goes away, and for how many"""

    def second(self, event: Event) -> float:
        """The room's second of an event, which is timed by the sound that was heard."""
        second: float = getattr(event, "second", 0.0)
        return second + self.lost[1] if second > self.lost[0] else second


class _Answering(ReadingBackend):
    """Answers every request with a long story."""

    def __init__(self, recognizer: SpeechRecognizer) -> None:
        super().__init__("", recognizer)
        self.question = None
        self._tales: Iterator[str] = itertools.cycle(" ".join(TALES[at : at + 2]) for at in range(0, len(TALES), 2))

    async def respond(self, turn: Turn) -> TurnResult:
        """A tale of two sentences, some 14 s long."""
        return TurnResult(turn, Decision("tale", 1.0, "answer"), Reply(next(self._tales)), {})


def measure_soak(settings: Settings, progress: StepProgress, minutes: float) -> Report:
    """Lives through so many minutes and counts what went wrong."""
    recognizer, voice, counts = SpeechRecognizer(language="en"), CachedVoice(), Counter[str]()
    clips = _clips()
    parts = max(1, round(60 * minutes / PART))
    seconds = min(PART, 60 * minutes)
    settled = 0.0
    for part in range(parts):
        room = VirtualRoom(seconds, ECHOES[part % len(ECHOES)], seed=part, away=[(0.6 * seconds, 5.0)])
        script = _script(room, clips, part)
        counts.update(_judged(script, live_in(room, _Answering(recognizer), voice, settings)))
        free_memory()  # as the assistant does at rest; a room's sound and events are some 100 MB
        if part <= parts // 4:  # by then, every length of clip has been met
            settled = resident_mb()
        progress("parts", part + 1, parts)
    hours = parts * seconds / 3600
    rows = [
        Row("wake words said", counts["wakes"]),
        Row("wake words missed", counts["missed wakes"]),
        Row("false wakes (talk, noise, its own voice)", counts["false wakes"] / hours, "/h", at_most=1.0),
        Row("self-interruptions", counts["self-interruptions"] / hours, "/h", at_most=1.0),
        Row("replies spoken", counts["replies"]),
        Row("replies to no request", counts["replies without a speaker"], at_most=0),
        Row("stop words said while it spoke", counts["stops"]),
        Row(f"stop words missed (still speaking after {LATE_STOP} s)", counts["missed stops"]),
        Row("times it took its own words for a user's, and left them", counts["own words left"]),
        Row("chunks lost or thrown away", counts["dropped"]),
        Row("memory gained after the first quarter", resident_mb() - settled, "MB"),
    ]
    return Report("bench soak", f"{hours:.2f} h in {parts} rooms, each loses its microphone once", rows)


def _clips() -> dict[str, list[FloatArray]]:
    own = Synthesizer("hibari")
    said = {
        "wake": [own.recording(f"Hey Jarvis. {words}", "en").samples for words in ("Tell me a story.", "What is new?")],
        "stop": [spoken("stop", "en", name, speed=160) for name in ("linda", "max", "antonio")],
        "interruption": [own.recording("Wait a moment, I want to ask something else.", "en").samples],
        "talk": [
            spoken(text, "en", name, speed=150) for text, name in zip(TALK, ("f2", "m3", "f4", "m7"), strict=True)
        ],
    }
    return {kind: [at_level(clip) for clip in clips] for kind, clips in said.items()}


def _music(lowest: float) -> FloatArray:
    """Broken chords of plucked strings, 16 s."""
    time = np.arange(RATE // 2) / RATE
    notes = [lowest * 2 ** (NOTES[number % len(NOTES)] / 12) for number in range(32)]
    strings = [
        sum(np.exp(-4 * part * time) * np.sin(2 * np.pi * part * hertz * time) / part for part in (1, 2, 3, 4))
        for hertz in notes
    ]
    return at_level(np.concatenate(strings).astype(np.float32))


def _script(room: VirtualRoom, clips: dict[str, list[FloatArray]], part: int) -> _Script:
    """Puts the scenes of a part into the room's sound."""
    draw, lost = np.random.default_rng(part), room.away[0]
    script = _Script(lost=lost)
    for number in range(int((room.seconds - SCENE) / SCENE)):
        at = 2.0 + number * SCENE + float(draw.uniform(0, 3))
        if lost[0] - 30 < at < sum(lost) + 2:
            continue
        kind = KINDS[number % len(KINDS)]
        if kind in ("talk", "noise", "music"):
            count = int(15 * RATE)
            hiss = 0.02 * draw.standard_normal(count).astype(np.float32)
            heard = {
                "talk": np.concatenate(clips["talk"]),
                "noise": hiss,
                "music": _music(float(draw.uniform(110, 220))),
            }
            room.say(heard[kind][:count], at)
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


def _judged(script: _Script, events: list[Event]) -> Counter[str]:
    found = Counter[str](wakes=len(script.wakes), stops=len(script.stops))
    woken = [script.second(event) for event in events if isinstance(event, WakeWordHeard)]
    found["missed wakes"] = sum(not any(0 < second - at < 3 for second in woken) for at in script.wakes)
    found["false wakes"] = sum(not any(0 < second - at < 3 for at in script.wakes) for second in woken)
    cuts = [script.second(event) for event in events if isinstance(event, SpeakingInterrupted)]
    found["self-interruptions"] = sum(not any(a - 0.1 < cut < b + 1 for a, b in script.speech) for cut in cuts)
    starts = [script.second(event) for event in events if isinstance(event, SpeakingStarted)]
    found["replies"] = len(starts)
    found["replies without a speaker"] = sum(
        not any(begin < start < end + 6 for begin, end in script.speech) for start in starts
    )
    found["missed stops"] = sum(not any(-2 < cut - end < LATE_STOP for cut in cuts) for end in script.stops)
    found["own words left"] = sum(isinstance(e, Notice) and "my own words" in e.text for e in events)
    found["dropped"] = sum(event.count for event in events if isinstance(event, ItemsDropped))
    return found
