"""Tests the contract of both stores, and the additional one of the store in Lance."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import InputError, StorageError
from assistant.retrieval.brute_force_index import BruteForceIndex
from assistant.retrieval.entries import Plain
from assistant.retrieval.items import Item, Query, Source, having
from assistant.retrieval.lance_table import LibraryTable
from assistant.retrieval.store import VectorStore
from assistant.types import FloatArray

LANCE = pytest.mark.skipif(find_spec("lancedb") is None, reason="needs the extra [library]")
Make = Callable[[], VectorStore]


def vector(seed: int, size: int = 384) -> FloatArray:
    row = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    unit: FloatArray = row / np.linalg.norm(row)
    return unit


def item(source: str, part: int, text: str = "", seed: int = 0, kind: str = "text", **metadata: Plain) -> Item:
    meaning = vector(seed, 512) if text else None
    return Item(source, part, kind, text, vector(seed), meaning, metadata=metadata)  # type: ignore[arg-type]


def source(path: str, items: int = 1) -> Source:
    return Source(path, "digest", 1, 0.0, items)


@pytest.fixture(params=["brute_force", pytest.param("lance", marks=LANCE)])
def opened(tmp_path: Path, request: pytest.FixtureRequest) -> Make:
    """Opens the same store again each time."""
    if request.param == "lance":
        return lambda: LibraryTable(tmp_path / "many")
    return lambda: BruteForceIndex(tmp_path / "few" / "x.sqlite3")


@pytest.fixture
def table(opened: Make) -> VectorStore:
    return opened()


@pytest.fixture
def library(tmp_path: Path) -> LibraryTable:
    pytest.importorskip("lancedb", reason="needs the extra [library]")
    return LibraryTable(tmp_path / "library")


def test_an_empty_table_finds_nothing_and_makes_no_folder(table: VectorStore, tmp_path: Path) -> None:
    assert table.search(Query("dogs", vector(1))) == []
    assert table.count() == 0
    assert table.sources() == {}
    table.remove(["a"])
    assert list(tmp_path.iterdir()) == []


def test_replacing_a_source_leaves_no_old_item(table: VectorStore) -> None:
    table.replace([source("a", 3)], [item("a", part, f"old {part}", part) for part in range(3)])
    table.replace([source("b")], [item("b", 0, "other", 9)])
    table.replace([source("a")], [item("a", 0, "new", 5)])
    assert [(row["source"], row["text"]) for row in table.rows()] == [("a", "new"), ("b", "other")]


def test_sources_without_items_are_remembered(table: VectorStore) -> None:
    table.replace([Source("broken.pdf", "", 3, 1.0, 0, "it is damaged")], [])
    assert table.sources()["broken.pdf"].reason == "it is damaged"
    assert table.count() == 0


def test_names_with_quotation_marks_do_no_harm(table: VectorStore) -> None:
    name = "it's '); DROP TABLE--.txt"
    table.replace([source(name)], [item(name, 0, "words", 1)])
    table.remove([name])
    assert table.count() == 0
    assert table.sources() == {}


def test_every_way_of_asking_is_a_ranking_of_its_own(table: VectorStore) -> None:
    table.replace([source("a")], [item("a", n, f"number {n} of the dogs", n) for n in range(5)])
    table.settle()
    best = table.search(Query("dogs number", vector(3), vector(3, 512)), top=2)[0]
    assert best.text.startswith("number 3")
    assert set(best.ranks) == {"words", "shared", "meaning"}
    assert best.likeness["shared"] == pytest.approx(1.0, abs=1e-4)


def test_kinds_take_turns_and_the_question_s_own_comes_first(table: VectorStore) -> None:
    texts = [item("a", n, f"text {n}", n) for n in range(3)]
    pictures = [item("b", n, "", n, "image") for n in range(3)]
    table.replace([source("a"), source("b")], [*texts, *pictures])
    query = Query("", vector(1))
    assert [hit.kind for hit in table.search(query, 4)] == ["text", "image", "text", "image"]
    assert [hit.kind for hit in table.search(query, 4, first="image")][:2] == ["image", "text"]
    assert {hit.kind for hit in table.search(query, 4, "image")} == {"image"}


def test_chinese_words_are_found(table: VectorStore) -> None:
    table.replace([source("a")], [item("a", 0, "今天天气很好", 1), item("a", 1, "我想退货", 2)])
    table.settle()
    assert table.search(Query("天气"))[0].text == "今天天气很好"


def test_what_is_added_after_the_index_was_built_is_found_too(table: VectorStore) -> None:
    table.replace([source("a")], [item("a", 0, "first words", 1)])
    table.settle()
    table.replace([source("b")], [item("b", 0, "umbrella", 2)])
    assert table.search(Query("umbrella"))[0].source == "b"


def test_a_second_reader_sees_what_was_written(table: VectorStore, opened: Make) -> None:
    reader = opened()
    assert reader.count() == 0
    table.replace([source("a")], [item("a", 0, "words", 1)])
    assert reader.count() == 1
    table.replace([source("b")], [item("b", 0, "words", 2)])
    assert reader.count() == 2


def test_namespaces_are_apart(library: LibraryTable) -> None:
    other = LibraryTable(library.uri, "course")
    other.replace([source("a")], [item("a", 0, "words", 1)])
    assert library.count() == 0
    assert other.count() == 1


def test_compacting_changes_nothing_that_is_found(library: LibraryTable) -> None:
    for n in range(4):
        library.replace([source(f"s{n}")], [item(f"s{n}", 0, f"words {n}", n)])
    before = [(row["id"], row["text"]) for row in library.rows()]
    library.compact()
    assert [(row["id"], row["text"]) for row in library.rows()] == before


def test_a_damaged_library_is_one_clear_line(library: LibraryTable) -> None:
    library.replace([source("a")], [item("a", 0, "words", 1)])
    for file in Path(library.uri).rglob("*.lance"):
        if file.is_file():
            file.write_bytes(b"not a table")
    with pytest.raises(StorageError, match="cannot be used"):
        list(LibraryTable(library.uri).search(Query("", vector(1))))


def test_metadata_come_back_and_are_searched_by(table: VectorStore) -> None:
    table.replace(
        [source("a", 3)],
        [
            item("a", 0, "one of the dogs", 0, page=1, name='it\'s 100%_"x"'),
            item("a", 1, "two of the dogs", 1, page=11),
            item("a", 2, "three dogs", 2, note='"page":1,'),
        ],
    )
    table.settle()
    query = Query("dogs", vector(1), vector(1, 512))
    assert [hit.metadata["page"] for hit in table.search(query, where=having({"page": 1}))] == [1]
    assert {hit.text for hit in table.search(query, where=having({"page": 11}))} == {"two of the dogs"}
    (found,) = table.search(query, where=having({"page": 1, "name": 'it\'s 100%_"x"'}))
    assert found.metadata == {"page": 1, "name": 'it\'s 100%_"x"'}
    assert table.search(query, where=having({"page": "1"})) == []


def test_both_tables_find_the_same(tmp_path: Path, library: LibraryTable) -> None:
    exact = BruteForceIndex(tmp_path / "x.sqlite3")
    words = ["apple", "pear", "plum", "cherry", "quince"]
    items = [item(f"s{n}", 0, " ".join(words[m] for m in range(5) if n >> m & 1), n) for n in range(1, 32)]
    stores: tuple[VectorStore, ...] = (exact, library)
    for table in stores:
        table.replace([source(each.source) for each in items], items)
        table.settle()
    for seed in range(1, 6):
        mixed = vector(seed) + 0.3 * vector(seed + 7)
        query = Query("", mixed / np.linalg.norm(mixed), vector(seed, 512))
        one, other = exact.search(query, 5), library.search(query, 5)
        assert [hit.source for hit in one] == [hit.source for hit in other]
        assert [hit.ranks for hit in one] == [hit.ranks for hit in other]
        for hit, same in zip(one, other, strict=True):
            assert hit.likeness == pytest.approx(same.likeness, abs=1e-4)
    by_words = Query("plum and quince")
    assert {hit.source for hit in exact.search(by_words, 8)} == {hit.source for hit in library.search(by_words, 8)}


@pytest.mark.parametrize("wrong", [np.full(384, np.nan, np.float32), np.zeros(3, np.float32)])
def test_vectors_that_are_none_are_refused_and_change_nothing(table: VectorStore, wrong: FloatArray) -> None:
    table.replace([source("a")], [item("a", 0, "words", 1)])
    with pytest.raises(InputError, match="finite"):
        table.replace([source("a")], [Item("a", 0, "text", "other", wrong)])
    assert table.search(Query("words"))[0].text == "words"


def test_an_index_finds_the_nearest_and_follows_what_changes(
    library: LibraryTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.retrieval.lance_table.ANN_ROWS", 1000)
    library.replace([source("a", 2000)], [item("a", part, "", part, "image") for part in range(2000)])
    library.settle()
    table = lancedb_table(library)
    assert {index.columns[0]: index.index_type for index in table.list_indices()}["shared"] == "IvfSq"
    library.replace([source("b")], [item("b", 0, "", 5000, "image")])  # not in the index yet
    library.replace([source("a", 1000)], [item("a", part, "", part, "image") for part in range(1000)])
    for seed in (3, 999, 5000):
        assert library.search(Query("", vector(seed)), 1)[0].likeness["shared"] == pytest.approx(1, abs=1e-3)
    assert library.search(Query("", vector(1500)), 1)[0].likeness["shared"] < 0.5
    assert library.count() == 1001


def test_an_index_of_another_make_is_made_anew(library: LibraryTable, monkeypatch: pytest.MonkeyPatch) -> None:
    from lancedb.index import IvfFlat

    monkeypatch.setattr("assistant.retrieval.lance_table.ANN_ROWS", 300)
    library.replace([source("a", 400)], [item("a", part, "", part, "image") for part in range(400)])
    lancedb_table(library).create_index("shared", config=IvfFlat(distance_type="cosine", num_partitions=4))
    library.settle()
    kinds = {index.columns[0]: index.index_type for index in lancedb_table(library).list_indices()}
    assert kinds["shared"] == "IvfSq"


def lancedb_table(library: LibraryTable) -> Any:
    import lancedb

    return lancedb.connect(library.uri).open_table("library-items")
