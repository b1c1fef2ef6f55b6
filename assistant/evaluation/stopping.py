"""Measures whether "stop", said while the assistant speaks, silences it: in rooms with more and more echo."""

from __future__ import annotations

import itertools
import statistics
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import InputError
from assistant.evaluation.virtual_room import VirtualRoom, at_level, live_in
from assistant.events import SpeakingInterrupted, SpeakingStarted
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.speech.speakable import sentences
from assistant.speech.synthesis import Synthesizer
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.testing.sound_scene import Scene
from assistant.testing.voice import FakeBackend
from assistant.training.stop_word_voices import WORDS, espeak_variants, spoken, trimmed
from assistant.types import AudioClip, FloatArray, Reply, Transcript

__all__ = ["ROOMS", "TALES", "CachedVoice", "ReadingBackend", "measure_stops"]

ROOMS = (0.0, 0.25, 0.5, 1.0)
"""how loud the loudspeaker is heard"""
IN_TIME = 0.4
"""seconds after the word's end within which it must be silent"""
WORDS_A_MINUTE = 150
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


@dataclass(frozen=True, eq=False)
class _SpokenStop:
    """A stop word, said by a voice that the spotter has never learned from."""

    word: str
    samples: FloatArray


@dataclass(frozen=True)
class _Try:
    """What happened when a stop word was said."""

    silent: bool
    """whether it fell silent, and stayed so"""
    after: float
    """seconds from the word's end to silence"""


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


def measure_stops(
    settings: Settings, progress: StepProgress, tries: int, minutes: float, recordings: Path | None, text: Path | None
) -> Report:
    """Measures stops in each of `ROOMS`. Nothing is transcribed: the spotter alone must end the reply.

    Args:
        tries: per room.
        minutes: of the assistant's own speech in each room, in which nothing must stop it.
        recordings: folder of stop words, one a file; without it, voices of espeak-ng that the spotter was not taught.
        text: file that it reads aloud for so long, again and again; some sentences of every kind by default.

    Raises:
        InputError: there are no such recordings, or espeak-ng is not installed.
    """
    said = _recorded(recordings) if recordings else _synthetic(tries)
    passages = _passages(text.read_text("utf-8", "replace") if text else " ".join(TALES))
    voice = CachedVoice()
    rows: list[Row] = []
    missed: list[str] = []
    for room in ROOMS:
        found: list[_Try] = []
        for number in range(tries):
            stop = said[number % len(said)]
            found.append(_try(stop, room, number, voice, settings))
            if not (found[-1].silent and found[-1].after <= IN_TIME):
                missed.append(f"{stop.word} at {room:.0%}")
            progress(f"echo {room:.0%}", number + 1, tries)
        good = [each for each in found if each.silent and each.after <= IN_TIME]
        name = f"echo {room:.0%}"
        false, seconds = _false_stops(room, minutes, passages, voice, settings, progress)
        rows += [
            Row(f"{name}: silent within {IN_TIME} s", 100 * len(good) / len(found), "%", at_least=95.0),
            Row(f"{name}: silent at all", 100 * statistics.mean(each.silent for each in found), "%"),
            Row(f"{name}: word's end to silence, median", _median([e.after for e in found if e.silent]), "s"),
            *(
                Row(f"{name}: {what}", false[by] * 3600.0 / seconds if seconds else float("nan"), "/h", at_most=1.0)
                for by, what in (("stop", "false stops"), ("speech", "interrupted by itself"))
            ),
        ]
    data = f"{tries} stop words in each of {len(ROOMS)} rooms, {minutes:g} min of its own speech in each"
    return Report("bench stop", data, rows, [f"not in time: {', '.join(missed)}"] if missed else [])


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def _synthetic(count: int) -> list[_SpokenStop]:
    draw, variants = np.random.default_rng(7), espeak_variants(True)
    words = [
        (word, language) for language in ("en", "zh", "en", "de", "fr", "es") for word in WORDS[language].split(", ")
    ]
    order = draw.permutation(len(words))
    said = []
    for number in range(count):
        word, language = words[order[number % len(words)]]
        variant = variants[int(draw.integers(len(variants)))]
        speed, pitch = int(draw.integers(130, 200)), int(draw.integers(30, 70))
        said.append(_SpokenStop(word, trimmed(spoken(word, language, variant, speed=speed, pitch=pitch))))
    return said


def _recorded(folder: Path) -> list[_SpokenStop]:
    from assistant.inputs.audio_file import read_audio

    files = sorted(path for path in folder.iterdir() if path.suffix in (".wav", ".flac"))
    if not files:
        raise InputError(f"{folder} holds no recording (.wav or .flac)")
    return [_SpokenStop(path.stem, trimmed(read_audio(path).samples)) for path in files]


def _try(stop: _SpokenStop, echo: float, number: int, voice: CachedVoice, settings: Settings) -> _Try:
    seed = zlib.crc32(f"{stop.word} {number}".encode())
    draw = np.random.default_rng(seed)
    at = float(draw.uniform(1.5, 6.0))
    room = VirtualRoom(at + 4.5, echo, float(draw.uniform(0.02, 0.3)), float(draw.uniform(0.15, 0.4)), seed=seed)
    end = room.say(at_level(stop.samples), at)
    events = live_in(room, ReadingBackend(REPLY), voice, settings)
    cuts = [event.second for event in events if isinstance(event, SpeakingInterrupted) and event.second > at]
    after = room.played[0][1] - end
    spoke_again = any(isinstance(event, SpeakingStarted) and event.second > end for event in events)
    return _Try(bool(cuts) and not spoke_again, after)


def _passages(text: str) -> list[str]:
    """A text in passages of about a minute."""
    passages, words = [""], 0
    for sentence in sentences(text):
        if words > WORDS_A_MINUTE:
            passages, words = [*passages, ""], 0
        passages[-1] += f" {sentence}"
        words += len(sentence.split())
    return passages


def _false_stops(
    echo: float,
    minutes: float,
    passages: Sequence[str],
    voice: CachedVoice,
    settings: Settings,
    progress: StepProgress,
) -> tuple[Counter[str], float]:
    """False stops: what interrupted long replies while no one spoke, how often, in how many seconds of replies."""
    found, seconds = Counter[str](), 0.0
    for number in itertools.count():
        if seconds >= 60 * minutes:
            return found, seconds
        text = passages[number % len(passages)]
        length = sum(clip.duration for clip in voice.stream(text))
        draw = np.random.default_rng(number)
        room = VirtualRoom(
            length + 8.0, echo, float(draw.uniform(0.02, 0.3)), float(draw.uniform(0.15, 0.4)), seed=number
        )
        events = live_in(room, ReadingBackend(text), voice, settings)
        found.update(event.by for event in events if isinstance(event, SpeakingInterrupted))
        seconds += length
        progress(f"echo {echo:.0%}, its own speech", round(min(seconds, 60 * minutes)), round(60 * minutes))
    raise AssertionError
