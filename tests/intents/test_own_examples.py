"""Sentences of the user's own: remembered, listed, forgotten, and never in the way when their file is broken."""

from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.intents.own_examples import LONGEST, OwnExamples


def test_a_remembered_sentence_is_found_in_any_spelling_and_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "new" / "examples.toml"
    own = OwnExamples(path)
    assert (own.all(), own.find("my parcel is lost")) == ({}, "")
    own.add("My parcel is lost!", "shop.track")
    own.add("把“那个”关了", "home.lights")
    assert own.find("please my parcel is lost") == "shop.track"
    assert OwnExamples(path).find("my parcel  is LOST") == "shop.track"
    assert OwnExamples(path).find("把那个关了") in ("", "home.lights")
    assert list(OwnExamples(path).all()) == ["My parcel is lost!", "把“那个”关了"]
    assert own.find("my parcel is not lost") == ""


def test_saying_it_anew_replaces_and_forgetting_removes(tmp_path: Path) -> None:
    own = OwnExamples(tmp_path / "examples.toml")
    own.add("it is dark", "shop.track")
    own.add("It is dark.", "home.lights")
    assert own.all() == {"It is dark.": "home.lights"}
    assert own.remove(1) == "It is dark."
    assert (own.all(), own.find("it is dark")) == ({}, "")


@pytest.mark.parametrize("number", [0, 2, -1])
def test_forgetting_what_is_not_there_is_said(tmp_path: Path, number: int) -> None:
    own = OwnExamples(tmp_path / "examples.toml")
    own.add("it is dark", "home.lights")
    with pytest.raises(InputError, match="no sentence with that number"):
        own.remove(number)


@pytest.mark.parametrize("text", ["", "?!", "x" * (LONGEST + 1)])
def test_what_is_no_sentence_is_not_remembered(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="at most"):
        OwnExamples(tmp_path / "examples.toml").add(text, "home.lights")


@pytest.mark.parametrize("content", [b"it is dark = ", b"\xff\xfe", b"[a]\nb = 3\n"])
def test_a_broken_file_counts_as_empty_and_is_complained_of_once(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "examples.toml"
    path.write_bytes(content)
    told: list[str] = []
    own = OwnExamples(path, told.append)
    assert [own.find("it is dark"), own.find("it is dark")] == ["", ""]
    assert len(told) <= 1
