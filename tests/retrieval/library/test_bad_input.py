"""Folders as they are: broken, hostile, huge; what can be read is taken in, the rest is listed."""

import os
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from assistant.encoders.models import Models
from assistant.errors import StorageError
from assistant.fusion.projection import SharedSpace
from assistant.loading import create_models
from assistant.retrieval.library.library import Library
from assistant.settings import load_settings
from assistant.types import AudioClip, Encoding, Transcript

if not find_spec("lancedb"):
    pytest.skip("needs the extra [library]", allow_module_level=True)
pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def models() -> Models:
    return create_models(load_settings(), keep_encodings=False)


def library(folder: Path, models: Models) -> Library:
    return Library(load_settings({"library": {"folder": str(folder)}}), models)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "good.txt").write_text("The ferry leaves at noon.")
    return folder


def bomb(path: Path) -> Path:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as file,
    ):
        for _ in range(300):
            file.write(bytes(1_000_000))
    return path


def test_zip_bombs_links_and_foreign_names_harm_nothing(tmp_path: Path, files: Path, models: Models) -> None:
    made = bomb(files / "bomb.docx")
    shutil.copy(made, files / "bomb.xlsx")
    shutil.copy(made, files / "bomb.pptx")
    (files / "loop").symlink_to(files, target_is_directory=True)
    (files / "nowhere.txt").symlink_to(files / "gone.txt")
    with open(os.path.join(os.fsencode(files), b"caf\xe9.txt"), "wb") as file:
        file.write("Der Zug fährt um acht.".encode("cp1252"))
    here = library(tmp_path / "library", models)
    report = here.add([files])
    assert report.added == 2
    assert {Path(name).name for name in report.failed} == {"bomb.docx", "bomb.xlsx", "bomb.pptx", "nowhere.txt"}
    assert all("would unpack to 300 MB" in report.failed[str(files / f"bomb.{e}")] for e in ("docx", "xlsx", "pptx"))
    assert here.search("train departure")[0].source.endswith("caf\\xe9.txt")
    assert here.search("boat departure", kind="text")[0].source.endswith("good.txt")
    assert here.add([files]).added == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_listed_and_stays(tmp_path: Path, files: Path, models: Models) -> None:
    (files / "secret.txt").write_text("words")
    (files / "closed").mkdir()
    (files / "closed" / "inner.txt").write_text("words")
    here = library(tmp_path / "library", models)
    assert here.add([files]).added == 3
    os.utime(files / "secret.txt", (1, 1))
    (files / "secret.txt").chmod(0)
    (files / "closed").chmod(0)
    try:
        report = here.add([files])
    finally:
        (files / "closed").chmod(0o700)
    assert {Path(name).name for name in report.failed} == {"secret.txt", "closed"}
    assert report.removed == 0


class Listener:
    """Notes how long a piece it is given each time."""

    def __init__(self) -> None:
        self.lengths: list[float] = []

    def listen(self, clip: AudioClip, language: str = "") -> tuple[Transcript, Encoding]:
        self.lengths.append(clip.duration)
        blank = Encoding("audio", "whisper", np.zeros((1, 8), np.float32), np.ones(1, bool), np.zeros(8, np.float32))
        return Transcript("A word.", "en", segments=((1.0, 2.0, "A word."),)), blank


def test_three_hours_of_sound_are_heard_piece_by_piece(tmp_path: Path, files: Path, models: Models) -> None:
    with soundfile.SoundFile(files / "long.flac", "w", 8_000, 1, "PCM_16") as file:
        for _ in range(180):
            file.write(np.zeros(60 * 8_000, np.float32))
    recognizer = Listener()
    listening = Models(models.encoders.values(), recognizer, models.ocr, SharedSpace)
    here = library(tmp_path / "library", listening)
    tracemalloc.start()
    report = here.add([files])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (report.added, report.failed) == (2, {})
    assert sum(recognizer.lengths) == pytest.approx(10_800, abs=1)
    assert max(recognizer.lengths) <= 300
    assert peak < 150e6, "three hours are 691 MB"
    assert here.table.count("audio") == len(recognizer.lengths)
    assert max(row["end"] for row in here.table.rows() if row["kind"] == "audio") > 10_400


def test_what_is_said_in_a_video_is_found_at_its_minute(
    tmp_path: Path,
    files: Path,
    models: Models,
    say: Callable[[str], AudioClip],
    write_video: Callable[[Path, Any], None],
) -> None:
    first, second = say("Welcome to the lesson about plants.").samples, say("Volcanoes throw out hot lava.").samples
    silence = np.zeros(64_000, np.float32)
    write_video(files / "lesson.mp4", np.concatenate([first, silence, second]))
    here = library(tmp_path / "library", models)
    assert here.add([files], ocr=False).failed == {}
    hit = here.search("volcano", kind="audio")[0]
    assert hit.source.endswith("lesson.mp4")
    assert hit.start == pytest.approx((len(first) + 64_000) / 16_000, abs=2.0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("a small disk needs the right to mount")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_fills_up_leaves_the_library_as_it_was(
    small_disk: Path, tmp_path: Path, files: Path, models: Models
) -> None:
    here = library(small_disk / "library", models)
    assert here.add([files]).added == 1
    for number in range(400):
        (files / f"note{number}.txt").write_text(f"Note {number} about thing {number % 17}.")
    with pytest.raises(StorageError, match="disk is full"):
        here.add([files])
    again = library(small_disk / "library", models)
    assert again.search("boat departure")[0].source.endswith("good.txt")
    known = {path for path, source in again.table.sources().items() if source.items}
    assert known <= {row["source"] for row in again.table.rows()}
