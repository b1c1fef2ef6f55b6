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
from assistant.errors import InputError, UserError
from assistant.evaluation.intents import evaluate_intents, intents_of, read_rows
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


def run(*arguments: object) -> Result:
    return CliRunner().invoke(evaluate, ["intents", *map(str, arguments)], catch_exceptions=False)


Files = tuple[Path, Path]


@pytest.fixture
def measured(tmp_path: Path, small_encoders: None) -> Callable[..., dict[str, Any]]:
    """Writes both files, runs the command with small encoders, and returns what it printed as JSON."""

    def measure(train: list[tuple[Any, ...]], test: list[tuple[Any, ...]], *options: object) -> dict[str, Any]:
        files = ("--train", write(tmp_path / "train.csv", train), "--test", write(tmp_path / "test.csv", test))
        done = run(*files, "--json", *options)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout) | {"said": done.stderr}

    return measure


Measured = Callable[..., dict[str, Any]]
EXAMPLES = [(text, label) for label in TRAIN for text in TRAIN[label] if text.isascii()]


def test_everything_that_was_asked_for_is_measured(measured: Measured, tmp_path: Path) -> None:
    oos = write(tmp_path / "oos.csv", [("zebras eat grass", "x"), ("who painted this", "x")])
    report = measured(EXAMPLES, TEST, "--oos", oos)
    (run,) = report["runs"]
    (figures,) = run["figures"]
    assert figures["turns"] == 5
    shares = ("accuracy", "macro_f1", "decided_rightly", "ece_before", "ece", "oos_auroc", "oos_recall", "coverage")
    assert all(0.0 <= figures[key] <= 1.0 for key in (*shares, "accuracy_at_threshold", "recall_at_threshold"))
    assert figures["set_size"] >= 1.0
    assert run["turn_ms"] > 0.0 < figures["decide_ms"]
    assert run["fit"]["seconds_with_encoding"] >= run["fit"]["seconds"] > 0.0
    assert report["machine"]["cores"] >= 1
    assert not list((tmp_path / "home").rglob("*.safetensors")), "the user's kept models are left alone"


def test_the_same_figures_are_shown_as_a_table(tmp_path: Path, small_encoders: None) -> None:
    files = ("--train", write(tmp_path / "a.csv", EXAMPLES), "--test", write(tmp_path / "b.csv", TEST))
    shown = run(*files, "--shots", 2, "--seeds", 2).stdout
    for title in ("macro F1", "calibration error before temperature", "conformal coverage", "mean set size"):
        assert title in shown
    assert "3 intents, 6 examples; 3 turns, 0 nobody's." in shown
    assert " ± " in shown


def test_plots_are_pictures_one_can_open(measured: Measured, tmp_path: Path) -> None:
    many = [(f"words number{i} and thing{i}", f"intent{i}") for i in range(30)]
    wrong = [(f"thing{i} with number{(i + 1) % 30}", f"intent{i}") for i in range(30)]
    report = measured(many, wrong + many, "--plots", tmp_path / "plots")
    drawn = [Path(path) for path in report["plots"]]
    assert [path.name for path in drawn] == ["confusion.png", "reliability.png", "risk-coverage.png"]
    for path in drawn:
        with Image.open(path) as picture:
            assert min(picture.size) > 400
            assert len(set(picture.convert("L").tobytes())) > 10


def test_without_matplotlib_plots_are_refused_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(UserError, match=r"pip install 'multimodal-assistant\[plots\]'"):
        run("--test", tmp_path / "nothing.csv", "--plots", tmp_path / "plots")


# Bad input


def test_one_intent_only_is_measured(measured: Measured) -> None:
    report = measured([("turn on the lights", "lights"), ("lamp on", "lights")], [("switch the lamp on", "lights")])
    assert report["runs"][0]["figures"][0]["accuracy"] == 1.0


@pytest.mark.parametrize("labels", [["lights"], ["lights", "music"]])
def test_one_example_only_is_measured(measured: Measured, labels: list[str]) -> None:
    train = [(f"the {label} please", label) for label in labels]
    report = measured(train, [(f"{label} now", label) for label in labels])
    assert report["runs"][0]["fit"]["examples"] == len(labels)
    assert report["runs"][0]["figures"][0]["accuracy"] == 1.0


def test_repeats_and_contradictions_are_named_and_left_out(measured: Measured) -> None:
    report = measured([*EXAMPLES, ("lights on please", "lights"), ("Play some music", "lights")], TEST)
    assert f"train.csv, row {len(EXAMPLES) + 2}: 'lights on please' is given twice, first in row 5" in report["said"]
    assert f"row {len(EXAMPLES) + 3}: 'Play some music' means lights here but music in row 6" in report["said"]
    assert report["runs"][0]["fit"]["examples"] == len(EXAMPLES)


def test_an_empty_text_is_named(measured: Measured) -> None:
    with pytest.raises(InputError, match=r"train\.csv, row 3: it has neither text"):
        measured([("hi", "greet"), ("", "greet")], [("hello", "greet")])


def test_an_intent_with_one_example_and_no_test_does_no_harm(measured: Measured) -> None:
    alone = measured([*EXAMPLES, ("what is the weather like", "weather")], TEST)["runs"][0]
    assert alone["fit"]["intents"] == 4
    assert alone["figures"][0]["accuracy"] == 1.0
    assert alone["figures"][0]["macro_f1"] == 1.0


def test_a_label_that_was_never_taught_is_named_with_its_row(measured: Measured) -> None:
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
def test_ten_thousand_intents_are_learned_and_told_apart(tmp_path: Path, small_encoders: None) -> None:
    rng = random.Random(0)
    rows = [(f"do w{rng.randrange(3000)} with w{rng.randrange(3000)} {i}", f"intent{i}") for i in range(10_000)]
    train, test = write(tmp_path / "train.csv", rows), write(tmp_path / "test.csv", rows[:20])
    report = json.loads(run("--train", train, "--test", test, "--json").stdout)
    assert report["runs"][0]["fit"]["intents"] == 10_000
    assert report["runs"][0]["figures"][0]["accuracy"] > 0.9


# Real encoders


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
