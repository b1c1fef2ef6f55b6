"""The one interface of both vector stores: SQLite with numpy for what fits in memory, Lance for what does not.

====================  =======================  ==========================
                      `BruteForceIndex`        `LibraryTable` (Lance)
====================  =======================  ==========================
import                80 ms                    3.6 s
search, 100 rows      1.5 ms, 8 MB             49 ms, 150 MB
search, 100,000 rows  36 ms, 360 MB mapped     73 ms, 270 MB
====================  =======================  ==========================

Measured on two busy cores with one thread; memory is what the process grows by. Collections and the user's library
begin in SQLite, so that a typed turn does not pay Lance's import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from assistant.retrieval.items import Hit, Item, Kind, Passage, Query, Source

__all__ = ["VectorStore"]


class VectorStore(Protocol):
    """Keeps items of named sources and finds them by vectors and words. Safe to open in several processes."""

    def sources(self) -> dict[str, Source]:
        """Returns every source ever added, by its path."""

    def count(self, kind: Kind | None = None) -> int:
        """Counts items of one kind or of all."""

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yields every item as a plain row, ordered by source and part."""

    def passages(self, source: str) -> list[Passage]:
        """Returns the passages of one source, in order; [] for an unknown source."""

    def replace(self, sources: Sequence[Source], items: Iterable[Item]) -> None:
        """Makes these the only items of these sources, all at once or not at all.

        Raises:
            StorageError: the disk is full, or the store cannot be written; it is then as it was.
            InputError: a vector is not finite.
        """

    def note(self, sources: Sequence[Source]) -> None:
        """Records sources, leaving their items as they are."""

    def remove(self, paths: Sequence[str]) -> None:
        """Forgets sources and their items."""

    def settle(self) -> None:
        """Brings indices up to date where that pays: after adding."""

    def search(
        self, query: Query, top: int = 10, kind: Kind | None = None, *, first: Kind = "text", where: str = ""
    ) -> list[Hit]:
        """Finds items in every way the query can be asked; see `assistant.retrieval.ranking.join_kinds`.

        Args:
            first: the kind that comes first among equals: that of the question.
            where: a further condition in SQL over the columns source, place, start, end, metadata (see `having`).
        """
