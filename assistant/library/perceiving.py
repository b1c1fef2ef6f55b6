"""From files to items: read, looked at, listened to, and encoded in batches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from assistant.contracts import Encoder
from assistant.encoders import create_encoders, create_text_reader, detect_language
from assistant.errors import ModelUnavailable, TextError
from assistant.fusion import SharedSpace
from assistant.fusion.projection import ANCHOR, unit
from assistant.inputs.audio_file import read_audio
from assistant.inputs.document_file import read_document
from assistant.inputs.image_file import read_picture
from assistant.library.scanning import File
from assistant.messages import AudioClip, Encoding, FloatArray, Picture, TextLine, Transcript
from assistant.retrieval import Item, Query, cut_passages
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer

__all__ = ["Draft", "Perception", "weights_of"]

MULTILINGUAL = "use"
WRITING = 200
"""characters in a picture that are enough to look for"""

ENGLISH = {"shared": 1.0, "meaning": 0.3, "words": 0.3}
FOREIGN = {"shared": 0.3, "meaning": 1.0, "words": 0.3}
"""say of each ranking: the sentence encoder that reads the question's language best leads (English: chosen on held-out
training questions of BANKING77)"""

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")


@dataclass(frozen=True, eq=False)
class Draft:
    """An item before its words are encoded."""

    item: Item
    encoded: bool = False
    """whether `Item.shared` is known already: a picture's is"""


class _Listener(Protocol):
    def listen(self, clip: AudioClip) -> tuple[Transcript, Encoding]: ...


class _Reader(Protocol):
    def read(self, picture: Picture) -> list[TextLine]: ...


@dataclass
class Perception:
    """Ears, eyes and reading for whole files. Not for two threads at once."""

    encoders: Mapping[str, Encoder]
    listener: _Listener
    reader: _Reader
    settings: Settings
    space: SharedSpace = field(default_factory=SharedSpace)

    @classmethod
    def from_settings(cls, settings: Settings) -> Perception:
        """With encoders of its own, which remember nothing: every file is read once."""
        unremembering = settings.model_copy(
            update={"inference": settings.inference.model_copy(update={"cache_entries": 0})}
        )
        encoders = {encoder.name: encoder for encoder in create_encoders(unremembering)}
        return cls(encoders, SpeechRecognizer.from_settings(settings), create_text_reader(settings), settings)

    # Files

    def read(self, file: File, *, ocr: bool = True) -> Iterator[Draft]:
        """What a file holds, its words not yet encoded.

        Raises:
            InputError: it cannot be read; one line.
            ModelUnavailable: weights are missing.
        """
        if file.kind == "text":
            return self._passages(file)
        return self._picture(file, ocr) if file.kind == "image" else self._moments(file)

    def _passages(self, file: File) -> Iterator[Draft]:
        sections = read_document(file.path)
        if not sections:
            raise TextError(f"{file.path.name} holds no text; if it is a scan, save its pages as pictures")
        part = 0
        for section in sections:
            for passage in cut_passages(section.text):
                yield Draft(Item(file.name, part, "text", passage, _nothing(), place=section.place))
                part += 1

    def _picture(self, file: File, ocr: bool) -> Iterator[Draft]:
        picture = read_picture(file.path, self.settings.vision.max_megapixels)
        lines = [line.text for line in self.reader.read(picture)] if ocr else []
        yield Draft(Item(file.name, 0, "image", "\n".join(lines), self.look(picture)), encoded=True)

    def _moments(self, file: File) -> Iterator[Draft]:
        clip = read_audio(file.path, self.settings.speech.max_minutes)
        transcript, _ = self.listener.listen(clip)
        moments = [moment for segment in transcript.segments for moment in _sentences(*segment)]
        for part, (start, end, text) in enumerate(moments):
            yield Draft(Item(file.name, part, "audio", text, _nothing(), start=start, end=end))

    # Vectors

    def complete(self, drafts: Sequence[Draft]) -> list[Item]:
        """Encode the words of all drafts at once."""
        worded = [index for index, draft in enumerate(drafts) if draft.item.text.strip()]
        shared, meaning = self.encode([drafts[index].item.text for index in worded])
        items = [draft.item for draft in drafts]
        for row, index in enumerate(worded):
            vector = items[index].shared if drafts[index].encoded else shared[row]
            items[index] = replace(items[index], shared=vector, meaning=meaning[row])
        return items

    def encode(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Sentences in the shared space (n, 384) and in the multilingual one (n, 512), float32, unit length.

        English is read by the encoder whose space is the shared one; other languages come through their map.
        """
        if not texts:
            return np.zeros((0, self.space.dimension), np.float32), np.zeros((0, 512), np.float32)
        meaning = unit(np.stack([e.pooled for e in self.encoders[MULTILINGUAL].encode(texts)]))
        shared = self.space.project(MULTILINGUAL, meaning)
        english = [index for index, text in enumerate(texts) if detect_language(text) == "en"]
        if english:
            read = self.encoders[ANCHOR].encode([texts[index] for index in english])
            shared[english] = self.space.project(ANCHOR, np.stack([e.pooled for e in read]))
        return shared, meaning

    def look(self, picture: Picture) -> FloatArray:
        """A picture in the shared space, (384,), unit length.

        Raises:
            ModelUnavailable: the image encoder of the settings shares no space with words.
        """
        for encoder in self.encoders.values():
            if encoder.modality == "image" and encoder.name in self.space.encoders:
                pooled = encoder.encode([picture])[0].pooled
                vector: FloatArray = self.space.project(encoder.name, pooled[None])[0]
                return vector
        raise ModelUnavailable(
            "The image encoder in use shares no space with words, so pictures cannot be searched; "
            "set vision.model back to efficientnet-lite0"
        )

    # Questions

    def ask(self, text: str = "", picture: Picture | None = None, clip: AudioClip | None = None) -> Query:
        """What to look for, from words, a picture or a recording (or several: their meanings are added).

        Raises:
            TextError: there is nothing to look for.
        """
        words = " ".join(part for part in (text.strip(), self._said(clip)) if part)
        vectors: list[FloatArray] = []
        meaning: FloatArray | None = None
        if words:
            shared, both = self.encode([words])
            vectors.append(shared[0])
            meaning = both[0]
        if picture is not None:
            vectors.append(self.look(picture))
        if not vectors:
            raise TextError("There is nothing to look for: no words, no picture, and nobody speaks in the recording")
        return Query(words, unit(np.sum(vectors, axis=0)), meaning, weights_of(words))

    def _said(self, clip: AudioClip | None) -> str:
        return self.listener.listen(clip)[0].text if clip is not None else ""


def weights_of(words: str) -> Mapping[str, float]:
    """How much each ranking counts for a question in these words."""
    return ENGLISH if detect_language(words) == "en" else FOREIGN


def _nothing() -> FloatArray:
    return np.zeros(SharedSpace.dimension, np.float32)


def _sentences(start: float, end: float, text: str) -> Iterator[tuple[float, float, str]]:
    """A window's sentences with times by their share of its letters: good to a second or two."""
    parts = [part for part in _SENTENCE.split(text) if part.strip()]
    letters = sum(map(len, parts))
    at = start
    for part in parts:
        until = at + (end - start) * len(part) / letters
        yield at, until, part.strip()
        at = until
