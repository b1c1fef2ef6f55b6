import os
from pathlib import Path

from assistant.retrieval.library.scanning import scan


def test_every_file_once_however_often_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    found = scan([tmp_path, tmp_path / "a.txt", tmp_path])
    assert [file.path.name for file in found.files] == ["a.txt"]


def test_links_that_lead_in_circles_come_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "note.md").write_text("words")
    (tmp_path / "itself.txt").symlink_to(tmp_path / "itself.txt")
    found = scan([tmp_path])
    assert [file.path.name for file in found.files] == ["note.md"]
    assert [Path(name).name for name in found.refused] == ["itself.txt"]


def test_names_in_other_encodings_are_taken_in(tmp_path: Path) -> None:
    raw = os.path.join(os.fsencode(tmp_path), b"caf\xe9.txt")
    with open(raw, "wb") as file:
        file.write(b"words")
    (found,) = scan([tmp_path]).files
    assert found.name.endswith("caf\\xe9.txt")
    assert found.path.read_bytes() == b"words"


def test_hidden_files_and_other_kinds_are_left_out_and_counted(tmp_path: Path) -> None:
    for name in (".hidden.txt", "program.exe", "photo.JPG", "voice.flac", "page.pdf"):
        (tmp_path / name).write_bytes(b"x")
    found = scan([tmp_path])
    assert [(file.path.name, file.kind) for file in found.files] == [
        ("page.pdf", "text"),
        ("photo.JPG", "image"),
        ("voice.flac", "audio"),
    ]
    assert {Path(name).name: why for name, why in found.passed.items()} == {"program.exe": "a program"}


def test_a_pipe_is_refused_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    found = scan([tmp_path])
    assert not found.files
    assert list(found.refused.values()) == ["not a regular file"]
