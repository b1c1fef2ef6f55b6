"""Tests library fragments that workers write and one process commits."""

import os
import time
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import InputError, StorageError
from assistant.retrieval import lance_files, lance_table
from assistant.retrieval.items import Item, Query, Source
from assistant.retrieval.lance_table import LibraryTable
from assistant.types import FloatArray

if not find_spec("lancedb"):
    pytest.skip("needs the extra [library]", allow_module_level=True)
lance = pytest.importorskip("lance", reason="needs the extra [cluster]")

WEEK = 7 * 24 * 3600
"""seconds after which Lance takes a file that no version lists for left over"""


def vector(seed: int, size: int) -> FloatArray:
    row = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    unit: FloatArray = row / np.linalg.norm(row)
    return unit


def item(source: str, part: int, text: str, seed: int = 0) -> Item:
    return Item(source, part, "text", text, vector(seed, 384), vector(seed, 512), metadata={"page": part})


def source(path: str, items: int = 1) -> Source:
    return Source(path, "digest", 1, 0.0, items)


def texts(library: LibraryTable) -> list[tuple[str, str]]:
    return [(row["source"], row["text"]) for row in library.rows()]


def dataset(library: LibraryTable) -> Any:
    return lance.dataset(library.writer().uri)


@pytest.fixture
def library(tmp_path: Path) -> LibraryTable:
    return LibraryTable(tmp_path / "library")


def test_rows_are_those_that_one_process_writes(tmp_path: Path, library: LibraryTable) -> None:
    plain = Item("b", 0, "image", "", vector(3, 384), start=1.5, end=2.5, place="page 3")
    items = [item("a", 0, "one"), item("a", 1, "two"), plain]
    library.commit([source("a", 2), source("b")], library.writer().write(items[:2]) + library.writer().write(items[2:]))
    other = LibraryTable(tmp_path / "other")
    other.replace([source("a", 2), source("b")], items)
    rows = [[row | {"added": 0} for row in each.rows()] for each in (library, other)]
    assert rows[0] == rows[1]
    assert library.sources() == other.sources()


def test_both_lances_read_and_write_each_other_s_files(library: LibraryTable) -> None:
    library.replace([source("a"), source("b")], [item("a", 0, "by one"), item("b", 0, "by one")])
    library.settle()
    library.commit([source("c")], library.writer().write([item("c", 0, "by the other")]))
    library.replace([source("b")], [item("b", 0, "again by one")])
    library.commit([source("a")], library.writer().write([item("a", 0, "again by the other")]))
    library.compact(timedelta(0))
    expected = [("a", "again by the other"), ("b", "again by one"), ("c", "by the other")]
    assert texts(library) == expected
    there = dataset(library).to_table(columns=["source", "text"]).sort_by("source").to_pylist()
    assert [(row["source"], row["text"]) for row in there] == expected


def test_a_commit_replaces_the_old_rows_of_its_sources_alone(library: LibraryTable) -> None:
    library.replace([source("a", 3), source("b")], [*(item("a", n, f"old {n}") for n in range(3)), item("b", 0, "b")])
    library.replace([source("c")], [item("c", 0, "old")])
    before = dataset(library).version
    writer = library.writer()
    written = writer.write([item("a", 0, "new")]) + writer.write([item("c", 0, "new"), item("it's", 0, "new")])
    assert texts(library)[0] == ("a", "old 0")  # nothing is there before it is committed
    library.commit([source("a"), source("c"), source("it's"), source("empty", 0)], written)
    assert dataset(library).version == before + 1
    assert texts(library) == [("a", "new"), ("b", "b"), ("c", "new"), ("it's", "new")]
    assert library.sources()["empty"].items == 0
    library.commit([source("a", 0), source("it's")], writer.write([item("it's", 0, "again")]))
    assert texts(library) == [("b", "b"), ("c", "new"), ("it's", "again")]


def test_killed_between_commit_and_recording_it_is_there_once(
    library: LibraryTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: LibraryTable, sources: object) -> None:
        raise KeyboardInterrupt

    written = library.writer().write([item("a", 0, "words")])
    with monkeypatch.context() as patch:
        patch.setattr(LibraryTable, "note", killed)
        with pytest.raises(KeyboardInterrupt):
            library.commit([source("a")], written)
    assert (library.count(), library.sources()) == (1, {})
    again = LibraryTable(library.uri)
    again.commit([source("a")], again.writer().write([item("a", 0, "words")]))
    assert (texts(again), list(again.sources())) == ([("a", "words")], ["a"])


def test_what_another_writer_added_meanwhile_is_replaced_too(library: LibraryTable) -> None:
    library.commit([source("a")], library.writer().write([item("a", 0, "first")]))
    LibraryTable(library.uri).replace([source("b")], [item("b", 0, "theirs")])
    library.commit([source("b")], library.writer().write([item("b", 0, "ours")]))
    assert texts(library) == [("a", "first"), ("b", "ours")]


def test_a_conflict_with_another_writer_is_tried_again(library: LibraryTable, monkeypatch: pytest.MonkeyPatch) -> None:
    library.replace([source("a"), source("b"), source("c")], [item(name, 0, "old") for name in "abc"])
    written = library.writer().write([item("a", 0, "new")])
    opened: list[int] = []
    opening = lance_files.open_items

    def overtaken(uri: str) -> Any:
        items = opening(uri)
        opened.append(items.version)
        if len(opened) == 1:  # a row of the same file leaves before ours does
            LibraryTable(library.uri).remove(["b"])
        return items

    monkeypatch.setattr(lance_files, "open_items", overtaken)
    library.commit([source("a")], written)
    assert len(opened) == 2
    assert texts(library) == [("a", "new"), ("c", "old")]


def test_new_rows_are_found_before_and_after_the_indices_know_them(
    library: LibraryTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lance_table, "ANN_ROWS", 300)
    many = [item(f"s{n}", 0, f"note {n}", n) for n in range(300)]
    library.replace([source(each.source) for each in many], many)
    library.settle()
    assert {"terms", "shared", "meaning"} <= {index.columns[0] for index in library._items.list_indices()}
    new = [item("s7", 0, "umbrella", 1000), *(item(f"t{n}", 0, "kettle", 1001 + n) for n in range(100))]
    library.commit([source(each.source) for each in new], library.writer().write(new))
    for known in (False, True):
        found = library.search(Query("umbrella", vector(1000, 384), vector(1000, 512)), 1)[0]
        assert (found.source, set(found.ranks)) == ("s7", {"words", "shared", "meaning"})
        assert found.likeness["shared"] == pytest.approx(1.0, abs=1e-4)
        assert library.search(Query("", vector(7, 384)), 1)[0].likeness["shared"] < 0.5  # the old row is gone
        assert (library._items.index_stats("terms_idx").num_unindexed_rows == 0) is known
        library.settle()
    assert all(
        library._items.index_stats(index.name).num_unindexed_rows == 0 for index in library._items.list_indices()
    )


def test_files_that_were_never_committed_leave_when_they_are_old(library: LibraryTable) -> None:
    library.commit([source("a")], library.writer().write([item("a", 0, "kept")]))
    files = Path(library.writer().uri) / "data"
    kept = set(files.iterdir())
    library.writer().write([item("b", 0, "its worker died")])
    (old,) = set(files.iterdir()) - kept
    os.utime(old, (time.time() - WEEK - 60,) * 2)
    library.writer().write([item("c", 0, "about to be committed")])
    (fresh,) = set(files.iterdir()) - kept - {old}
    library.compact(timedelta(0))
    assert (old.exists(), fresh.exists()) == (False, True)
    assert texts(library) == [("a", "kept")]


def test_a_file_that_is_elsewhere_is_not_committed(library: LibraryTable, tmp_path: Path) -> None:
    written = library.writer().write([item("a", 0, "words")])
    for file in (Path(library.writer().uri) / "data").iterdir():
        file.rename(tmp_path / file.name)
    with pytest.raises(StorageError, match="folder that all machines share"):
        library.commit([source("a")], written)
    assert (library.count(), library.sources()) == (0, {})


def test_a_worker_that_cannot_reach_the_library_says_so(library: LibraryTable, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere.* cannot be used"):
        lance_files.FragmentWriter(str(tmp_path / "nowhere"), "library").write([item("a", 0, "words")])
    with pytest.raises(InputError, match="finite"):
        library.writer().write([Item("a", 0, "text", "words", np.full(384, np.nan, np.float32))])


def test_a_library_made_before_items_had_metadata_is_written_to(library: LibraryTable) -> None:
    library.replace([source("a")], [item("a", 0, "old")])
    library._items.drop_columns(["metadata"])
    again = LibraryTable(library.uri)
    again.commit([source("b")], again.writer().write([item("b", 7, "new")]))
    assert [(row["source"], row["metadata"]) for row in again.rows()] == [("a", "{}"), ("b", '{"page":7}')]
