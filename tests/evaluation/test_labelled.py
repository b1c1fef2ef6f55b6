"""Rows of CSV files: what cannot be used is named with its row, the rest is read as people write it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from assistant.evaluation.labelled import (
    LabelledTurn,
    draw_shots,
    examples_of,
    intents_of,
    read_examples,
    read_rows,
    require_known,
)


def write(path: Path, rows: list[tuple[Any, ...]], header: tuple[str, ...] = ("text", "label")) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.mark.parametrize(
    ("rows", "header", "complaint"),
    [
        ([("hello",)], ("text", "label"), "t.csv, row 2: it has 1 columns, but the first line has 2"),
        ([("hi", "a"), ("", "a")], ("text", "label"), "t.csv, row 3: it has neither text"),
        ([("hi", "a"), (" \t", "a")], ("text", "label"), "t.csv, row 3: it has neither text"),
        ([("hi", "a", "no.png")], ("text", "label", "image"), "t.csv, row 2: there is no image"),
        ([("hi", "a", "no.wav")], ("text", "label", "audio"), "t.csv, row 2: there is no audio"),
        ([("hi", "a")], ("text", "intent"), "needs the columns text and label; it has: text, intent"),
        ([], ("text", "label"), "has no rows"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(
    tmp_path: Path, rows: list[tuple[Any, ...]], header: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint) as caught:
        read_rows(write(tmp_path / "t.csv", rows, header))
    assert "\n" not in str(caught.value)


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('text,label\n"two\nlines",a\n\nhi,b\n', "utf-8-sig")
    rows = read_rows(path)
    assert [row.where.rpartition(", ")[2] for row in rows] == ["row 2", "row 4"]
    assert [row.text for row in rows] == ["two\nlines", "hi"]


@pytest.mark.parametrize("content", [b"text,label\n\xff\xfe,a\n", b"", b"text,label\n" + b"x" * 200_000 + b",a\n"])
def test_a_file_that_is_no_table_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"t\.csv (is not a CSV file|needs the columns)") as caught:
        read_rows(tmp_path / "t.csv")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="Cannot read"):
        read_rows(tmp_path)


def test_repeats_and_contradictions_are_left_out_and_named_with_both_rows(tmp_path: Path) -> None:
    table = [("Stop it", "halt"), ("go", "start"), ("stop  IT", "halt"), ("Go", "halt"), ("who won?", "none")]
    examples, warnings = examples_of(read_rows(write(tmp_path / "t.csv", table)))
    assert [(row.text, row.label) for row in examples] == [("Stop it", "halt"), ("go", "start")]
    assert len(warnings) == 2
    assert warnings[0].endswith("t.csv, row 4: 'stop  IT' is given twice, first in row 2; it is left out here")
    assert warnings[1].endswith("t.csv, row 5: 'Go' means halt here but start in row 3; it is left out here")


def test_rows_without_words_teach_nothing_and_are_named(tmp_path: Path) -> None:
    table = [("hi", "greet", ""), ("", "greet", "a.png")]
    rows = read_rows(write(tmp_path / "t.csv", table, ("text", "label", "image")), check_files=False)
    examples, (warning,) = examples_of(rows)
    assert len(examples) == 1
    assert warning.endswith("row 3: it has no words, so it teaches nothing")


def test_a_file_of_nobodys_turns_teaches_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no example of any intent in .*t\.csv"):
        examples_of(read_rows(write(tmp_path / "t.csv", [("hi", "oos"), ("bye", "none")])))


def test_a_label_that_was_not_learned_is_named_with_its_row(tmp_path: Path) -> None:
    rows = read_rows(write(tmp_path / "t.csv", [("hi", "greet"), ("bye", "Leave"), ("x", "none")]))
    with pytest.raises(InputError, match=r"row 3: the label 'Leave' is no intent that was learned; turns"):
        require_known(rows, {"greet", "leave"})
    with pytest.raises(InputError, match=r"row 2: .*'greet' is no intent that was learned \(2 rows have such labels\)"):
        require_known(rows, {"other"})
    require_known(rows, {"greet", "Leave"})


def test_test_turns_that_were_learned_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = write(tmp_path / "train.csv", [("Turn on the light", "lights")])
    test = read_rows(write(tmp_path / "t.csv", [("play", "music"), ("turn on  the LIGHT", "lights")]))
    read_examples(train, test)
    assert "row 3: 1 of the test's turns" in capsys.readouterr().err
    read_examples(train, test[:1])
    assert not capsys.readouterr().err


def test_shots_are_drawn_for_every_label_and_repeat_with_the_seed() -> None:
    rows = [LabelledTurn(f"{label} {number}", label) for label in "abc" for number in range(6)] + [
        LabelledTurn("alone", "d")
    ]
    drawn = draw_shots(rows, 2, seed=1)
    assert [row.label for row in drawn] == [*"aabbcc", "d"]
    assert drawn == draw_shots(rows, 2, seed=1) != draw_shots(rows, 2, seed=2)
    assert [intent.name for intent in intents_of(rows)] == [*"abcd"]
