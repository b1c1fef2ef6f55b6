"""Speech recognition: Whisper, with a window the size of the recording."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from assistant.encoders.threads import limited
from assistant.errors import AudioError, ModelUnavailable, SettingsError
from assistant.language import system_language
from assistant.settings import Settings
from assistant.speech.activity import segments_of, speech_probabilities
from assistant.speech.judging import (
    RecognizedWindow,
    agree,
    ends_early,
    holds_more,
    is_bad,
    is_invented,
    is_loop,
    rejection,
    says_the_same,
    transcript_of,
)
from assistant.speech.sides import sides_of
from assistant.speech.spectrogram import normalize_loudness, reduce_noise
from assistant.speech.windows import Window, cut_windows, encoding_of, own_frames, split_window
from assistant.types import AudioClip, Encoding, FloatArray, Modality, Transcript

if TYPE_CHECKING:
    from assistant.speech.decoding import Decoder
    from assistant.speech.network import Precision, WhisperNetwork

__all__ = ["SpeechRecognizer"]

SAMPLE_RATE = 16_000
TOKENS_PER_SECOND = 12
"""no language is spoken faster, in Whisper's tokens; more is a loop"""
PROMPTS = {"zh": "以下是普通话的句子。", "zh-hant": "以下是國語的句子。"}
"""a sentence said before, so that Chinese is written in the user's characters, with punctuation"""
TRADITIONAL = frozenset(("zh-hant", "zh-tw", "zh-hk", "zh-mo"))
OTHER_LANGUAGE = 0.3
"""weight of a language that is neither the system's nor English, where the user names none"""
GRID = 0.4
"""seconds: windows are a multiple of it long. The libraries keep kernels for every size they have met, so that a
recognizer that meets a new one with every clip grows by megabytes an hour, and spends time on making them"""
LEAST_REPEATED = 1.5
"""seconds of speech from which a window is transcribed part by part"""
BEAMS, HESITANT = 3, -0.4
"""beams of a second reading, and mean log-probability of a greedy one from which down it is made: of a language that
Whisper knows less well the likeliest word is often the beginning of a wrong sentence"""
TEMPERATURES = (0.2, 0.6)
"""tried when even the full window's reading is bad"""


@dataclass(eq=False)
class SpeechRecognizer:
    """Whisper with right-sized windows. Not to be called from two threads at once."""

    name = "whisper"
    modality: ClassVar[Modality] = "audio"

    model_name: str = "whisper-base"
    """a Whisper model of the catalogue"""
    language: str = "auto"
    """ISO 639-1, or "auto" to hear which one it is"""
    _: KW_ONLY
    languages: Sequence[str] = ()
    """that "auto" chooses among; empty for all, of which the system's and English are heard more readily"""
    right_sized: bool = True
    """compute the recording's own length only; False computes 30 s whatever its length"""
    margin: float = 0.3
    """seconds the window outlasts the last word, beyond what is kept around speech anyway"""
    beam_size: int = 1
    """beams of the decoder; 1 is greedy"""
    noise_reduction: bool = False
    """spectral gating before listening"""
    vocabulary: Sequence[str] = ()
    """words that are likely to be said (names, a menu): given to Whisper as if they had been said before"""
    precision: Precision | None = None
    """None picks the fastest the processor has units for"""
    threads: int = 2
    """processor threads of one call"""

    def __post_init__(self) -> None:
        self.languages = tuple(each.lower().replace("_", "-") for each in self.languages)
        self.vocabulary = tuple(dict.fromkeys(self.vocabulary))
        self._system, self._last = system_language(), "en"

    @classmethod
    def from_settings(cls, settings: Settings) -> SpeechRecognizer:
        """A recognizer as the settings say."""
        speech = settings.speech
        return cls(
            speech.model,
            speech.language,
            languages=speech.languages,
            right_sized=speech.right_sized,
            margin=speech.margin,
            beam_size=speech.beam_size,
            noise_reduction=speech.noise_reduction,
            vocabulary=speech.vocabulary,
            threads=settings.inference.threads,
        )

    def expect(self, words: Sequence[str]) -> None:
        """Name words that are likely to be said, besides those known already."""
        self.vocabulary = tuple(dict.fromkeys((*words, *self.vocabulary)))

    @property
    def dimension(self) -> int:
        """d of its encodings; loads the model."""
        return self._loaded[0].dimensions.n_audio_state

    def load(self) -> None:
        """Loads the weights now instead of at the first clip; about a second. Idempotent.

        ModelUnavailable when they cannot be had or are not Whisper's; SettingsError when they do not know the language.
        """
        _ = self._loaded

    def transcribe(self, clip: AudioClip) -> Transcript:
        """Transcribes a clip; see `listen`."""
        return self.listen(clip)[0]

    def encode(self, clip: AudioClip) -> Encoding:
        """Encodes a clip; see `listen`."""
        return self.listen(clip)[1]

    def hear(self, clip: AudioClip) -> Encoding:
        """Encodes a clip without its text: nothing is decoded, so it is fast. Raises as `listen` and `load` do."""
        _check(clip)
        clip = normalize_loudness(reduce_noise(clip) if self.noise_reduction else clip)
        windows = cut_windows(speech_probabilities(clip), clip.duration)
        if not windows:
            return encoding_of([(0.0, self._frames(clip, Window(0.0, min(clip.duration, 30.0), 0.0)))], "")
        return encoding_of([(window.start, own_frames(window, self._frames(clip, window))) for window in windows], "")

    def listen(
        self, clip: AudioClip, language: str = "", *, prompt: str = "", words: bool = False
    ) -> tuple[Transcript, Encoding]:
        """Transcribes and encodes a clip, mono at 16 kHz, in one pass.

        Args:
            language: ISO 639-1, or "auto"; "" is the recognizer's own.
            prompt: words said before, for spelling and style.
            words: also find when each word is said.

        Returns:
            the transcript, and the encoder's frames averaged to 5 per second, labelled with their seconds.

        Raises:
            AudioError: another rate, samples that are not finite, or a language that the model does not know.
            ModelUnavailable: see `load`.
        """
        _check(clip)
        _, decoder = self._loaded
        if language not in ("", "auto", *decoder.languages):
            known = ", ".join(decoder.languages)
            raise AudioError(f"{self.model_name} does not know the language {language!r}; use auto, or one of {known}")
        sides = [normalize_loudness(reduce_noise(each) if self.noise_reduction else each) for each in sides_of(clip)]
        spoken = [(side, speech_probabilities(side)) for side in sides]
        windows = [(window, side) for side, shares in spoken for window in cut_windows(shares, side.duration)]
        if not windows:
            clip = sides[0]
            frames = self._frames(clip, Window(0.0, min(clip.duration, 30.0), 0.0))
            return Transcript("", "", rejected="no speech", no_speech=1.0), encoding_of([(0.0, frames)], "")
        language = (language or self.language) if decoder.multilingual else "en"
        recognized: list[RecognizedWindow] = []
        for window, side in sorted(windows, key=lambda each: each[0].start):
            language, parts = self._recognize(side, window, language, prompt)
            recognized += parts
        transcript = transcript_of(recognized, language)
        if words:
            spans = [span for side, shares in spoken for span in segments_of(shares, side.duration, gap=0.2, pad=0.0)]
            transcript = replace(transcript, words=self._words(recognized, transcript, spans))
        return transcript, encoding_of([(part.window.start, part.frames) for part in recognized], transcript.text)

    def likelihoods(self, clip: AudioClip, texts: Sequence[str], language: str) -> list[float]:
        """The log-probabilities, nats, that a clip begins with each of these texts; raises as `listen` does.

        The clip is mono, at 16 kHz, at most 30 s; all of it is transcribed, with or without speech.
        """
        _check(clip)
        _, decoder = self._loaded
        frames = self._frames(normalize_loudness(clip), Window(0.0, min(clip.duration, 30.0), 0.0))
        return decoder.score(frames, texts, language)

    @cached_property
    def _loaded(self) -> tuple[WhisperNetwork, Decoder]:
        from assistant.speech.decoding import Decoder

        network = _load_network(self.model_name, self.precision, self.threads)
        decoder = Decoder(network)
        if self.language != "auto" and self.language not in decoder.languages:
            raise SettingsError(
                f"Setting speech.language cannot be {self.language!r} with {self.model_name}: use auto, or one of "
                f"{', '.join(decoder.languages)}"
            )
        for each in self.languages:
            if each.partition("-")[0] not in decoder.languages:
                raise SettingsError(f"Setting speech.languages names {each!r}, which {self.model_name} does not know")
        return network, decoder

    def _frames(self, clip: AudioClip, window: Window, seconds: float | None = None) -> FloatArray:
        from assistant.speech.spectrogram import log_mel

        network, _ = self._loaded
        samples = clip.samples[int(window.start * SAMPLE_RATE) : int(window.end * SAMPLE_RATE)]
        on_grid = GRID * math.ceil((window.seconds + self.margin) / GRID - 1e-6)
        length = min(30.0, on_grid) if self.right_sized else 30.0
        return network.encode(log_mel(samples, seconds or length, network.dimensions.n_mels))

    def _prompt(self, language: str, prompt: str) -> str:
        if language == "zh" and TRADITIONAL & {*self.languages, *([] if self.languages else [self._system])}:
            return PROMPTS["zh-hant"] + prompt
        # Words in Latin letters would turn a Chinese sentence into English.
        if language in PROMPTS or not self.vocabulary:
            return PROMPTS.get(language, "") + prompt
        return f"{', '.join(self.vocabulary)}. {prompt}".strip()

    def _words(
        self,
        recognized: Sequence[RecognizedWindow],
        transcript: Transcript,
        spans: Sequence[tuple[float, float]],
    ) -> tuple[tuple[float, float, str], ...]:
        """Start and end in seconds, and the word, of every word that was kept; `spans` is where there is speech."""
        from assistant.speech.alignment import spoken_part, word_times

        network, decoder = self._loaded
        kept = {(start, text) for start, _, text in transcript.segments}
        return tuple(
            (*spoken_part(part.window.start + start, part.window.start + end, spans), word)
            for part in recognized
            if (part.window.start, part.reading.text) in kept
            for start, end, word in word_times(
                network, decoder, self.model_name, part.frames, part.reading.tokens, transcript.language
            )
        )

    def _recognize(
        self, clip: AudioClip, window: Window, language: str, prompt: str
    ) -> tuple[str, list[RecognizedWindow]]:
        """The language and the reading of a window; several where its parts had to be listened to one by one."""
        network, decoder = self._loaded
        frames = self._frames(clip, window)
        cache = network.start(frames)
        opening = decoder.open(cache, self._last if language == "auto" else language)
        if language == "auto":
            language = self._last = self._choose(opening.languages)
        limit = 8 + int(TOKENS_PER_SECOND * window.seconds)
        prompt = self._prompt(language, prompt)
        reading = decoder.decode(
            frames, language, beam_size=self.beam_size, limit=limit, cache=cache, begun=opening, prompt=prompt
        )
        heard = RecognizedWindow(window, reading, own_frames(window, frames), opening.no_speech)
        suspect = reading.text and (rejection(heard) or ends_early(heard))
        if suspect and (parts := self._part_by_part(clip, heard, language)):
            return language, parts
        if is_bad(reading) and not is_invented(window, reading, opening.no_speech):
            readings = [reading]
            if self.right_sized:
                full = self._frames(clip, window, 30.0)
                readings.append(decoder.decode(full, language, beam_size=self.beam_size, limit=limit, prompt=prompt))
            for temperature in TEMPERATURES:
                if not is_bad(readings[-1]):
                    break
                readings.append(decoder.decode(frames, language, temperature=temperature, limit=limit))
            reading = max(readings, key=lambda each: (not is_loop(each), each.avg_logprob))
        elif self.beam_size == 1 and reading.avg_logprob < HESITANT and not rejection(heard):
            searched = decoder.decode(frames, language, beam_size=BEAMS, limit=limit, prompt=prompt)
            reading = max(reading, searched, key=lambda each: (not is_loop(each), each.avg_logprob))
        return language, [RecognizedWindow(window, reading, own_frames(window, frames), opening.no_speech)]

    def _choose(self, heard: Mapping[str, float]) -> str:
        """The language of a clip, of those that the user speaks, given the probability of each."""
        named = {each.partition("-")[0] for each in self.languages}
        likely = {self._system.partition("-")[0], "en"}
        weights = {
            code: share * (1.0 if code in (named or likely) else 0.0 if named else OTHER_LANGUAGE)
            for code, share in heard.items()
        }
        return max(weights, key=lambda code: weights[code])

    def _part_by_part(self, clip: AudioClip, heard: RecognizedWindow, language: str) -> list[RecognizedWindow]:
        """The parts of a window whose reading is not believed, if they confirm each other; [] if not.

        Who repeats the same words makes Whisper run in circles, or lose them; her parts by themselves do neither. After
        one speaker it may leave out the next.
        """
        if heard.window.spoken < LEAST_REPEATED:
            return []
        parts = [part for half in split_window(heard.window) for part in self._recognize(clip, half, language, "")[1]]
        kept = [part.reading for part in parts if not rejection(part)]
        if not rejection(heard):
            return parts if len(kept) == len(parts) and holds_more(kept, heard.reading) else []
        if is_loop(heard.reading):
            return parts if len(kept) == len(parts) and says_the_same(kept, heard.reading) else []
        return parts if len(kept) > len(parts) / 2 and agree(kept) else []


def _load_network(model_name: str, precision: Precision | None, threads: int) -> WhisperNetwork:
    from assistant.speech.network import WhisperNetwork, best_precision
    from assistant.weights import ensure_model

    folder = ensure_model(model_name)
    try:
        return WhisperNetwork(folder, precision or best_precision(), limited(threads))
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ModelUnavailable(
            f"The weights of {model_name} in {folder} are not Whisper's or are damaged; `assistant models verify`"
        ) from error


def _check(clip: AudioClip) -> None:
    if clip.sample_rate != SAMPLE_RATE:
        raise AudioError(f"A clip at {clip.sample_rate} Hz cannot be transcribed; 16000 Hz is needed")
    if not np.isfinite(clip.samples).all():
        raise AudioError("A clip with samples that are not numbers cannot be transcribed")
