"""The whole measurement on small CSVs of our own, with the real encoders, and public sets when they are here."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assistant.cli.evaluate import evaluate
from assistant.errors import InputError
from assistant.evaluation.intents import draw_shots, evaluate_intents, intents_of, read_rows
from assistant.settings import load_settings

TRAIN = {
    "lights": ["turn on the lights", "switch the lamp on", "make it brighter in here", "lights on please", "打开灯"],
    "music": ["play some music", "put on a song", "I want to hear jazz", "start my playlist", "放点音乐"],
    "heating": [
        "turn up the heating",
        "it is too cold in here",
        "set it to 21 degrees",
        "warm up the room",
        "把暖气开大",
    ],
}
TEST = [
    ("could you switch the lights on", "lights"),
    ("play a song for me", "music"),
    ("I am freezing, heat the room", "heating"),
]


def write(path: Path, rows: list[tuple[Any, ...]], header: tuple[str, ...] = ("text", "label")) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.mark.parametrize(
    ("rows", "header", "complaint"),
    [
        ([("hello",)], ("text", "label"), "row 2: it has another number of columns"),
        ([("hi", "a"), ("", "a")], ("text", "label"), "row 3: it has neither text"),
        ([("hi", "a", "no.png")], ("text", "label", "image"), "row 2: there is no image"),
        ([("hi", "a")], ("text", "intent"), "needs the columns text and label"),
        ([], ("text", "label"), "has no rows"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(
    tmp_path: Path, rows: list[tuple[Any, ...]], header: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint) as caught:
        read_rows(write(tmp_path / "t.csv", rows, header))
    assert "\n" not in str(caught.value)


def test_shots_are_drawn_for_every_label_and_repeat_with_the_seed(tmp_path: Path) -> None:
    rows = read_rows(write(tmp_path / "t.csv", [(text, label) for label in TRAIN for text in TRAIN[label]]))
    drawn = draw_shots(rows, 2, seed=1)
    assert [row.label for row in drawn] == [label for label in TRAIN for _ in range(2)]
    assert drawn == draw_shots(rows, 2, seed=1) != draw_shots(rows, 2, seed=2)


@pytest.mark.models
def test_figures_and_controls_come_out_of_the_command(tmp_path: Path) -> None:
    train = write(tmp_path / "train.csv", [(text, label) for label in TRAIN for text in TRAIN[label]])
    test = write(tmp_path / "test.csv", TEST)
    oos = write(tmp_path / "oos.csv", [("who won the battle of hastings", "x"), ("zebras eat grass", "x")])
    command = ["intents", "--train", str(train), "--test", str(test), "--oos", str(oos), "--json"]
    result = CliRunner().invoke(evaluate, command, catch_exceptions=False)
    figures = json.loads(result.stdout)["runs"][0]["figures"]
    assert [f["name"] for f in figures] == ["attention"]
    assert figures[0]["accuracy"] == 1.0
    assert figures[0]["oos_auroc"] == 1.0


@pytest.mark.models
def test_a_chinese_sentence_gets_the_intent_of_its_english_twin(tmp_path: Path) -> None:
    english = {label: [text for text in texts if text.isascii()] for label, texts in TRAIN.items()}
    train = read_rows(write(tmp_path / "train.csv", [(text, label) for label in english for text in english[label]]))
    test = read_rows(
        write(tmp_path / "test.csv", [("请把灯打开", "lights"), ("我想听音乐", "music"), ("房间太冷了", "heating")])
    )
    _, figures = evaluate_intents(intents_of(train), test, load_settings())
    assert figures[0].accuracy == 1.0


def test_a_label_that_is_no_intent_is_named(tmp_path: Path) -> None:
    rows = read_rows(write(tmp_path / "t.csv", [("hi", "greet"), ("bye", "leave")]))
    with pytest.raises(InputError, match="'leave' is no intent"):
        evaluate_intents(intents_of(rows[:1]), rows, load_settings())


@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "train", "accuracy", "auroc"),
    [
        ("text_banking77", "train_5", 0.82, None),
        ("text_banking77", "train_10", 0.87, None),
        ("text_clinc150", "train_5", 0.888, 0.955),
        ("text_clinc150", "train_10", 0.917, 0.965),
    ],
)
def test_few_shots_are_as_good_as_measured(name: str, train: str, accuracy: float, auroc: float | None) -> None:
    if not (root := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA is not set")
    folder = Path(root) / name
    test = read_rows(folder / "fewshot_test.csv")
    if auroc is not None:
        test += read_rows(folder / "oos_test.csv")
    _, (figures,) = evaluate_intents(intents_of(read_rows(folder / f"{train}.csv")), test, load_settings())
    assert figures.accuracy >= accuracy
    assert figures.ece <= 0.03
    assert auroc is None or figures.oos_auroc >= auroc
