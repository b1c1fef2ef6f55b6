"""A library over real files with the real models."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from assistant.encoders.models import Models
from assistant.loading import create_models
from assistant.retrieval.brute_force_index import BruteForceIndex
from assistant.retrieval.items import Hit, Source
from assistant.retrieval.lance_table import LibraryTable
from assistant.retrieval.library.library import Library
from assistant.retrieval.store import VectorStore
from assistant.settings import Settings, load_settings
from assistant.types import AudioClip

if not find_spec("lancedb"):
    pytest.skip("needs the extra [library]", allow_module_level=True)
pytestmark = pytest.mark.models

NOTES = {
    "garden.md": "# Tomatoes\n\nWater tomatoes in the morning, at the root.\n\n# Roses\n\nCut roses back in spring.",
    "car.txt": "The car's tyres need a pressure of 2.3 bar. Change the oil once a year.",
    "退货.txt": "商品可以在三十天内退货，请保留小票。",
}


@pytest.fixture(scope="module")
def models() -> Models:
    return create_models(load_settings(), keep_encodings=False)


@pytest.fixture
def library(tmp_path: Path, models: Models) -> Library:
    folder = {"library": {"folder": str(tmp_path / "library")}}
    return Library(load_settings(folder), models)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in NOTES.items():
        (folder / name).write_text(text, "utf-8")
    Image.new("RGB", (64, 64), "red").save(folder / "red.png")
    return folder


def written(library: Library) -> dict[int, str]:
    """Row number → file: a file that is written again has new rows."""
    with sqlite3.connect(Path(library.uri) / "library.sqlite3") as connection:
        return dict(connection.execute('SELECT "row", source FROM items'))


def first(hits: list[Hit]) -> str:
    return Path(hits[0].source).name


def test_passages_are_found_by_what_they_mean(library: Library, folder: Path) -> None:
    report = library.add([folder], ocr=False)
    assert (report.added, report.failed) == (4, {})
    assert first(library.search("how do I take care of vegetables", kind="text")) == "garden.md"
    assert first(library.search("air in the wheels", kind="text")) == "car.txt"
    assert first(library.search("can I return what I bought", kind="text")) == "退货.txt"
    assert first(library.search("退货", kind="text")) == "退货.txt"


def test_a_picture_finds_itself(library: Library, folder: Path) -> None:
    from assistant.inputs.image_file import read_picture

    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 30).convert("RGB").save(folder / "other.png")
    library.add([folder], ocr=False)
    hits = library.search(picture=read_picture(folder / "red.png"))
    assert first(hits) == "red.png"
    assert hits[0].likeness["shared"] == pytest.approx(1.0, abs=1e-3)


def test_what_is_written_in_a_picture_is_found(library: Library, folder: Path) -> None:
    from PIL import ImageDraw, ImageFont

    label = Image.new("RGB", (420, 80), "white")
    ImageDraw.Draw(label).text((10, 20), "Blueberry jam 2026", "black", ImageFont.load_default(36))
    label.save(folder / "label.png")
    library.add([folder], ocr=True)
    hit = library.search("blueberry jam", kind="image")[0]
    assert Path(hit.source).name == "label.png"
    assert "words" in hit.ranks


def test_the_moment_in_a_recording_is_found_by_a_spoken_question(
    library: Library, folder: Path, say: Callable[[str], AudioClip]
) -> None:
    pause = np.zeros(32_000, np.float32)
    parts = [
        say("Welcome to the lesson. Today we speak about plants.").samples,
        say("Photosynthesis turns light into sugar.").samples,
        say("The next lesson is about volcanoes and hot lava.").samples,
    ]
    soundfile.write(folder / "lesson.flac", np.concatenate([parts[0], pause, parts[1], pause, parts[2]]), 16_000)
    begins = (len(parts[0]) + 32_000 + len(parts[1]) + 32_000) / 16_000
    library.add([folder], ocr=False)
    hit = library.search(clip=say("Where do they talk about volcanoes?"), kind="audio")[0]
    assert "volcano" in hit.text.lower()
    assert hit.start == pytest.approx(begins, abs=3.0)


def test_what_has_not_changed_is_skipped_and_what_is_gone_leaves(library: Library, folder: Path) -> None:
    library.add([folder], ocr=False)
    before = written(library)
    os.utime(folder / "car.txt", (1, 1))  # touched, not changed
    again = library.add([folder], ocr=False)
    assert (again.added, again.unchanged) == (0, 4)
    assert written(library) == before
    (folder / "car.txt").unlink()
    (folder / "garden.md").write_text("Now about mushrooms only.", "utf-8")
    changed = library.add([folder], ocr=False)
    assert (changed.added, changed.removed) == (1, 1)
    assert {Path(row["source"]).name for row in library.table.rows()} == {"garden.md", "red.png", "退货.txt"}
    assert not any("Roses" in row["text"] for row in library.table.rows())


def test_what_cannot_be_read_is_listed_and_loses_nothing_else(library: Library, folder: Path) -> None:
    for name in ("broken.pdf", "broken.png", "broken.wav", "broken.docx"):
        (folder / name).write_bytes(b"nothing of the kind")
    (folder / "empty.txt").touch()
    report = library.add([folder], ocr=False)
    assert {Path(path).name for path in report.failed} == {
        "broken.pdf",
        "broken.png",
        "broken.wav",
        "broken.docx",
        "empty.txt",
    }
    assert all("\n" not in reason for reason in report.failed.values())
    assert report.added == 4
    assert len(library.status().failed) == 5
    assert library.add([folder], ocr=False).failed.keys() == report.failed.keys()


def test_every_file_is_told_as_read_read_in_part_or_passed_over(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner
    from PIL import ImageDraw, ImageFont

    from assistant.cli.library import library as command
    from tests.inputs.kinds import KINDS, make_kind

    folder = tmp_path / "kinds"
    folder.mkdir()
    for name in KINDS:
        make_kind(folder, name)
    page = Image.new("RGB", (700, 200), "white")
    ImageDraw.Draw(page).text((20, 60), "Invoice 20481 for quinces", "black", ImageFont.load_default(44))
    page.save(folder / "scan.pdf")
    for name in ("program.exe", "packed.rar", "strange.xyz"):
        (folder / name).write_bytes(b"\0\1")
    (folder / "broken.epub").write_bytes(b"nothing of the kind")
    soundfile.write(folder / "silent.wav", np.zeros(32_000), 16_000)

    report = library.add([folder], ocr=True)
    named = {
        kind: {Path(path).name: why for path, why in vars(report)[kind].items()}
        for kind in ("failed", "partly", "passed")
    }
    assert named["failed"].keys() == {"broken.epub", "silent.wav"}
    assert named["partly"] == {
        "book.xlsx": "not read: 1 formula without a saved value (open it in a spreadsheet and save it)",
        "all.zip": "not read: 1 of its files, of other kinds (d.bin)",
    }
    assert named["passed"] == {
        "program.exe": "a program",
        "packed.rar": "an archive; unpack it, or make it a .zip",
        "strange.xyz": ".xyz is not a kind of file that can be read",
    }
    assert {Path(path).name for path, items in report.read.items() if items} == {*KINDS, "scan.pdf"}
    hit = library.search("quinces", kind="text")[0]
    assert (Path(hit.source).name, hit.place) == ("scan.pdf", "page 1")
    assert {row["place"] for row in library.table.rows() if row["source"].endswith("slides.pptx")} >= {
        "slide 1",
        "slide 2",
    }

    again = library.add([folder], ocr=True)  # what is known to lack something is told again
    assert (again.added, again.partly, again.failed.keys()) == (0, report.partly, report.failed.keys())
    monkeypatch.setattr("assistant.cli.library._open", lambda *ahead: library)
    (folder / "conf.ini").write_text("changed")
    told = " ".join(CliRunner().invoke(command, ["add", str(folder)]).stdout.split())
    assert "2 only partly read, 2 not readable, 3 passed over" in told
    assert "broken.epub not read: broken.epub is damaged" in told
    assert "all.zip read in part; not read: 1 of its files, of other kinds (d.bin)" in told
    assert "packed.rar passed over: an archive; unpack it, or make it a .zip" in told
    assert "conf.ini read: 1 item" in told


def test_a_folder_that_is_gone_for_now_keeps_its_items(library: Library, folder: Path) -> None:
    library.add([folder], ocr=False)
    away = folder.rename(folder.with_name("away"))
    assert library.add([away], ocr=False).removed == 0
    assert library.add([folder], ocr=False).removed == 4  # named, and not there: it left
    assert library.table.count() == 5


def test_removing_forgets_what_is_below(library: Library, folder: Path) -> None:
    library.add([folder], ocr=False)
    assert library.remove([folder / "car.txt"]) == 1
    assert library.remove([folder]) == 3
    assert library.table.count() == 0
    assert (folder / "car.txt").exists()


# Processes


def environment(tmp_path: Path) -> dict[str, str]:
    from assistant.settings import cache_dir

    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    if not (home / "cache").exists():
        (home / "cache").symlink_to(cache_dir())
    return os.environ | {"ASSISTANT_HOME": str(home)}


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "assistant", "library", *arguments]
    return subprocess.Popen(
        command, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def kept(tmp_path: Path) -> BruteForceIndex:
    return BruteForceIndex(tmp_path / "home" / "data" / "library" / "library.sqlite3")


def content(table: VectorStore) -> list[tuple[Any, ...]]:
    return [(row["id"], row["source"], row["part"], row["text"]) for row in table.rows()]


def many_notes(folder: Path, count: int) -> None:
    for number in range(count):
        (folder / f"note{number:04}.txt").write_text(f"Note number {number} about thing {number % 17}.", "utf-8")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("recorded", [False, True], ids=["in the middle of a commit", "between commits"])
@pytest.mark.slow
def test_killed_while_adding_and_run_again_it_is_whole(
    tmp_path: Path, folder: Path, models: Models, recorded: bool
) -> None:
    many_notes(folder, 1100)
    process = start(tmp_path, "add", str(folder), "--no-ocr")
    table = kept(tmp_path)
    wait_until(lambda: bool(table.sources()) if recorded else table.count() > 0)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert 0 < table.count() < 1105
    report = json.loads(start(tmp_path, "add", str(folder), "--no-ocr", "--json").communicate(timeout=150)[0])
    assert report["added"] + report["unchanged"] == 1104
    if recorded:
        assert report["unchanged"] > 0
    fresh = Library(load_settings({"library": {"folder": str(tmp_path / "fresh")}}), models)
    fresh.add([folder], ocr=False)
    assert content(table) == content(fresh.table)


def test_two_that_add_at_once_wait_for_each_other(tmp_path: Path, folder: Path) -> None:
    many_notes(folder, 200)
    both = [start(tmp_path, "add", str(folder), "--no-ocr", "--json") for _ in range(2)]
    reports = [json.loads(process.communicate(timeout=150)[0]) for process in both]
    assert sorted(report["added"] for report in reports) == [0, 204]
    table = kept(tmp_path)
    assert len({row["id"] for row in table.rows()}) == table.count()


def test_the_command_prints_json(tmp_path: Path, folder: Path) -> None:
    assert start(tmp_path, "add", str(folder), "--no-ocr").communicate(timeout=150)[0].startswith("4 files added")
    out, _ = start(tmp_path, "search", "tyre pressure", "--json", "--top", "2").communicate(timeout=100)
    hit = json.loads(out)[0]
    assert hit["source"].endswith("car.txt")
    assert "tyres" in hit["snippet"]
    assert hit["ranks"]["words"] == 1


def test_an_unknown_folder_is_one_clear_line(tmp_path: Path) -> None:
    process = start(tmp_path, "add", str(tmp_path / "nowhere"))
    out, err = process.communicate(timeout=100)
    assert process.returncode == 1
    assert err.strip() == f"Error: There is no file or folder {tmp_path / 'nowhere'}"
    assert out == ""


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("remove", "/nowhere/at/all"), 1, "The library has no /nowhere/at/all"),
        (("search",), 2, "give words, an --image or an --audio file."),
    ],
)
def test_what_cannot_be_done_says_what_can(tmp_path: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    process = start(tmp_path, *arguments)
    _, err = process.communicate(timeout=100)
    assert process.returncode == code
    assert told in err


def test_settings_say_where_it_is(tmp_path: Path) -> None:
    settings = Settings(library={"folder": str(tmp_path / "elsewhere")})  # type: ignore[arg-type]
    assert Library(settings, create_models(settings)).status().uri == str(tmp_path / "elsewhere")


def test_a_library_made_in_lance_is_still_read(library: Library, folder: Path, models: Models) -> None:
    library.add([folder], ocr=False)
    rows = library.large_table().rows()
    sources = {row["source"] for row in rows}
    moved = Library(library.settings, models)
    assert first(moved.search("air in the wheels")) == "car.txt"
    assert {row["source"] for row in moved.table.rows()} == sources
    old = LibraryTable(Path(library.uri).with_name("old"))
    old.replace([Source("/note.txt", "", 1, 0.0, 0)], [])
    opened = Library(load_settings({"library": {"folder": old.uri}}), models)
    assert list(opened.table.sources()) == ["/note.txt"]
