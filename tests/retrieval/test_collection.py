"""Tests the guarantees of plugins' collections, small and large."""

import asyncio
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assistant import AudioClip, Entry, Picture
from assistant.errors import InputError, StorageError, TextError
from assistant.retrieval.brute_force_index import BruteForceIndex
from assistant.retrieval.collection import StoredCollection
from assistant.testing.fakes import FakeEmbedder
from assistant.types import FloatArray

Make = Callable[..., StoredCollection]
run = asyncio.run


class Counting(FakeEmbedder):
    """Counts what it reads."""

    texts = 0

    async def embed_texts(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        self.texts += len(texts)
        return await super().embed_texts(texts)


@pytest.fixture(
    params=["exact", pytest.param("lance", marks=pytest.mark.skipif(not find_spec("lancedb"), reason="[library]"))]
)
def make(tmp_path: Path, request: pytest.FixtureRequest) -> Make:
    """Open a collection; one that is large from its first item on, or never."""

    def opened(name: str = "notes", plugin: str = "p", embedder: FakeEmbedder | None = None) -> StoredCollection:
        large = 10**6 if request.param == "exact" else 0
        return StoredCollection(tmp_path / plugin, name, embedder or FakeEmbedder(), large)

    return opened


def colour(*rgb: int) -> Picture:
    return Picture(Image.new("RGB", (32, 24), rgb))


def silence() -> AudioClip:
    return AudioClip(np.zeros(1600, np.float32))


def test_what_is_added_is_found_with_its_parts(make: Make) -> None:
    notes = make()
    run(notes.add([Entry("the key is under the blue pot", metadata={"day": 3}), Entry("milk and bread")]))
    best = run(notes.search("where is the key"))[0]
    assert best.text == best.snippet == "the key is under the blue pot"
    assert best.metadata == {"day": 3}
    assert best.kind == "text"
    assert best.ranks == {"words": 1, "meaning": 1, "shared": 1}
    assert set(best.likeness) == {"words", "meaning", "shared"}
    assert run(make().count()) == 2  # also by who opens it anew


def test_a_source_is_replaced_and_what_is_unchanged_costs_nothing(make: Make) -> None:
    counting = Counting()
    pages = make(embedder=counting)
    first = [
        Entry("dogs are welcome", source="a"),
        Entry("cats too", source="a"),
        Entry("no birds", source="b"),
    ]
    assert run(pages.add(first)) == 2
    assert counting.texts == 3
    assert run(pages.add(first)) == 0
    assert counting.texts == 3
    assert run(pages.add([Entry("dogs must wait", source="a")])) == 1
    assert [match.text for match in run(pages.search("dogs", top=1))] == ["dogs must wait"]
    assert run(pages.count()) == 2
    assert run(pages.add([Entry("fish", source="c")], only=True)) == 1
    assert run(pages.sources()) == ["c"]
    run(pages.remove(["c", "never there"]))
    assert run(pages.count()) == 0
    assert run(pages.search("fish")) == []


def test_other_models_read_everything_again(make: Make) -> None:
    run(make().add([Entry("dogs", source="a")]))
    later = Counting(version="newer")
    assert run(make(embedder=later).add([Entry("dogs", source="a")])) == 1


def test_the_same_entry_twice_is_one(make: Make) -> None:
    notes = make()
    run(notes.add([Entry("buy milk")]))
    run(notes.add([Entry("buy milk"), Entry("buy bread")]))
    assert run(notes.count()) == 2


def test_pictures_and_recordings_are_found_and_filtered(make: Make) -> None:
    album = make(embedder=FakeEmbedder("we met at the harbour"))
    entries = [
        Entry("a sunset", colour(250, 80, 20), source="red", metadata={"year": 2020}),
        Entry("the sea", colour(10, 60, 200), source="blue", metadata={"year": 2021}),
        Entry(audio=silence(), source="talk"),
        Entry("the sea at night", source="diary"),
    ]
    run(album.add(entries))
    assert run(album.search(picture=colour(20, 60, 190), kind="image"))[0].source == "blue"
    assert run(album.search(picture=colour(20, 60, 190)))[0].kind == "image"
    assert {match.kind for match in run(album.search("sea", top=3))} == {"text", "image", "audio"}
    assert [m.source for m in run(album.search("harbour", kind="audio"))] == ["talk"]
    assert [m.source for m in run(album.search(audio=silence(), kind="audio"))] == ["talk"]
    assert [m.source for m in run(album.search("the sea", where={"year": 2020}))] == ["red"]


def test_chinese_is_found_by_its_words(make: Make) -> None:
    notes = make()
    run(notes.add([Entry("今天天气很好"), Entry("我想退货")]))
    assert "words" in run(notes.search("天气怎么样"))[0].ranks


def test_long_texts_are_found_by_passage(make: Make) -> None:
    book = make()
    chapters = "\n\n".join(f"Chapter {n}. " + f"word{n} " * 80 for n in range(30))
    run(book.add([Entry(chapters, source="book", metadata={"shelf": 1})]))
    best = run(book.search("word17"))[0]
    assert "word17" in best.text
    assert len(best.text) <= 600
    assert best.metadata == {"shelf": 1}
    assert run(book.sources()) == ["book"]


def test_collections_and_plugins_are_apart(make: Make) -> None:
    run(make("notes").add([Entry("mine")]))
    assert run(make("others").count()) == 0
    assert run(make("notes", plugin="q").count()) == 0


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "Upper", "x" * 41, "a\0b", "a.sqlite3"])
def test_names_that_are_paths_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TextError, match="cannot be called"):
        StoredCollection(tmp_path, name, FakeEmbedder())


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (Entry(), "Entry 2 holds no text"),
        (Entry(" \n", source="a.md"), r"Entry 2 \(a.md\) holds no text"),
        (Entry("x" * 200_001), "split it into several"),
        (Entry("half \ud800"), "not text"),
        (Entry("x", metadata={"a": [1]}), "metadata must be str keys"),  # type: ignore[dict-item]
        (Entry("x", metadata={"a": float("nan")}), "finite"),
        (Entry("x", metadata={"a": "y" * 5000}), "4000 characters"),
        (Entry(audio=silence()), "holds no speech"),
        ("a text", "is not an Entry but a str"),
    ],
)
def test_what_cannot_be_kept_is_one_line_and_nothing_is_added(make: Make, entry: Any, said: str) -> None:
    notes = make()
    with pytest.raises(TextError, match=said) as caught:
        run(notes.add([Entry("good"), entry]))
    assert "\n" not in str(caught.value)
    assert run(notes.count()) == 0


def test_nothing_to_look_for_is_said(make: Make) -> None:
    for search in (make().search(), make().search("  "), make().search(audio=silence())):
        with pytest.raises(TextError, match="nothing to search for"):
            run(search)


def test_an_encoder_that_gives_no_numbers_changes_nothing(make: Make) -> None:
    class Broken(FakeEmbedder):
        async def embed_texts(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
            shared, meaning = await super().embed_texts(texts)
            return shared * np.float32("nan"), meaning

    run(make().add([Entry("old", source="a")]))
    with pytest.raises(InputError, match="finite"):
        run(make(embedder=Broken()).add([Entry("new", source="a")]))
    assert run(make().search("old"))[0].text == "old"


def test_a_collection_that_grows_moves_and_keeps_everything(tmp_path: Path) -> None:
    pytest.importorskip("lancedb", reason="needs the extra [library]")
    grown = StoredCollection(tmp_path, "notes", FakeEmbedder(), large=20)
    other = StoredCollection(tmp_path, "notes", FakeEmbedder(), large=20)
    run(grown.add([Entry(f"number{n}", source=f"s{n:02d}", metadata={"n": n}) for n in range(15)]))
    assert not (tmp_path / "notes.lance").exists()
    assert run(other.count()) == 15
    run(grown.add([Entry(f"number{n}", source=f"s{n:02d}", metadata={"n": n}) for n in range(40)], only=True))
    assert (tmp_path / "notes.lance").exists()
    assert run(grown.count()) == run(other.count()) == 40
    assert run(other.search("number7"))[0].metadata == {"n": 7}
    run(other.remove(["s07"]))
    assert run(grown.count()) == 39


def test_without_lance_a_large_collection_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.retrieval.growing_table.find_spec", lambda name: None)
    notes = StoredCollection(tmp_path, "notes", FakeEmbedder(), large=10)
    run(notes.add([Entry(f"number{n}") for n in range(8)]))
    assert run(notes.search("number3"))[0].text == "number3"
    with pytest.raises(StorageError, match="pip install"):
        run(notes.add([Entry(f"another{n}") for n in range(8)]))
    assert run(notes.count()) == 8


def test_a_collection_that_an_earlier_version_moved_is_still_found(tmp_path: Path) -> None:
    pytest.importorskip("lancedb", reason="needs the extra [library]")
    early = StoredCollection(tmp_path, "notes", FakeEmbedder(), large=5)
    run(early.add([Entry(f"number{n}") for n in range(8)]))
    today = StoredCollection(tmp_path, "notes", FakeEmbedder())
    assert run(today.count()) == 8
    assert run(today.search("number3"))[0].text == "number3"


def test_a_full_disk_is_said_and_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = StoredCollection(tmp_path, "notes", FakeEmbedder())
    run(notes.add([Entry("old", source="a")]))
    connect = BruteForceIndex._connect

    def small(self: BruteForceIndex) -> Any:
        connection = connect(self)
        connection.execute("PRAGMA max_page_count = 40")
        return connection

    monkeypatch.setattr(BruteForceIndex, "_connect", small)
    with pytest.raises(StorageError, match="disk is full"):
        run(notes.add([Entry("word " * 50 + str(n), source="a") for n in range(400)]))
    assert run(notes.search("old"))[0].text == "old"


def test_a_damaged_file_is_one_clear_line(tmp_path: Path) -> None:
    notes = StoredCollection(tmp_path, "notes", FakeEmbedder())
    run(notes.add([Entry("old")]))
    (tmp_path / "notes.sqlite3").write_bytes(b"not a database at all" * 200)
    with pytest.raises(StorageError, match="is damaged") as caught:
        run(notes.search("old"))
    assert "\n" not in str(caught.value)


@pytest.mark.bench
def test_a_thousand_entries_are_searched_at_once(tmp_path: Path) -> None:
    notes = StoredCollection(tmp_path, "notes", FakeEmbedder())
    rng = np.random.default_rng(0)
    words = [f"w{n}" for n in range(500)]
    run(notes.add([Entry(" ".join(rng.choice(words, 12)), source=str(n)) for n in range(1000)]))

    async def timed() -> float:
        await notes.search("w1 w2")
        began = time.perf_counter()
        for n in range(10):
            await notes.search(f"w{n} w{n + 1} w{n + 2}")
        return (time.perf_counter() - began) / 10

    assert run(timed()) < 0.1  # some milliseconds on a quiet machine


def test_what_comes_with_its_encodings_is_not_encoded_again(tmp_path: Path) -> None:
    entries = [Entry("dogs are welcome", source="a"), Entry("no birds", source="b"), Entry("", colour(1, 2, 3))]
    made = StoredCollection(tmp_path / "author", "pages", FakeEmbedder())
    run(made.add(entries))
    file = tmp_path / "pages.safetensors"
    assert run(made.export(file)) == 2
    counting = Counting()
    pages = StoredCollection(tmp_path / "user", "pages", counting, encoded=file)
    run(pages.add([*entries, Entry("fish are new", source="c")]))
    assert counting.texts == 1
    assert run(pages.search("welcome dogs"))[0].source == "a"
    cosines = [run(each.search("welcome dogs"))[0].likeness["meaning"] for each in (pages, made)]
    assert cosines[0] == pytest.approx(cosines[1], abs=1e-3)
    for other in (Counting(text_version="newer"), Counting()):
        damaged = StoredCollection(tmp_path / other.text_version, "pages", other, encoded=file)
        if other.text_version == "fake":
            file.write_bytes(b"no safetensors")
        run(damaged.add(entries))
        assert other.texts == 2
