"""From files to items: read, looked at, listened to, and encoded in batches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders, create_text_reader
from assistant.errors import ModelUnavailable, TextError
from assistant.fusion import SharedSpace
from assistant.fusion.projection import ANCHOR, CLASSIFIED, unit
from assistant.inputs.audio_file import audio_blocks
from assistant.inputs.document_file import read_document
from assistant.inputs.image_file import read_picture
from assistant.inputs.long_recording import cut_pieces
from assistant.inputs.video_file import VIDEO_ENDINGS, video_blocks
from assistant.language import detect_language
from assistant.retrieval.items import SHOWS, Item, Query
from assistant.retrieval.library.naming import Naming
from assistant.retrieval.library.scanning import File
from assistant.retrieval.passages import cut_passages
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.types import AudioClip, Encoding, FloatArray, Picture, TextLine, Transcript

__all__ = ["Draft", "Perception", "Seen", "weights_of"]

MULTILINGUAL = "use"
WRITING = 20
"""characters in a picture from which what is written says more of it than what it shows"""

ENGLISH = {"shared": 1.0, "meaning": 0.3, "words": 0.1}
FOREIGN = {"shared": 0.3, "meaning": 1.0, "words": 0.1}
PICTURED = {"shared": 1.0, "meaning": 1.0, "words": 0.3}
"""say of each ranking: the sentence encoder that reads the question's language best leads (chosen on training questions
of BANKING77 and training pictures of Flickr8k), and all have theirs when the question is a picture"""
SHORT, KEYWORD = 3, 0.3
"""words up to which a question is a name or a keyword rather than a sentence, and their say in it then"""

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")


@dataclass(frozen=True, eq=False)
class Draft:
    """An item before its words are encoded."""

    item: Item
    encoded: bool = False
    """whether its vectors are known already: a picture's are"""


@dataclass(frozen=True, eq=False)
class Seen:
    """Something in the spaces of a library."""

    shared: FloatArray
    """(384,), unit length"""
    meaning: FloatArray | None = None
    """(512,), unit length; None for a picture whose encoder names nothing"""
    names: Sequence[str] = ()
    """what a picture likely shows, in words"""


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
        seen = self.look(picture)
        shown = {SHOWS: ", ".join(seen.names)} if seen.names else {}
        item = Item(file.name, 0, "image", "\n".join(lines), seen.shared, seen.meaning, metadata=shown)
        yield Draft(item, encoded=True)

    def _moments(self, file: File) -> Iterator[Draft]:
        blocks = video_blocks if file.path.suffix.lower() in VIDEO_ENDINGS else audio_blocks
        part = 0
        for offset, clip in cut_pieces(blocks(file.path, self.settings.speech.max_minutes)):
            for segment in self.listener.listen(clip)[0].segments:
                for start, end, text in _sentences(*segment):
                    yield Draft(
                        Item(file.name, part, "audio", text, _nothing(), start=offset + start, end=offset + end)
                    )
                    part += 1

    # Vectors

    def complete(self, drafts: Sequence[Draft]) -> list[Item]:
        """Encode the words of all drafts at once."""
        worded = [index for index, draft in enumerate(drafts) if draft.item.text.strip()]
        shared, meaning = self.encode([drafts[index].item.text for index in worded])
        items = [draft.item for draft in drafts]
        for row, index in enumerate(worded):
            if not drafts[index].encoded:
                items[index] = replace(items[index], shared=shared[row], meaning=meaning[row])
            elif items[index].meaning is None or len(items[index].text) >= WRITING:
                items[index] = replace(items[index], meaning=meaning[row])
        return items

    def encode(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Sentences in the shared space (n, 384) and in the multilingual one (n, 512), float32, unit length.

        English is read by the encoder whose space is the shared one; other languages come through their map.
        """
        if not texts:
            return np.zeros((0, self.space.dimension), np.float32), np.zeros((0, 512), np.float32)
        meaning = self._mean(texts)
        shared = self.space.project(MULTILINGUAL, meaning)
        english = [index for index, text in enumerate(texts) if detect_language(text) == "en"]
        if english:
            read = self.encoders[ANCHOR].encode([texts[index] for index in english])
            shared[english] = self.space.project(ANCHOR, np.stack([e.pooled for e in read]))
        return shared, meaning

    def _mean(self, texts: Sequence[str]) -> FloatArray:
        return unit(np.stack([encoding.pooled for encoding in self.encoders[MULTILINGUAL].encode(texts)]))

    @cached_property
    def _naming(self) -> Naming | None:
        return Naming(self.space.classes, self._mean) if self.space.classes is not None else None

    def look(self, picture: Picture) -> Seen:
        """Where a picture lies, and what it shows.

        Raises:
            ModelUnavailable: the image encoder of the settings shares no space with words.
        """
        for encoder in self.encoders.values():
            if encoder.modality == "image" and encoder.name in self.space.encoders:
                pooled = encoder.encode([picture])[0].pooled
                shared = self.space.project_pooled(encoder.name, pooled[None])[0]
                if encoder.name != CLASSIFIED or self._naming is None:
                    return Seen(shared)
                return Seen(shared, *self._naming(pooled))
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
        asked = [Seen(*(rows[0] for rows in self.encode([words])))] if words else []
        asked += [self.look(picture)] if picture is not None else []
        if not asked:
            raise TextError("There is nothing to look for: no words, no picture, and nobody speaks in the recording")
        meanings = [each.meaning for each in asked if each.meaning is not None]
        return Query(
            words or " ".join(asked[-1].names),
            unit(np.sum([each.shared for each in asked], axis=0)),
            unit(np.sum(meanings, axis=0)) if meanings else None,
            weights_of(words),
        )

    def _said(self, clip: AudioClip | None) -> str:
        return self.listener.listen(clip)[0].text if clip is not None else ""


def weights_of(words: str) -> Mapping[str, float]:
    """How much each ranking counts for a question in these words; "" when it is a picture alone."""
    if not words:
        return PICTURED
    weights = ENGLISH if detect_language(words) == "en" else FOREIGN
    return weights | {"words": KEYWORD} if len(words.split()) <= SHORT else weights


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
