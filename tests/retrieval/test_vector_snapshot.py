import os
from pathlib import Path

import numpy as np
import pytest

from assistant.retrieval import brute_force_index, vector_snapshot
from assistant.retrieval.brute_force_index import BruteForceIndex
from assistant.retrieval.items import Item, Query, Source


def item(number: int) -> Item:
    shared = np.zeros(384, np.float32)
    shared[number] = 1
    return Item(f"{number}.txt", 0, "text", f"word{number} common", shared)


def sources(*numbers: int) -> list[Source]:
    return [Source(f"{number}.txt", "", 1, 0.0, 1) for number in numbers]


def first(table: BruteForceIndex, number: int) -> str:
    return table.search(Query("", item(number).shared), 1)[0].source


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BruteForceIndex:
    monkeypatch.setattr(brute_force_index, "WORTHWHILE", 2)
    table = BruteForceIndex(tmp_path / "library.sqlite3")
    table.replace(sources(*range(5)), [item(number) for number in range(5)])
    return table


def copies(table: BruteForceIndex) -> list[Path]:
    return sorted(table.path.parent.glob("*.np*"))


def test_a_fresh_process_finds_the_same_in_the_copy(table: BruteForceIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    assert first(table, 3) == "3.txt"
    assert len(copies(table)) == 2
    assert all(path.stat().st_mode & 0o77 == 0 for path in copies(table))

    def unread(connection: object) -> None:
        raise AssertionError("the rows were read although there is a copy")

    monkeypatch.setattr(brute_force_index, "_read_vectors", unread)
    assert first(BruteForceIndex(table.path), 4) == "4.txt"


def test_what_is_written_since_is_found(table: BruteForceIndex) -> None:
    first(table, 3)
    table.replace(sources(7), [item(7)])
    assert first(BruteForceIndex(table.path), 7) == "7.txt"
    assert len(copies(table)) == 2, "the copy before is gone"


def test_a_damaged_copy_is_made_again(table: BruteForceIndex) -> None:
    first(table, 3)
    for path in copies(table):
        os.truncate(path, 10)
    assert first(BruteForceIndex(table.path), 3) == "3.txt"
    assert vector_snapshot.load_vectors(table.path, 1) is not None


def test_words_that_stand_everywhere_do_not_slow_the_search(
    table: BruteForceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.retrieval.word_search.MOST_HELD", 3)
    found = table.search(Query("common word2"), 5)
    assert [hit.source for hit in found] == ["2.txt"]
    assert table.search(Query("common"), 5) == []
