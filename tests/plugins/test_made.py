"""Tests that values made from files are cached until one of the files changes."""

from pathlib import Path

import pytest

from assistant.plugins.toolkit.made import made_of


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    return tmp_path


def test_it_is_made_once_and_again_when_a_file_changes(home: Path) -> None:
    source, made = home / "words.toml", []

    def make() -> list[str]:
        made.append(source.read_text())
        return [source.read_text(), "ä。"]

    source.write_text("one")
    assert made_of([source], "words", make) == made_of([source], "words", make) == ["one", "ä。"]
    source.write_text("two")
    assert made_of([source], "words", make) == ["two", "ä。"]
    assert made == ["one", "two"]


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"x y\n[1]", None])
def test_a_damaged_value_is_made_anew(damage: bytes | None, home: Path) -> None:
    source = home / "words.toml"
    source.write_text("one")
    made_of([source], "words", lambda: ["right"])
    (kept,) = (home / "home" / "cache" / "made").iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"right", b"wrong") if damage is None else damage)
    assert made_of([source], "words", lambda: ["right"]) == ["right"]


def test_what_is_no_json_value_is_made_each_time(home: Path) -> None:
    source = home / "words.toml"
    source.write_text("one")
    assert made_of([source], "words", lambda: {1, 2}) == {1, 2}
    assert not (home / "home").exists()


def test_a_cache_that_cannot_be_written_costs_only_time(home: Path) -> None:
    source = home / "words.toml"
    source.write_text("one")
    (home / "home").write_text("a file where the folder should be")
    assert made_of([source], "words", lambda: {"a": 1}) == {"a": 1}
