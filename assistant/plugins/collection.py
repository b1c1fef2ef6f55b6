"""A plugin's collection: its own things, found again by meaning and by words."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Protocol

from assistant.plugins.remote import method
from assistant.retrieval.entries import Entry, Match, Plain
from assistant.types import AudioClip, Modality, Picture

__all__ = ["Collection"]


class Collection(Protocol):
    """A plugin's own things, found again by meaning and by words. No other plugin can reach them."""

    @method()
    async def add(self, entries: Sequence[Entry], *, only: bool = False) -> int:
        """Add entries, replacing all entries of the same sources; unchanged ones cost nothing.

        Kept on the disk, a few hundred at a time, each time all of a source or nothing. Returns how many sources were
        new or had changed.

        Args:
            only: these are all there shall be: sources that none of them names leave.

        Raises:
            TextError: an entry is empty, too long, or no text; nothing was added.
            ModelUnavailable: they cannot be encoded now.
            StorageError: the disk is full; what was added before stays.
        """

    @method()
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
        """Find by words of any language, a picture, a recording's words, or several at once; best first.

        Args:
            kind: only such entries; otherwise texts, pictures and recordings take turns.
            where: metadata that what is found must have.

        Raises:
            TextError: there is nothing to look for.
        """

    @method()
    async def remove(self, sources: Sequence[str]) -> None:
        """Forget all entries of some sources."""

    @method()
    async def sources(self) -> list[str]:
        """The sources of all entries, in alphabetical order; an entry added without one has one of its own."""

    @method(needs="files")
    async def export(self, path: str | os.PathLike[str]) -> int:
        """Write the encodings of all texts to a safetensors file, to be shipped with the plugin; returns how many.

        Needs the capability "files". See ``encoded`` of `Services.collection`. Raises `StorageError`.
        """
