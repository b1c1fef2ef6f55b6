"""Finding things by meaning: what a library holds, its table in Lance, and one order out of several rankings."""

from __future__ import annotations

from assistant.retrieval.collection import Perceiver, StoredCollection
from assistant.retrieval.exact import ExactTable
from assistant.retrieval.fragments import FragmentWriter
from assistant.retrieval.growing import GrowingTable
from assistant.retrieval.items import KINDS, SHOWS, Hit, Item, Kind, Query, Source, having
from assistant.retrieval.passages import cut_passages
from assistant.retrieval.ranking import fuse_rankings, fuse_scores
from assistant.retrieval.table import DEFAULT, LibraryTable
from assistant.retrieval.terms import mark, snippet, terms_of

__all__ = [
    "DEFAULT",
    "KINDS",
    "SHOWS",
    "ExactTable",
    "FragmentWriter",
    "GrowingTable",
    "Hit",
    "Item",
    "Kind",
    "LibraryTable",
    "Perceiver",
    "Query",
    "Source",
    "StoredCollection",
    "cut_passages",
    "fuse_rankings",
    "fuse_scores",
    "having",
    "mark",
    "snippet",
    "terms_of",
]
