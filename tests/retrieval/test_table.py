from pathlib import Path

import numpy as np
import pytest

from assistant.errors import StorageError
from assistant.messages import FloatArray
from assistant.retrieval import Item, LibraryTable, Query, Source

pytest.importorskip("lancedb", reason="needs the extra [library]")


def vector(seed: int, size: int = 384) -> FloatArray:
    row = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    unit: FloatArray = row / np.linalg.norm(row)
    return unit


def item(source: str, part: int, text: str = "", seed: int = 0, kind: str = "text") -> Item:
    return Item(source, part, kind, text, vector(seed), vector(seed, 512) if text else None)  # type: ignore[arg-type]


def source(path: str, items: int = 1) -> Source:
    return Source(path, "digest", 1, 0.0, items)


@pytest.fixture
def table(tmp_path: Path) -> LibraryTable:
    return LibraryTable(tmp_path / "library")


def test_an_empty_library_finds_nothing_and_makes_no_folder(table: LibraryTable) -> None:
    assert table.search(Query("dogs", vector(1))) == []
    assert table.count() == 0
    assert table.sources() == {}
    assert not Path(table.uri).exists()


def test_replacing_a_source_leaves_no_old_item(table: LibraryTable) -> None:
    table.replace([source("a", 3)], [item("a", part, f"old {part}", part) for part in range(3)])
    table.replace([source("b")], [item("b", 0, "other", 9)])
    table.replace([source("a")], [item("a", 0, "new", 5)])
    assert [(row["source"], row["text"]) for row in table.rows()] == [("a", "new"), ("b", "other")]


def test_sources_without_items_are_remembered(table: LibraryTable) -> None:
    table.replace([Source("broken.pdf", "", 3, 1.0, 0, "it is damaged")], [])
    assert table.sources()["broken.pdf"].reason == "it is damaged"
    assert table.count() == 0


def test_names_with_quotation_marks_do_no_harm(table: LibraryTable) -> None:
    name = "it's '); DROP TABLE--.txt"
    table.replace([source(name)], [item(name, 0, "words", 1)])
    table.remove([name])
    assert table.count() == 0
    assert table.sources() == {}


def test_every_way_of_asking_is_a_ranking_of_its_own(table: LibraryTable) -> None:
    table.replace([source("a")], [item("a", n, f"number {n} of the dogs", n) for n in range(5)])
    table.settle()
    best = table.search(Query("dogs number", vector(3), vector(3, 512)), top=2)[0]
    assert best.text.startswith("number 3")
    assert set(best.ranks) == {"words", "shared", "meaning"}
    assert best.likeness["shared"] == pytest.approx(1.0, abs=1e-4)


def test_kinds_take_turns_and_the_question_s_own_comes_first(table: LibraryTable) -> None:
    texts = [item("a", n, f"text {n}", n) for n in range(3)]
    pictures = [item("b", n, "", n, "image") for n in range(3)]
    table.replace([source("a"), source("b")], [*texts, *pictures])
    query = Query("", vector(1))
    assert [hit.kind for hit in table.search(query, 4)] == ["text", "image", "text", "image"]
    assert [hit.kind for hit in table.search(query, 4, first="image")][:2] == ["image", "text"]
    assert {hit.kind for hit in table.search(query, 4, "image")} == {"image"}


def test_chinese_words_are_found(table: LibraryTable) -> None:
    table.replace([source("a")], [item("a", 0, "今天天气很好", 1), item("a", 1, "我想退货", 2)])
    table.settle()
    assert table.search(Query("天气"))[0].text == "今天天气很好"


def test_what_is_added_after_the_index_was_built_is_found_too(table: LibraryTable) -> None:
    table.replace([source("a")], [item("a", 0, "first words", 1)])
    table.settle()
    table.replace([source("b")], [item("b", 0, "umbrella", 2)])
    assert table.search(Query("umbrella"))[0].source == "b"


def test_a_second_reader_sees_what_was_written(table: LibraryTable) -> None:
    reader = LibraryTable(table.uri)
    table.replace([source("a")], [item("a", 0, "words", 1)])
    assert reader.count() == 1
    table.replace([source("b")], [item("b", 0, "words", 2)])
    assert reader.count() == 2


def test_namespaces_are_apart(table: LibraryTable) -> None:
    other = LibraryTable(table.uri, "course")
    other.replace([source("a")], [item("a", 0, "words", 1)])
    assert table.count() == 0
    assert other.count() == 1


def test_compacting_changes_nothing_that_is_found(table: LibraryTable) -> None:
    for n in range(4):
        table.replace([source(f"s{n}")], [item(f"s{n}", 0, f"words {n}", n)])
    before = [(row["id"], row["text"]) for row in table.rows()]
    table.compact()
    assert [(row["id"], row["text"]) for row in table.rows()] == before


def test_a_damaged_library_is_one_clear_line(table: LibraryTable) -> None:
    table.replace([source("a")], [item("a", 0, "words", 1)])
    for file in Path(table.uri).rglob("*.lance"):
        if file.is_file():
            file.write_bytes(b"not a table")
    with pytest.raises(StorageError, match="cannot be used"):
        list(LibraryTable(table.uri).search(Query("", vector(1))))
