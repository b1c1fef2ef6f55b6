"""Every model of the assistant, called directly: the calls block, and may come from several threads.

`assistant.encoders.runner.ModelRunner` makes them for turns, off the event loop and each under a deadline. The library
and the workers of a cluster make them on their own thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Protocol, TypeVar

import numpy as np

from assistant.encoders.encoder import Classifier, Encoder, unit
from assistant.encoders.memory import trim_memory
from assistant.encoders.picture_names import PictureNames
from assistant.encoders.threads import processors
from assistant.errors import ModelUnavailable, UserError
from assistant.language import detect_language, may_be_english
from assistant.types import AudioClip, Encoding, FloatArray, Modality, Picture, TextLine, Transcript, content_hash

__all__ = [
    "MULTILINGUAL",
    "SPEECH",
    "JointSpace",
    "Models",
    "OcrModel",
    "PictureEmbedding",
    "SpeechModel",
]

T = TypeVar("T")

MULTILINGUAL = "use"
"""the text encoder whose vectors compare across languages"""
SPEECH = "speech"
"""the name under which speech recognition is loaded"""
RECOGNITION_RATE = 16_000
"""Hertz; a clip of any other rate is resampled"""
REMEMBERED = 4
"""clips whose transcript and encoding are kept"""


class SpeechModel(Protocol):
    """Speech recognition."""

    def load(self) -> None:
        """Load the weights; idempotent."""

    def expect(self, words: Sequence[str]) -> None:
        """Name words that are likely to be said."""

    def listen(
        self, clip: AudioClip, language: str = "", *, prompt: str = "", words: bool = False
    ) -> tuple[Transcript, Encoding]:
        """The transcript and the encoder's frames, from one pass; `language` is ISO 639-1, "" detects it."""
        ...


class OcrModel(Protocol):
    """Text in pictures."""

    def read(self, picture: Picture) -> list[TextLine]:
        """The lines, top to bottom."""
        ...


class JointSpace(Protocol):
    """The space in which sentences and pictures compare (`assistant.fusion.SharedSpace`)."""

    anchor: str
    """the text encoder whose own space it is, for English"""
    dimension: int

    @property
    def version(self) -> str:
        """Changes with its maps."""
        ...

    @property
    def encoders(self) -> Collection[str]:
        """The encoders it knows."""
        ...

    def project_pooled(self, encoder: str, rows: FloatArray) -> FloatArray:
        """Pooled vectors (n, d) of an encoder as (n, dimension), float32, unit length."""
        ...

    def class_shares(self, encoder: str, rows: FloatArray) -> FloatArray | None:
        """Probabilities (n, 1000) of ImageNet's classes in pooled pictures (n, d); None where none are known."""
        ...


@dataclass(frozen=True, eq=False)
class PictureEmbedding:
    """Vectors of a picture in the shared spaces."""

    shared: FloatArray
    """(384,), unit length"""
    meaning: FloatArray | None = None
    """(512,), unit length, in the multilingual space; None for a picture whose encoder names nothing"""
    names: Sequence[str] = ()
    """what it likely shows, in words, best first"""


class Models:
    """Owns the encoders, speech recognition and OCR; each loads when it is first needed.

    Args:
        encoders: text and image encoders; a later one replaces an earlier one of the same name.
        speech: speech recognition.
        ocr: text in pictures.
        space: makes the space in which words and pictures compare, when it is first needed.
        threads: processor threads.
    """

    def __init__(
        self,
        encoders: Iterable[Encoder],
        speech: SpeechModel,
        ocr: OcrModel,
        space: Callable[[], JointSpace],
        threads: int = 1,
    ) -> None:
        self.encoders = {encoder.name: encoder for encoder in encoders}
        self.speech = speech
        self.ocr = ocr
        self.failures: dict[str, str] = {}
        """model → why it could not be loaded"""
        self._make_space = space
        self._threads = threads
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._recognized: OrderedDict[str, tuple[Transcript, Encoding]] = OrderedDict()

    @cached_property
    def _beside(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, "encode")

    @cached_property
    def space(self) -> JointSpace:
        """The space in which sentences and pictures compare."""
        return self._make_space()

    @property
    def version(self) -> str:
        """Changes with the encoders and with the maps between them."""
        return content_hash(*sorted(self.encoders), self.text_version)

    @cached_property
    def text_version(self) -> str:
        """Changes with the text encoders and with the map between them: vectors of two versions do not compare."""
        return content_hash(self.space.anchor, MULTILINGUAL, self.space.version)

    def of(self, modality: Modality) -> list[Encoder]:
        """The encoders of one modality that are not known to be broken."""
        return [e for e in self.encoders.values() if e.modality == modality and e.name not in self.failures]

    def load(self, name: str) -> None:
        """Load one encoder, or `SPEECH`, ahead of its first use.

        Raises:
            UserError: it cannot be loaded; `failures` says so until it can.
        """
        model: Encoder | SpeechModel = self.speech if name == SPEECH else self.encoders[name]
        try:
            self._locked(name, model.load)
        except UserError as error:
            self.failures[name] = str(error)
            raise
        self.failures.pop(name, None)
        trim_memory()

    # Sound

    def recognize(
        self, clip: AudioClip, language: str = "", *, keep: bool = True, prompt: str = "", words: bool = False
    ) -> tuple[Transcript, Encoding]:
        """The transcript of a clip, and the encoder's frames.

        Args:
            clip: mono sound of any rate.
            language: ISO 639-1; "" does as the settings say.
            prompt, words: see `SpeechRecognizer.listen`; what they change is not remembered.
            keep: remember both for when the clip comes again; not for long recordings, whose frames fill the memory.

        Raises:
            AudioError: the model does not know the language.
            ModelUnavailable: its weights are missing.
        """
        if prompt or words:
            listen = partial(self.speech.listen, prompt=prompt, words=words)
            return self._locked(SPEECH, listen, _resampled(clip), language)
        if not language and (known := self.recognized(clip)) is not None:
            return known
        found = self._locked(SPEECH, self.speech.listen, _resampled(clip), language)
        if keep:
            self._recognized[clip.digest] = found
            while len(self._recognized) > REMEMBERED:
                self._recognized.popitem(last=False)
        return found

    def recognized(self, clip: AudioClip) -> tuple[Transcript, Encoding] | None:
        """The result of `recognize` for one of the last few clips; None for any other."""
        return self._recognized.get(clip.digest)

    # Words

    def encode_words(self, text: str, modality: Modality = "text", *, alone: bool = False) -> list[Encoding]:
        """Encode a sentence with every text encoder, each on a processor of its own where there are two.

        Args:
            text: the sentence.
            modality: of the encodings.
            alone: nothing is joined with it: what is surely not English is kept from those that read English only.

        Raises:
            UserError: no text encoder can be loaded.
        """
        encoders = self.of("text")
        if alone and not may_be_english(text):
            encoders = [each for each in encoders if not getattr(each, "english_only", False)] or encoders
        found, failures = self._each(encoders, lambda encoder: encoder.encode([text]))
        if failures and not found:  # where some can be loaded, these do
            raise failures[0]
        return [replace(each, modality=modality) for each in found]

    def vectors(self, texts: Sequence[str], encoder: str) -> FloatArray:
        """Pooled vectors (n, d), float32, unit length, of one text encoder."""
        return unit(np.stack([encoding.pooled for encoding in self.encoders[encoder].encode(list(texts))]))

    def embed_texts(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Sentences in the shared space (n, 384) and in the multilingual one (n, 512), float32, unit length.

        English is read by the encoder whose space is the shared one; other languages come through their map.
        """
        if not texts:
            return np.zeros((0, self.space.dimension), np.float32), np.zeros((0, 512), np.float32)
        meaning = self.vectors(texts, MULTILINGUAL)
        shared = self.space.project_pooled(MULTILINGUAL, meaning)
        anchor = self.space.anchor
        if english := [index for index, text in enumerate(texts) if detect_language(text) == "en"]:
            read = self.encoders[anchor].encode([texts[index] for index in english])
            shared[english] = self.space.project_pooled(anchor, np.stack([each.pooled for each in read]))
        return shared, meaning

    # Pictures

    def look(self, pictures: Sequence[Picture]) -> tuple[list[Encoding], list[UserError]]:
        """Encode pictures with every image encoder, side by side; also what kept encoders from it."""
        return self._each(self.of("image"), lambda encoder: self.encode_pictures(encoder.name, pictures))

    def encode_pictures(self, encoder: str, pictures: Sequence[Picture]) -> list[Encoding]:
        """Encode pictures with one image encoder."""
        return self._locked(encoder, self.encoders[encoder].encode, list(pictures))

    def embed_picture(self, picture: Picture) -> FloatArray:
        """A picture in the shared space, (384,), float32, unit length.

        Raises:
            ModelUnavailable: no image encoder in use shares a space with words, or its weights are missing.
        """
        return self._place(*self._pooled(picture))

    def describe_picture(self, picture: Picture) -> PictureEmbedding:
        """A picture in both spaces, with the names of what it shows. The first call encodes those names: seconds.

        Raises:
            ModelUnavailable: see `embed_picture`.
        """
        encoder, pooled = self._pooled(picture)
        shared = self._place(encoder, pooled)
        shares = self.space.class_shares(encoder, pooled[None])
        return PictureEmbedding(shared, *self._names(shares[0]) if shares is not None else ())

    def read_lines(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a picture, top to bottom."""
        return self.ocr.read(picture)

    def classify(self, picture: Picture, top: int) -> list[tuple[str, float]]:
        """Everyday objects in a picture with probabilities 0 to 1, best first; [] when no encoder can name any."""
        classifier = self._classifier()
        return self._locked(classifier.name, classifier.classify, picture, top) if classifier else []

    def locate(self, picture: Picture, names: Sequence[str]) -> FloatArray:
        """Locate an everyday object in a picture, see `Classifier`; (0, 0) if no encoder knows any."""
        classifier = self._classifier()
        if classifier is None:
            return np.zeros((0, 0), np.float32)
        return self._locked(classifier.name, classifier.locate, picture, names)

    def _classifier(self) -> Classifier | None:
        return next((encoder for encoder in self.of("image") if isinstance(encoder, Classifier)), None)

    def _place(self, encoder: str, pooled: FloatArray) -> FloatArray:
        placed: FloatArray = self.space.project_pooled(encoder, pooled[None])[0]
        return placed

    def _pooled(self, picture: Picture) -> tuple[str, FloatArray]:
        for encoder in self.of("image"):
            if encoder.name in self.space.encoders:
                return encoder.name, self.encode_pictures(encoder.name, [picture])[0].pooled
        raise ModelUnavailable(
            "The image encoder in use shares no space with words, so pictures cannot be searched; "
            "set vision.model back to efficientnet-lite0"
        )

    @cached_property
    def _names(self) -> PictureNames:
        return PictureNames(lambda names: self.vectors(names, MULTILINGUAL))

    def _each(
        self, encoders: Sequence[Encoder], encode: Callable[[Encoder], list[Encoding]]
    ) -> tuple[list[Encoding], list[UserError]]:
        """Runs the encoders in order, the last beside the others if a processor is free, and collects their errors."""

        def tried(encoder: Encoder) -> list[Encoding] | UserError:
            try:
                return encode(encoder)
            except UserError as error:
                return error

        apart = encoders[-1:] if len(encoders) > 1 and min(self._threads, processors()) > 1 else []
        last = [self._beside.submit(tried, each) for each in apart]
        found = [*map(tried, encoders[: len(encoders) - len(last)]), *(each.result() for each in last)]
        failures = [each for each in found if isinstance(each, UserError)]
        return [one for each in found if not isinstance(each, UserError) for one in each], failures

    def _locked(self, name: str, function: Callable[..., T], *args: object) -> T:
        # A model that is being loaded on another thread is waited for.
        with self._locks[name]:
            return function(*args)


def _resampled(clip: AudioClip) -> AudioClip:
    if clip.sample_rate == RECOGNITION_RATE:
        return clip
    import soxr

    samples = soxr.resample(clip.samples, clip.sample_rate, RECOGNITION_RATE).astype("float32")
    return AudioClip(samples, RECOGNITION_RATE, clip.source)
