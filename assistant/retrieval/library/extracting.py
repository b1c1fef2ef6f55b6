"""From files to items: read, looked at or transcribed, and encoded in batches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.encoders.models import Models
from assistant.errors import AudioError, TextError
from assistant.inputs.audio_file import cut_pieces
from assistant.inputs.decoder import Decoder
from assistant.inputs.section import Section
from assistant.retrieval.items import SHARED, SHOWS, Item
from assistant.retrieval.library.fields import with_fields
from assistant.retrieval.library.scanning import File
from assistant.retrieval.passages import cut_passages
from assistant.settings import Settings
from assistant.types import FloatArray

__all__ = ["Draft", "Extractor", "Missing"]

WRITING = 20
"""characters in a picture from which what is written says more of it than what it shows"""

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")


@dataclass(frozen=True, eq=False)
class Draft:
    """An item before its words are encoded."""

    item: Item
    encoded: bool = False
    """whether its vectors are known already: a picture's are"""


@dataclass(frozen=True)
class Missing:
    """Something of a file that could not be read."""

    what: str
    """for people: "page 3, a picture" """


class Extractor:
    """Turns files into items, on the calling thread; not for two threads at once. The settings limit a file."""

    def __init__(self, models: Models, settings: Settings) -> None:
        self._models = models
        self._settings = settings
        self._decoder = Decoder()

    def read(self, file: File, *, ocr: bool = True) -> Iterator[Draft | Missing]:
        """What a file holds, its words not yet encoded, and what of it could not be read.

        Raises:
            InputError: it cannot be read; one line.
            ModelUnavailable: weights are missing.
        """
        if file.kind == "text":
            return self._passages(file, ocr)
        return self._picture(file, ocr) if file.kind == "image" else self._moments(file)

    def complete(self, drafts: Sequence[Draft]) -> list[Item]:
        """Encode the words of all drafts at once."""
        worded = [index for index, draft in enumerate(drafts) if draft.item.text.strip()]
        shared, meaning = self._models.embed_texts([drafts[index].item.text for index in worded])
        items = [draft.item for draft in drafts]
        for row, index in enumerate(worded):
            if not drafts[index].encoded:
                items[index] = replace(items[index], shared=shared[row], meaning=meaning[row])
            elif items[index].meaning is None or len(items[index].text) >= WRITING:
                items[index] = replace(items[index], meaning=meaning[row])
        return [with_fields(item) for item in items]

    def _passages(self, file: File, ocr: bool) -> Iterator[Draft | Missing]:
        part = 0
        missing = []
        for section in self._decoder.sections(file.path):
            text = section.text
            if section.picture is not None:
                read, unread = self._page(section, ocr)
                text = "\n".join(line for line in read.splitlines() if line.strip() not in section.text)
                missing += [unread] if unread and not (ocr and section.text) else []
            missing += [section.missing] if section.missing else []
            for passage in cut_passages(text):
                yield Draft(Item(file.name, part, "text", passage, _nothing(), place=section.place))
                part += 1
        if not part and not missing:
            raise TextError(f"{file.path.name} holds no text")
        yield from map(Missing, missing)

    def _page(self, section: Section, ocr: bool) -> tuple[str, str]:
        """The text of a page that is a picture, and what is missing of it."""
        assert section.picture is not None
        if not ocr:
            return "", f"{section.place} (a picture; --ocr reads it)"
        text = "\n".join(line.text for line in self._models.read_lines(section.picture))
        return text, "" if text else f"{section.place} (a picture without words)"

    def _picture(self, file: File, ocr: bool) -> Iterator[Draft]:
        picture = self._decoder.picture(file.path, self._settings.vision.max_megapixels)
        lines = [line.text for line in self._models.read_lines(picture)] if ocr else []
        seen = self._models.describe_picture(picture)
        shown = {SHOWS: ", ".join(seen.names)} if seen.names else {}
        item = Item(file.name, 0, "image", "\n".join(lines), seen.shared, seen.meaning, metadata=shown)
        yield Draft(item, encoded=True)

    def _moments(self, file: File) -> Iterator[Draft]:
        part = 0
        for offset, clip in cut_pieces(self._decoder.sound(file.path, self._settings.speech.max_minutes)):
            for segment in self._models.recognize(clip, keep=False)[0].segments:
                for start, end, text in _sentences(*segment):
                    yield Draft(
                        Item(file.name, part, "audio", text, _nothing(), start=offset + start, end=offset + end)
                    )
                    part += 1
        if not part:
            raise AudioError(f"{file.path.name} holds no words that can be made out")


def _nothing() -> FloatArray:
    return np.zeros(SHARED, np.float32)


def _sentences(start: float, end: float, text: str) -> Iterator[tuple[float, float, str]]:
    """A window's sentences with times by their share of its letters: good to a second or two."""
    parts = [part for part in _SENTENCE.split(text) if part.strip()]
    letters = sum(map(len, parts))
    at = start
    for part in parts:
        until = at + (end - start) * len(part) / letters
        yield at, until, part.strip()
        at = until
