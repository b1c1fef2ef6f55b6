"""Paths that somebody typed, quoted, escaped or dropped into a line."""

from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.repl.attachments import dropped_paths, file_kind, read_path, refuse_address


@pytest.fixture
def cup(tmp_path: Path) -> Path:
    path = tmp_path / "my cup.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    return path


@pytest.mark.parametrize("shape", ["{plain}", "'{plain}'", '"{plain}"', "{escaped}", "file://{url}", " {plain} "])
def test_a_dropped_path_is_found_however_it_is_written(cup: Path, shape: str) -> None:
    plain = str(cup)
    line = shape.format(plain=plain, escaped=plain.replace(" ", "\\ "), url=plain.replace(" ", "%20"))
    assert dropped_paths(line) == ([(cup, "image")], "")


def test_words_around_a_path_stay_words(cup: Path) -> None:
    assert dropped_paths(f"what's in '{cup}' please") == ([(cup, "image")], "what's in please")


def test_prose_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "order").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "notes.txt").write_text("words")
    monkeypatch.chdir(tmp_path)
    for line in (
        "where is my order",
        "it's 'quoted'  twice",
        "read notes.txt",
        "a/b and ~nobody/x",
        "\x00",
        "x" * 10_000,
    ):
        assert dropped_paths(line) == ([], line)


def test_home_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert read_path("~/cup.png") == Path("/somewhere/cup.png")


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a", b"\xff\xd8\xff\xe0", "image"),
        ("b.dat", b"RIFF\0\0\0\0WAVEfmt ", "audio"),
        ("c.mp3", b"\xff\xfb\x90\x64", "audio"),
        ("lies.png", b"fLaC\0\0\0\x22", "audio"),
        ("d.txt", b"hello", None),
    ],
)
def test_the_first_bytes_say_what_a_file_holds_and_then_its_name(
    tmp_path: Path, name: str, head: bytes, kind: str | None
) -> None:
    path = tmp_path / name
    path.write_bytes(head)
    assert file_kind(path) == kind


def test_an_address_is_not_taken_for_a_question() -> None:
    with pytest.raises(InputError, match="cannot fetch files from the web: save the picture"):
        refuse_address("https://example.com/a/cat.JPG?size=2 what is it")
    refuse_address("what does https://example.com say about returns")
