"""The same library, read by a Ray cluster on this machine; one of its workers is killed."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.library import Library
from assistant.settings import load_settings

ray = pytest.importorskip("ray", reason="needs the extra [cluster]")
pytest.importorskip("lancedb", reason="needs the extra [library]")
pytestmark = [pytest.mark.models, pytest.mark.timeout(400), pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(160):
        (folder / f"note{number:03}.txt").write_text(f"Note number {number} about thing {number % 17}.", "utf-8")
    (folder / "empty.txt").touch()
    return folder


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    yield "local"
    ray.shutdown()


def library(folder: Path) -> Library:
    return Library(load_settings({"library": {"folder": str(folder)}}))


def kill_a_worker(killed: threading.Event) -> None:
    for _ in range(600):
        time.sleep(0.2)
        found = subprocess.run(["pgrep", "-f", "^ray::MapWorker"], capture_output=True, text=True, check=False)
        if found.stdout:
            os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
            killed.set()
            return


def test_a_cluster_makes_the_same_library_though_a_worker_is_killed(tmp_path: Path, files: Path, cluster: str) -> None:
    here = library(tmp_path / "here")
    here.add([files], ocr=False)
    killed = threading.Event()
    killer = threading.Thread(target=kill_a_worker, args=(killed,))
    killer.start()
    there = library(tmp_path / "there")
    report = there.add([files], ocr=False, cluster=cluster)
    killer.join()
    assert killed.is_set()
    assert (report.added, len(report.failed)) == (160, 1)

    def rows(of: Library) -> list[dict[str, object]]:
        return [{name: value for name, value in row.items() if name != "added"} for row in of.table.rows()]

    ours, theirs = rows(here), rows(there)
    vectors = ("shared", "meaning")
    for a, b in zip(ours, theirs, strict=True):
        assert {k: v for k, v in a.items() if k not in vectors} == {k: v for k, v in b.items() if k not in vectors}
        assert a["shared"] == pytest.approx(b["shared"], abs=1e-5)
        assert a["meaning"] == pytest.approx(b["meaning"], abs=1e-5)
