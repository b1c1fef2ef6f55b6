"""Runs every model for turns: off the event loop, one call after another, each under a deadline.

A model whose weights are missing, or that takes too long, leaves a notice; the turn goes on with the rest.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from assistant.bus import Bus
from assistant.encoders.encoder import Encoder
from assistant.encoders.models import Models
from assistant.encoders.worker import InferenceWorker
from assistant.errors import DeadlineExceeded, QueueFull, UserError
from assistant.events import ModelLoaded, ModelLoading
from assistant.types import AudioClip, Encoding, FloatArray, Modality, Picture, TextLine, Transcript, Turn

__all__ = ["ModelRunner"]

T = TypeVar("T")

LOOK = "look at the picture"


class ModelRunner:
    """Awaits what `Models` does.

    Args:
        models: all of them.
        worker: the thread on which they run.
        bus: gets an event when a model is loading and loaded.
        deadline: seconds that one call may take per turn.
        read_tone: the tone of a clip, from the encoding of its sound; {} if unknown. None: no tone.
    """

    def __init__(
        self,
        models: Models,
        worker: InferenceWorker,
        bus: Bus,
        deadline: float,
        read_tone: Callable[[AudioClip, Encoding], Mapping[str, float]] | None = None,
    ) -> None:
        self.models = models
        self._worker = worker
        self._bus = bus
        self._deadline = deadline
        self._read_tone = read_tone

    def of(self, modality: Modality) -> list[Encoder]:
        """The encoders of one modality that are not known to be broken."""
        return self.models.of(modality)

    @property
    def version(self) -> str:
        """See `Models.version`."""
        return self.models.version

    @property
    def text_version(self) -> str:
        """See `Models.text_version`."""
        return self.models.text_version

    async def load(self, name: str) -> None:
        """Load one encoder, or `SPEECH`, ahead of its first use; a failure is kept in `Models.failures`, not raised."""
        self._bus.publish(ModelLoading(model=name))
        began = time.monotonic()
        try:
            # On a thread of its own: what is typed meanwhile is answered by the models that are there.
            await asyncio.to_thread(self.models.load, name)
        except UserError:
            return
        self._bus.publish(ModelLoaded(model=name, seconds=time.monotonic() - began))

    # For a turn: what fails leaves a notice

    async def listen(self, turn: Turn, notices: list[str]) -> tuple[Transcript | None, list[Encoding]]:
        """The transcript of a turn's clip, and the encodings of its sound.

        A turn that carries its transcript is not listened to: its encodings are those of an earlier recognition of the
        same clip, where there was one.
        """
        if turn.audio is None or turn.transcript is not None:
            known = self.models.recognized(turn.audio) if turn.audio is not None else None
            return turn.transcript, [known[1]] if known else []
        found = await self._try(notices, "listen to the recording", self.models.recognize, turn.audio)
        return (found[0], [found[1]]) if found else (None, [])

    def tone(self, turn: Turn, heard: Sequence[Encoding]) -> Mapping[str, float]:
        """Tone of a turn's clip, from the encodings of its sound; the turn's own tone if it cannot be measured."""
        if turn.audio is None or self._read_tone is None:
            return turn.tone
        found = [self._read_tone(turn.audio, encoding) for encoding in heard if encoding.modality == "audio"]
        return next((tone for tone in found if tone), turn.tone)

    async def read(self, text: str, modality: Modality, notices: list[str], *, alone: bool = True) -> list[Encoding]:
        """Encode typed or spoken words; see `Models.encode_words`."""
        if not text:
            return []
        encode = partial(self.models.encode_words, alone=alone)
        return await self._try(notices, "read the words", encode, text, modality) or []

    async def look(self, pictures: Sequence[Picture], notices: list[str]) -> list[Encoding]:
        """Encode pictures with every image encoder."""
        if not pictures:
            return []
        encodings, failures = await self._try(notices, LOOK, self.models.look, pictures) or ([], [])
        notices += [f"I could not {LOOK}: {error}" for error in failures]
        return encodings

    # For others: what fails is raised

    async def call(self, function: Callable[..., T], *args: object) -> T:
        """Run any call on the models' thread, under the deadline.

        Raises:
            QueueFull: too many calls wait already.
            DeadlineExceeded: it took too long.
        """
        return await self._worker.run(function, *args, timeout=self._deadline)

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Run any call on the models' thread, however long it takes."""
        return await self._worker.run(function, *args)

    async def transcribe(
        self, clip: AudioClip, language: str = "", *, prompt: str = "", words: bool = False, keep: bool = True
    ) -> Transcript:
        """Transcribe a clip, without a deadline; see `Models.recognize`."""
        recognize = partial(self.models.recognize, keep=keep, prompt=prompt, words=words)
        return (await self._worker.run(recognize, clip, language))[0]

    async def read_text(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a picture, top to bottom."""
        return await self.call(self.models.read_lines, picture)

    async def vectors(self, texts: Sequence[str], encoder: str) -> FloatArray:
        """Pooled vectors (n, d), float32, unit length, of one text encoder."""
        return await self.call(self.models.vectors, texts, encoder)

    async def embed_texts(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Texts in the shared space (n, 384) and in the multilingual one (n, 512); see `Models.embed_texts`."""
        return await self.call(self.models.embed_texts, texts)

    async def embed_picture(self, picture: Picture) -> FloatArray:
        """A picture in the shared space, (384,); see `Models.embed_picture`."""
        return await self.call(self.models.embed_picture, picture)

    async def classify(self, picture: Picture, top: int) -> list[tuple[str, float]]:
        """Everyday objects in a picture with probabilities 0 to 1, best first; [] when no encoder can name any."""
        return await self.call(self.models.classify, picture, top)

    async def locate(self, picture: Picture, names: Sequence[str]) -> FloatArray:
        """Locate an everyday object in a picture; see `Models.locate`."""
        return await self.call(self.models.locate, picture, names)

    async def _try(self, notices: list[str], what: str, function: Callable[..., T], *args: object) -> T | None:
        try:
            return await self.call(function, *args)
        except (UserError, DeadlineExceeded, QueueFull) as error:
            notices.append(f"I could not {what}: {error}")
            return None
