"""The whole measurement on small CSVs of our own, and on public sets when they are here."""

from __future__ import annotations

import csv
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from assistant.cli.evaluate import evaluate
from assistant.errors import InputError

TRAIN = {
    "lights": ["turn on the lights", "switch the lamp on", "make it brighter in here", "lights on please"],
    "music": ["play some music", "put on a song", "I want to hear jazz", "start my playlist"],
    "heating": ["turn up the heating", "it is too cold in here", "set it to 21 degrees", "warm up the room"],
}
TEST = [
    ("could you switch the lights on", "lights"),
    ("play a song for me", "music"),
    ("I am freezing, heat the room", "heating"),
]
EXAMPLES = [(text, label) for label in TRAIN for text in TRAIN[label]]
Figures = dict[str, float | None]


def write(path: Path, rows: list[tuple[Any, ...]], header: tuple[str, ...] = ("text", "label")) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(evaluate, ["intents", *map(str, arguments)], catch_exceptions=False)


def figures(*arguments: object) -> Figures:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return {row["metric"]: row["value"] for row in json.loads(done.stdout)["rows"]}


Measured = Callable[..., Figures]


@pytest.fixture
def measured(tmp_path: Path, small_encoders: None) -> Measured:
    """Writes both files, runs the command with small encoders, and returns metric → value."""

    def measure(train: list[tuple[Any, ...]], test: list[tuple[Any, ...]], *options: object) -> Figures:
        files = ("--train", write(tmp_path / "train.csv", train), "--test", write(tmp_path / "test.csv", test))
        return figures(*files, *options)

    return measure


def test_everything_that_was_asked_for_is_measured(measured: Measured, tmp_path: Path) -> None:
    oos = write(tmp_path / "oos.csv", [("zebras eat grass", "x"), ("who painted this", "x")])
    found = measured(EXAMPLES, TEST, "--oos", oos)
    assert (found["turns"], found["intents"], found["examples"]) == (5, 3, 12)
    shares = ("accuracy", "decided rightly", "out-of-scope AUROC", "conformal coverage")
    assert all(0.0 <= (found[name] or 0.0) <= 100.0 for name in shares)
    assert found["calibration error"] is not None
    assert (found["learning with encoding"] or 0) > 0.0
    assert not list((tmp_path / "home").rglob("*.safetensors")), "the user's kept models are left alone"


def test_the_same_figures_are_shown_as_a_table(tmp_path: Path, small_encoders: None) -> None:
    files = ("--train", write(tmp_path / "a.csv", EXAMPLES), "--test", write(tmp_path / "b.csv", TEST))
    shown = run(*files, "--shots", 2, "--seeds", 2).stdout
    for title in ("calibration error", "conformal coverage", "standard deviation"):
        assert title in shown
    assert "3 turns, 0 out of scope; attention" in shown


# Bad input


@pytest.mark.parametrize("labels", [["lights"], ["lights", "music"]])
def test_one_intent_or_one_example_only_is_measured(measured: Measured, labels: list[str]) -> None:
    train = [(f"the {label} please", label) for label in labels]
    found = measured(train, [(f"{label} now", label) for label in labels])
    assert found["examples"] == len(labels)
    assert found["accuracy"] == 100.0


def test_repeats_and_contradictions_are_named_and_left_out(tmp_path: Path, small_encoders: None) -> None:
    train = write(tmp_path / "train.csv", [*EXAMPLES, ("lights on please", "lights"), ("Play some music", "lights")])
    done = run("--train", train, "--test", write(tmp_path / "test.csv", TEST), "--json")
    assert f"train.csv, row {len(EXAMPLES) + 2}: 'lights on please' is given twice, first in row 5" in done.stderr
    assert f"row {len(EXAMPLES) + 3}: 'Play some music' means lights here but music in row 6" in done.stderr


def test_an_empty_text_and_a_label_that_was_never_taught_are_named(measured: Measured) -> None:
    with pytest.raises(InputError, match=r"train\.csv, row 3: it has neither text"):
        measured([("hi", "greet"), ("", "greet")], [("hello", "greet")])
    with pytest.raises(InputError, match=r"test\.csv, row 3: the label 'leave' is no intent that was learned"):
        measured([("hi", "greet"), ("hello", "greet")], [("hey", "greet"), ("bye", "leave")])


@pytest.mark.parametrize(
    ("content", "complaint"), [(b"no picture", "not a picture|cannot be read|is no"), (b"", "empty")]
)
def test_a_picture_that_cannot_be_read_is_named_with_its_row(
    tmp_path: Path, small_encoders: None, content: bytes, complaint: str
) -> None:
    Image.new("RGB", (40, 40), "red").save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(content)
    rows = [("look", "a", "good.png"), ("look at it", "a", "bad.png")]
    files = ("--train", write(tmp_path / "a.csv", [("hi", "a"), ("go", "b")]), "--test")
    with pytest.raises(InputError, match=rf"test\.csv, row 3: .*bad\.png.*({complaint})") as caught:
        run(*files, write(tmp_path / "test.csv", rows, ("text", "label", "image")))
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match=r"row 2: there is no image .*elsewhere/good\.png"):
        run(*files, tmp_path / "test.csv", "--data-root", tmp_path / "elsewhere")


def test_a_recording_that_cannot_be_read_is_named_with_its_row(tmp_path: Path, small_encoders: None) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF and nothing more")
    test = write(tmp_path / "test.csv", [("", "a", "bad.wav")], ("text", "label", "audio"))
    with pytest.raises(InputError, match=r"test\.csv, row 2: .*bad\.wav") as caught:
        run("--train", write(tmp_path / "a.csv", [("hi", "a"), ("go", "b")]), "--test", test)
    assert "\n" not in str(caught.value)


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_ten_thousand_intents_are_learned_and_told_apart(measured: Measured) -> None:
    rng = random.Random(0)
    rows = [(f"do w{rng.randrange(3000)} with w{rng.randrange(3000)} {i}", f"intent{i}") for i in range(10_000)]
    found = measured(rows, rows[:20])
    assert found["intents"] == 10_000
    assert (found["accuracy"] or 0) > 90


# Several sets


@pytest.mark.slow
def test_sets_are_compared_on_development_data_with_plain_regression_beside(
    tmp_path: Path, small_encoders: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data"))
    many = [(f"{text} {word}", label) for text, label in EXAMPLES for word in ("now", "today", "soon")]
    names = {"banking77": ("train",), "clinc150": ("train", "val", "oos_train", "oos_val")}
    names |= {"snips": ("train_10",), "stackoverflow": ("train_10",), "xsid": ("train_en", "test_nl", "test_ar")}
    for name, files in names.items():
        (tmp_path / "data" / f"text_{name}").mkdir(parents=True)
        for file in files:
            rows = [("zebras eat grass", "oos"), ("who painted this", "oos")] if file.startswith("oos") else many
            write(tmp_path / "data" / f"text_{name}" / f"{file}.csv", rows)
    (tmp_path / "data" / "text_banking77" / "test.csv").write_text("never opened")
    done = CliRunner().invoke(evaluate, ["cross-validation", "--draws", "1", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    rows = {row["metric"]: row for row in json.loads(done.stdout)["rows"]}
    assert rows["SNIPS, 5 examples: accuracy"]["peer"]["name"] == "logistic regression"
    assert (rows["SNIPS, 5 examples: accuracy"]["value"] or 0) > 60
    assert rows["the same, least with one set left out"]["value"] is not None
    assert "xSID, nl from English: answered rightly" in rows
    with pytest.raises(InputError, match="No set is called 'ATIS'; there are BANKING77"):
        CliRunner().invoke(evaluate, ["cross-validation", "--only", "ATIS"], catch_exceptions=False)


# Real encoders


@pytest.mark.models
def test_english_examples_serve_chinese_and_strange_turns_are_told_apart(tmp_path: Path) -> None:
    train = write(tmp_path / "train.csv", EXAMPLES)
    chinese = [("请把灯打开", "lights"), ("我想听音乐", "music"), ("房间太冷了", "heating")]
    test = write(tmp_path / "test.csv", [*TEST, *chinese])
    oos = write(tmp_path / "oos.csv", [("who won the battle of hastings", "x"), ("zebras eat grass", "x")])
    found = figures("--train", train, "--test", test, "--oos", oos)
    assert found["accuracy"] == 100.0
    assert (found["out-of-scope AUROC"] or 0) > 90


def data(name: str) -> Path:
    if not (root := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA is not set")
    return Path(root) / name


@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "train", "accuracy", "auroc"),
    [("text_banking77", "train_10", 87.0, None), ("text_clinc150", "train_5", 88.8, 95.5)],
)
def test_few_shots_are_as_good_as_measured(name: str, train: str, accuracy: float, auroc: float | None) -> None:
    folder = data(name)
    oos = ("--oos", folder / "oos_test.csv") if auroc else ()
    found = figures("--train", folder / f"{train}.csv", "--test", folder / "fewshot_test.csv", *oos)
    assert (found["accuracy"] or 0) >= accuracy
    assert (found["calibration error"] or 9) < 3
    assert 92 <= (found["conformal coverage"] or 0) <= 98
    assert auroc is None or (found["out-of-scope AUROC"] or 0) >= auroc


@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(1200)
def test_other_languages_are_decided_from_english_examples_as_well_as_by_plain_regression() -> None:
    data("text_xsid")
    done = CliRunner().invoke(evaluate, ["cross-validation", "--only", "xSID", "--json"], catch_exceptions=False)
    rows = {row["metric"]: row for row in json.loads(done.stdout)["rows"]}
    for language in ("nl", "ar"):
        name = f"xSID, {language} from English"
        accuracy, peer = rows[f"{name}: accuracy"]["value"], rows[f"{name}: accuracy"]["peer"]["value"]
        assert accuracy >= peer - 0.5
        assert rows[f"{name}: answered rightly"]["value"] >= accuracy - 5
    assert rows["xSID, English: accuracy"]["value"] >= rows["xSID, English: accuracy"]["peer"]["value"] + 2


@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(1200)
def test_a_picture_helps_and_a_strangers_picture_harms() -> None:
    root = data("")
    found = figures("--test", root / "pairs_intents" / "pairs.csv", "--data-root", root)
    complete = found["complete turns: accuracy"] or 0
    assert complete > (found["image missing: accuracy"] or 0) + 10
    assert complete > (found["image shuffled: accuracy"] or 0) + 10
