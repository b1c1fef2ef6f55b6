"""The same library, read by a Ray cluster on this machine; one of its workers is killed."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.cluster import library_reading
from assistant.cluster.library_reading import _packed, _portions, _unpacked, reading_on
from assistant.errors import SettingsError, StorageError
from assistant.loading import create_models
from assistant.retrieval.items import Source
from assistant.retrieval.lance_table import LibraryTable
from assistant.retrieval.library.library import Library
from assistant.retrieval.library.reading import Task
from assistant.retrieval.library.scanning import File, name_of
from assistant.settings import load_settings

ray = pytest.importorskip("ray", reason="needs the extra [cluster]")
pytest.importorskip("lance", reason="needs the extra [cluster]")
pytest.importorskip("lancedb", reason="needs the extra [library]")
models = pytest.mark.models
pytestmark = [pytest.mark.timeout(400), pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(160):
        (folder / f"note{number:03}.txt").write_text(f"Note number {number} about thing {number % 17}.", "utf-8")
    (folder / "empty.txt").touch()
    return folder


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A cluster whose workers know of no store: it is started before any test says where one is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        library_reading.join_cluster("local", "data", "cluster")
        yield "local"
        ray.shutdown()


def library(folder: Path | str) -> Library:
    settings = load_settings({"library": {"folder": str(folder)}})
    return Library(settings, create_models(settings))


def kill_a_worker(killed: threading.Event) -> None:
    for _ in range(600):
        time.sleep(0.2)
        found = subprocess.run(["pgrep", "-f", "^ray::MapWorker"], capture_output=True, text=True, check=False)
        if found.stdout:
            os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
            killed.set()
            return


@models
def test_a_cluster_makes_the_same_library_though_a_worker_is_killed(tmp_path: Path, files: Path, cluster: str) -> None:
    here = library(tmp_path / "here")
    expected = here.add([files], ocr=False)
    killed = threading.Event()
    killer = threading.Thread(target=kill_a_worker, args=(killed,))
    killer.start()
    there = library(tmp_path / "there")
    report = there.add([files], ocr=False, reading=reading_on(cluster, there))
    killer.join()
    assert killed.is_set()
    assert (report.added, report.items, report.texts, len(report.failed)) == (160, 160, 160, 1)
    assert report.failed == expected.failed
    assert here.table.sources() == there.table.sources()

    def rows(of: Library) -> list[dict[str, object]]:
        return [{name: value for name, value in row.items() if name != "added"} for row in of.large_table().rows()]

    ours, theirs = rows(here), rows(there)
    vectors = ("shared", "meaning")
    for a, b in zip(ours, theirs, strict=True):
        assert {k: v for k, v in a.items() if k not in vectors} == {k: v for k, v in b.items() if k not in vectors}
        assert a["shared"] == pytest.approx(b["shared"], abs=1e-5)
        assert a["meaning"] == pytest.approx(b["meaning"], abs=1e-5)


@models
def test_changed_files_replace_their_rows_also_after_a_kill_before_they_were_recorded(
    tmp_path: Path, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("The old lighthouse.")
    (folder / "b.txt").write_text("A harbour.")
    there = library(tmp_path / "there")
    assert there.add([folder], reading=reading_on(cluster, there)).added == 2
    (folder / "a.txt").write_text("The new lighthouse is taller.")

    def killed(self: LibraryTable, sources: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(LibraryTable, "note", killed)
        with pytest.raises(KeyboardInterrupt):
            there.add([folder], reading=reading_on(cluster, there))
    there = library(tmp_path / "there")
    report = there.add([folder], reading=reading_on(cluster, there))
    assert (report.added, report.unchanged) == (1, 1)
    assert [row["text"] for row in there.table.rows()] == ["The new lighthouse is taller.", "A harbour."]
    assert there.search("lighthouse")[0].text == "The new lighthouse is taller."


@models
def test_a_store_is_read_and_written_by_workers_that_are_told_the_credentials(bucket: str, cluster: str) -> None:
    there = library(f"s3://{bucket}/library")
    report = there.add([f"s3://{bucket}/notes"], reading=reading_on(cluster, there))
    assert (report.added, list(report.failed)) == (2, [f"s3://{bucket}/notes/no.txt"])
    assert there.search("air in the wheels")[0].source == f"s3://{bucket}/notes/sub/car.txt"
    assert there.table.count() == 2


@models
def test_a_worker_that_cannot_write_is_one_clear_line(
    tmp_path: Path, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "note.txt").write_text("words")
    there = library(tmp_path / "there")
    writer = there.large_table().writer()
    monkeypatch.setattr(LibraryTable, "writer", lambda self: type(writer)(str(tmp_path / "elsewhere"), "library"))
    with pytest.raises(StorageError, match=r"^The library .*elsewhere cannot be used: ") as told:
        there.add([tmp_path / "note.txt"], reading=reading_on(cluster, there))
    assert "retr" not in str(told.value)  # of what Ray adds
    assert there.table.count() == 0


def test_without_lance_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_reading, "find_spec", lambda name: None)
    (tmp_path / "note.txt").write_text("words")
    there = library(tmp_path / "there")
    with pytest.raises(SettingsError, match=r"multimodal-assistant\[cluster\]"):
        there.add([tmp_path / "note.txt"], reading=reading_on("local", there))


def test_portions_are_small_when_files_are_few_or_large() -> None:
    def tasks(count: int, size: int) -> list[Task]:
        return [Task(File(Path(f"{n}.txt"), f"/{n}.txt", "text", size, 0.0), None) for n in range(count)]

    assert [len(portion) for portion in _portions(tasks(16, 10), 2)] == [2] * 8
    assert {len(portion) for portion in _portions(tasks(100_000, 10), 2)} == {1024, 100_000 % 1024}
    assert [len(portion) for portion in _portions(tasks(3, 2**30), 1)] == [1, 1, 1]
    assert [task for portion in _portions(tasks(99, 2**20), 1) for task in portion] == tasks(99, 2**20)


def test_names_that_are_no_text_reach_the_workers(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    task = Task(File(path, name_of(path), "text", 1, 0.5), Source("x", "digest", 1, 0.5, 3))
    assert _unpacked(json.loads(json.dumps(_packed(task)).encode("ascii"))) == task
