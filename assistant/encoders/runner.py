"""Ears and eyes: every encoder behind one door, off the event loop, and absent without harm.

A sense whose weights are missing, or that takes too long, leaves a notice; the turn goes on with the rest.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar, runtime_checkable

from assistant.bus import Bus
from assistant.encoders.encoder import Encoder
from assistant.encoders.worker import InferenceWorker
from assistant.errors import DeadlineExceeded, QueueFull, UserError
from assistant.events import ModelLoaded, ModelLoading
from assistant.speech.tone import ToneReader
from assistant.types import AudioClip, Encoding, FloatArray, Modality, Picture, TextLine, Transcript, Turn

__all__ = ["Classifier", "Listener", "ModelRunner", "Reader"]

T = TypeVar("T")

LISTENING_RATE = 16_000
"""Hertz; a clip of any other rate is resampled"""

REMEMBERED = 4
"""clips whose transcript is kept: what was listened to before the turn began is not listened to again"""


class Listener(Protocol):
    """Speech recognition."""

    def load(self) -> None:
        """Load the weights; idempotent."""

    def listen(self, clip: AudioClip, language: str = "") -> tuple[Transcript, Encoding]:
        """What is said, and the encoder's frames, from one pass; `language` is ISO 639-1, "" leaves it open."""
        ...


class Reader(Protocol):
    """Text in pictures."""

    def read(self, picture: Picture) -> list[TextLine]:
        """The lines, top to bottom."""
        ...


@runtime_checkable
class Classifier(Protocol):
    """An image encoder that also knows everyday objects by name."""

    def classify(self, picture: Picture, top: int) -> list[tuple[str, float]]:
        """Names and probabilities 0 to 1, best first."""
        ...


class ModelRunner:
    """All encoders of the assistant.

    Args:
        encoders: text and image encoders; a later one replaces an earlier one of the same name.
        listener: speech recognition.
        reader: text in pictures.
        worker: where everything runs.
        bus: told when a model is loading and loaded.
        deadline: seconds one sense may take per turn.
    """

    def __init__(
        self,
        encoders: Iterable[Encoder],
        listener: Listener,
        reader: Reader,
        worker: InferenceWorker,
        bus: Bus,
        deadline: float,
    ) -> None:
        self.encoders = {encoder.name: encoder for encoder in encoders}
        self.listener = listener
        self.reader = reader
        self._worker = worker
        self._bus = bus
        self._deadline = deadline
        self._tone = ToneReader()
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._heard: OrderedDict[str, tuple[Transcript, Encoding]] = OrderedDict()
        self.failures: dict[str, str] = {}
        """model → why it could not be loaded"""

    def of(self, modality: Modality) -> list[Encoder]:
        """The encoders of one modality that are not known to be broken."""
        return [e for e in self.encoders.values() if e.modality == modality and e.name not in self.failures]

    async def load(self, name: str) -> None:
        """Load one encoder, or "speech", ahead of its first use; a failure is remembered, not raised."""
        model: Encoder | Listener = self.listener if name == "speech" else self.encoders[name]
        self._bus.publish(ModelLoading(model=name))
        began = time.monotonic()
        try:
            # On a thread of its own: what is typed meanwhile is answered by the models that are there.
            await asyncio.to_thread(self._locked, name, model.load)
        except UserError as error:
            self.failures[name] = str(error)
        else:
            self.failures.pop(name, None)
            self._bus.publish(ModelLoaded(model=name, seconds=time.monotonic() - began))

    async def listen(self, turn: Turn, notices: list[str]) -> tuple[Transcript | None, list[Encoding]]:
        """Listen to a turn's clip: its transcript, and what was heard."""
        if turn.audio is None:
            return None, []
        heard = await self._try(notices, "listen to the recording", self._locked, "speech", self._hear, turn.audio)
        if heard is None:
            return None, []
        transcript, encoding = heard
        return transcript, [encoding]

    def tone(self, turn: Turn, heard: Sequence[Encoding]) -> Mapping[str, float]:
        """How a turn's clip is said, from what listening has heard; the turn's own where nothing can be told."""
        found = [self._tone.read(turn.audio, e) for e in heard if e.modality == "audio"] if turn.audio else []
        return next((tone for tone in found if tone), turn.tone)

    async def read(self, text: str, modality: Modality, notices: list[str]) -> list[Encoding]:
        """Read typed or spoken words with every text encoder that knows their language."""
        if not text:
            return []
        failures: list[UserError] = []

        def encode() -> list[Encoding]:
            encodings = [e for encoder in self.of("text") if (e := _read_one(encoder, text, modality, failures))]
            if not encodings and failures:
                raise failures[0]
            return encodings

        return await self._try(notices, "read the words", encode) or []

    async def look(self, pictures: Sequence[Picture], notices: list[str]) -> list[Encoding]:
        """Look at pictures with every image encoder."""
        encodings: list[Encoding] = []
        for encoder in self.of("image") if pictures else ():
            encodings += (
                await self._try(
                    notices, "look at the picture", self._locked, encoder.name, encoder.encode, list(pictures)
                )
                or []
            )
        return encodings

    async def read_text(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a picture."""
        return await self._worker.run(self.reader.read, picture, timeout=self._deadline)

    async def transcribe(self, clip: AudioClip, language: str = "") -> Transcript:
        """What is said in a clip; `language` is ISO 639-1, "" does as the settings say."""
        heard: tuple[Transcript, Encoding] = await self._worker.run(self._locked, "speech", self._hear, clip, language)
        return heard[0]

    async def call(self, function: Callable[..., T], *args: object) -> T:
        """Run any model call on the worker, under the deadline."""
        return await self._worker.run(function, *args, timeout=self._deadline)

    async def vectors(self, texts: Sequence[str], encoder: str) -> FloatArray:
        """Pooled vectors (n, d), float32, unit length, of one text encoder."""
        import numpy as np

        encodings = await self._worker.run(self.encoders[encoder].encode, list(texts), timeout=self._deadline)
        rows = np.stack([encoding.pooled for encoding in encodings])
        unit: FloatArray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return unit

    async def classify(self, picture: Picture, top: int) -> list[tuple[str, float]]:
        """Everyday objects in a picture, best first; [] when no encoder can name any."""
        for encoder in self.of("image"):
            if isinstance(encoder, Classifier):
                return await self._worker.run(
                    self._locked, encoder.name, encoder.classify, picture, top, timeout=self._deadline
                )
        return []

    def _hear(self, clip: AudioClip, language: str = "") -> tuple[Transcript, Encoding]:
        if not language and (known := self._heard.get(clip.digest)) is not None:
            return known
        heard = self._heard[clip.digest] = self._listen(clip, language)
        while len(self._heard) > REMEMBERED:
            self._heard.popitem(last=False)
        return heard

    def _listen(self, clip: AudioClip, language: str) -> tuple[Transcript, Encoding]:
        if clip.sample_rate != LISTENING_RATE:
            import soxr

            samples = soxr.resample(clip.samples, clip.sample_rate, LISTENING_RATE).astype("float32")
            clip = AudioClip(samples, LISTENING_RATE, clip.source)
        return self.listener.listen(clip, language)

    def _locked(self, name: str, function: Callable[..., T], *args: object) -> T:
        # A model that is being loaded on another thread is waited for.
        with self._locks[name]:
            return function(*args)

    async def _try(self, notices: list[str], what: str, function: Callable[..., T], *args: object) -> T | None:
        try:
            return await self._worker.run(function, *args, timeout=self._deadline)
        except (UserError, DeadlineExceeded, QueueFull) as error:
            notices.append(f"I could not {what}: {error}")
            return None


def _read_one(encoder: Encoder, text: str, modality: Modality, failures: list[UserError]) -> Encoding | None:
    try:
        encodings = encoder.encode([text])
    except UserError as error:  # its weights are missing: the other text encoders may still do
        failures.append(error)
        return None
    return replace(encodings[0], modality=modality) if encodings else None
