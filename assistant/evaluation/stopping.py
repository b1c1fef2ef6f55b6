"""Measures in virtual rooms whether "stop" silences the assistant while it speaks."""

from __future__ import annotations

import math
import statistics
import zlib
from collections import Counter
from collections.abc import Iterator

import numpy as np

from assistant.evaluation.metrics import median
from assistant.evaluation.virtual_room import VirtualRoom, at_level, live_in
from assistant.events import SpeakingInterrupted, SpeakingStarted
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.speech.synthesis import Synthesizer
from assistant.speech.wake import WakeHit
from assistant.speech.wake_verifier import WakeVerifier
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.testing.sound_scene import Scene
from assistant.testing.voice import FakeBackend
from assistant.training.stop_word_voices import WORDS, espeak_variants, spoken, trimmed
from assistant.types import AudioClip, FloatArray, Reply, Transcript

__all__ = ["TALES", "CachedVoice", "ReadingBackend", "measure_stops"]

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
        self._verifier = WakeVerifier(recognizer)

    async def verify_wake_word(self, clip: AudioClip, hit: WakeHit) -> str | None:
        """As its recognizer, if it has one, hears the word."""
        return self._verifier(clip, hit)

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
