"""Collections of plugins: encodes and stores their entries, and searches them by meaning and words."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from assistant.errors import TextError
from assistant.folders import write_private
from assistant.retrieval.asking import join_query
from assistant.retrieval.entries import Entry, Match, Plain
from assistant.retrieval.growing_table import LARGE, GrowingTable
from assistant.retrieval.items import SHARED, Item, Source, having
from assistant.retrieval.passages import LENGTH, cut_passages
from assistant.retrieval.terms import snippet
from assistant.types import AudioClip, FloatArray, Modality, Picture, Transcript, content_hash

__all__ = ["Embedder", "StoredCollection", "key_of", "read_encodings", "write_encodings"]

logger = logging.getLogger(__name__)

LONGEST = 200_000
"""characters of one entry's text: a small book"""
MOST_METADATA = 4_000
"""characters of all an entry's metadata"""
ENCODED_AT_ONCE = 16
"""passages, so that a turn that comes meanwhile waits a tenth of a second at most"""
KEPT_AT_ONCE = 256
"""passages per commit"""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class Embedder(Protocol):
    """The models of a collection (`assistant.encoders.runner.ModelRunner`)."""

    @property
    def version(self) -> str:
        """Changes with the models, whose vectors cannot be compared with each other's."""

    @property
    def text_version(self) -> str:
        """Changes with the models that read texts."""

    async def embed_texts(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Texts in the shared space (n, 384) and in the multilingual one (n, 512), float32, unit length."""

    async def embed_picture(self, picture: Picture) -> FloatArray:
        """A picture in the shared space, (384,), unit length."""

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """Transcribes a clip."""


class StoredCollection:
    """`assistant.plugins.api.Collection` in files. Safe to use from several processes.

    Args:
        name: lower-case letters, digits, "-" and "_", at most 40; a `TextError` for others.
        encoded: a file that `export` wrote: what it holds is not encoded again.
    """

    def __init__(
        self, folder: Path, name: str, models: Embedder, large: int = LARGE, encoded: Path | None = None
    ) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise TextError(f"A collection cannot be called {name!r}: use up to 40 lower-case letters, digits, - and _")
        self.name = name
        self._models = models
        self._table = GrowingTable(folder, name, large)
        self._encoded_file = encoded
        self._encodings: Mapping[str, tuple[FloatArray, FloatArray]] | None = None

    async def add(self, entries: Sequence[Entry], *, only: bool = False) -> int:
        groups: dict[str, list[Entry]] = {}
        for number, entry in enumerate(entries, 1):
            _check(entry, number)
            groups.setdefault(entry.origin, []).append(entry)
        known = await asyncio.to_thread(lambda: self._table.store.sources())
        version = self._models.version
        digests = {source: content_hash(version, *(each.digest for each in group)) for source, group in groups.items()}
        fresh = [source for source in groups if source not in known or known[source].digest != digests[source]]
        sources: list[Source] = []
        items: list[Item] = []
        for source in fresh:
            drafts = [draft for entry in groups[source] for draft in await self._drafts(entry)]
            items += await self._encoded(source, drafts)
            sources.append(Source(source, digests[source], 0, 0.0, len(drafts)))
            if len(items) >= KEPT_AT_ONCE or source is fresh[-1]:
                await asyncio.to_thread(self._table.replace, sources, items)
                sources, items = [], []
        if only and (gone := [source for source in known if source not in groups]):
            await asyncio.to_thread(self._table.remove, gone)
        return len(fresh)

    async def search(
        self,
        text: str = "",
        *,
        picture: Picture | None = None,
        audio: AudioClip | None = None,
        top: int = 5,
        kind: Modality | None = None,
        where: Mapping[str, Plain] | None = None,
    ) -> list[Match]:
        said = (await self._models.transcribe(audio)).text if audio is not None else ""
        words = " ".join(part for part in (text.strip()[:LONGEST], said.strip()) if part)
        _check_metadata(where or {}, "The search")
        read = [await self._models.embed_texts([words])] if words else []
        seen = [await self._models.embed_picture(picture)] if picture is not None else []
        query = join_query(words, [*(shared[0] for shared, _ in read), *seen], [meaning[0] for _, meaning in read])
        first: Modality = "image" if picture is not None and not words else "text"
        hits = await asyncio.to_thread(
            lambda: self._table.store.search(query, max(1, top), kind, first=first, where=having(where or {}))
        )
        return [
            Match(
                hit.text,
                hit.source,
                hit.kind,
                hit.score,
                snippet(hit.text, words),
                hit.metadata,
                hit.ranks,
                hit.likeness,
            )
            for hit in hits
        ]

    async def remove(self, sources: Sequence[str]) -> None:
        await asyncio.to_thread(self._table.remove, list(sources))

    async def sources(self) -> list[str]:
        return sorted(await asyncio.to_thread(lambda: self._table.store.sources()))

    async def count(self) -> int:
        return await asyncio.to_thread(lambda: self._table.store.count())

    async def export(self, path: str | os.PathLike[str]) -> int:
        version = self._models.text_version

        def write() -> int:
            rows = (row for row in self._table.store.rows() if row["kind"] != "image")
            return write_encodings(
                Path(path), ((key_of(version, row["text"]), row["shared"], row["meaning"]) for row in rows)
            )

        return await asyncio.to_thread(write)

    async def _drafts(self, entry: Entry) -> list[Item]:
        """The drafts of an entry, its words not yet encoded."""
        blank = np.zeros(SHARED, np.float32)
        if entry.picture is not None:
            seen = await self._models.embed_picture(entry.picture)
            return [Item("", 0, "image", entry.text, seen, metadata=entry.metadata)]
        if entry.audio is not None:
            said = entry.text or (await self._models.transcribe(entry.audio)).text
            if not said:
                raise TextError(f"The recording {entry.source} holds no speech: give a text that says what it is")
            return [Item("", 0, "audio", passage, blank, metadata=entry.metadata) for passage in _passages(said)]
        return [Item("", 0, "text", passage, blank, metadata=entry.metadata) for passage in _passages(entry.text)]

    async def _encoded(self, source: str, drafts: Sequence[Item]) -> list[Item]:
        items = [replace(draft, source=source, part=part) for part, draft in enumerate(drafts)]
        worded = [item for item in items if item.text.strip()]
        for start in range(0, len(worded), ENCODED_AT_ONCE):
            batch = worded[start : start + ENCODED_AT_ONCE]
            shared, meaning = await self._read([item.text for item in batch])
            for item, one, other in zip(batch, shared, meaning, strict=True):
                seen = item.shared if item.kind == "image" else one
                items[item.part] = replace(item, shared=seen, meaning=other)
        return items

    async def _read(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        if self._encodings is None:
            file = self._encoded_file
            self._encodings = await asyncio.to_thread(read_encodings, file) if file is not None else {}
        if not self._encodings:
            return await self._models.embed_texts(texts)
        keys = [key_of(self._models.text_version, text) for text in texts]
        known = dict(self._encodings)
        if missing := [place for place, key in enumerate(keys) if key not in known]:
            read = await self._models.embed_texts([texts[place] for place in missing])
            known.update({keys[place]: (one, other) for place, one, other in zip(missing, *read, strict=True)})
        return np.stack([known[key][0] for key in keys]), np.stack([known[key][1] for key in keys])


def _passages(text: str) -> list[str]:
    return [text.strip()] if len(text) <= LENGTH else cut_passages(text)


def _check(entry: Entry, number: int) -> None:
    if not isinstance(entry, Entry):
        raise TextError(f"Entry {number} is not an Entry but a {type(entry).__name__}")
    named = f"Entry {number}" + (f" ({entry.source[:80]})" if entry.source else "")
    if not entry.text.strip() and entry.picture is None and entry.audio is None:
        raise TextError(f"{named} holds no text, no picture and no recording")
    if len(entry.text) > LONGEST:
        raise TextError(
            f"{named} has {len(entry.text)} characters; the limit is {LONGEST}: split it into several entries"
        )
    try:
        f"{entry.text}{entry.source}".encode()
    except UnicodeEncodeError as error:
        raise TextError(f"{named} holds half of a surrogate pair, which is not text") from error
    _check_metadata(entry.metadata, named)


def _check_metadata(metadata: Mapping[str, Plain], named: str) -> None:
    for key, value in metadata.items():
        if not isinstance(key, str) or not isinstance(value, (str, int, float, bool)):
            raise TextError(
                f"{named}: metadata must be str keys with str, number or bool values, not {key!r}: {value!r}"
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise TextError(f"{named}: {key} is {value}, and must be a finite number")
    if sum(len(f"{key}{value}") for key, value in metadata.items()) > MOST_METADATA:
        raise TextError(f"{named} has more than {MOST_METADATA} characters of metadata")


Encodings = Mapping[str, tuple[FloatArray, FloatArray]]


def key_of(version: str, text: str) -> str:
    """Key of a text's encodings, 32 hexadecimal characters; differs between encoders."""
    return content_hash(version, text)[:32]


def read_encodings(path: Path) -> Encodings:
    """Key → vectors in the shared space (384,) and the multilingual one (512,); {} when the file cannot be read."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(path.read_bytes())
        shared, meaning = (arrays[name].astype(np.float32) for name in ("shared", "meaning"))
        keys = [row.tobytes().hex() for row in arrays["keys"]]
        return {key: (one, other) for key, one, other in zip(keys, shared, meaning, strict=True)}
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        logger.info("%s is not used: %s", path, error)
        return {}


def write_encodings(path: Path, encodings: Iterable[tuple[str, FloatArray, FloatArray]]) -> int:
    """Write keys and vectors, halves of 16 bits; returns how many."""
    from safetensors.numpy import save

    rows = sorted(encodings, key=lambda row: row[0])
    keys = np.asarray([list(bytes.fromhex(key)) for key, _, _ in rows], np.uint8).reshape(-1, 16)
    shared = np.asarray([one for _, one, _ in rows], np.float16)
    meaning = np.asarray([other for _, _, other in rows], np.float16)
    write_private(path, lambda file: file.write(save({"keys": keys, "shared": shared, "meaning": meaning})))
    return len(rows)
