"""Labelled turns are checked as they are read; fitting gives the same weights again; figures count what they say."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from assistant.cli.evaluate import understanding as evaluate
from assistant.cli.train import understanding as train
from assistant.errors import InputError
from assistant.evaluation.understanding import evaluate_understanding
from assistant.training.understanding import AnnotatedTurn, fit_reader, read_turns
from assistant.understanding.model import ClauseReader
from assistant.understanding.types import Clause, Understanding


def labelled(*clauses: tuple[str, str], polarity: str = "positive") -> dict[str, object]:
    fields = {"polarity": polarity, "time": "now", "whose": "mine", "scope": "one"}
    parts = [{"text": text, "act": act, **fields} for text, act in clauses]
    return {"text": " ".join(text for text, _ in clauses), "lang": "en", "asked": "", "clauses": parts}


TURNS = [
    labelled(("switch the radio on", "request")),
    labelled(("where is the station", "question")),
    labelled(("hello,", "social"), ("switch the fan on", "request")),
    labelled(("hello,", "social"), ("where is the bus", "question")),
    labelled(("my foot is sore.", "statement"), ("where is the doctor?", "question")),
    labelled(("my arm is sore", "statement")),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "author.jsonl"
    path.write_text("\n".join(json.dumps(turn) for turn in TURNS), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        json.dumps({"text": "hi", "lang": "en", "clauses": []}),
        json.dumps({"text": "hi", "lang": "en", "clauses": [{"text": "hi"}]}),
        json.dumps({**labelled(("hi", "social")), "text": "farewell"}),
        json.dumps(labelled(("hi", "greeting"))),
        json.dumps(labelled(("...", "social"))),
    ],
)
def test_a_line_that_is_no_labelled_turn_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text(f"{json.dumps(TURNS[0])}\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        read_turns(path)


def test_a_folder_without_turns_says_where_they_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="source repository"):
        read_turns(tmp_path)


def test_fitting_twice_gives_the_same_weights(file: Path) -> None:
    turns = read_turns(file)
    first, second = fit_reader(turns), fit_reader(turns)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_trained_weights_read_what_they_were_fitted_to(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights" / "own.safetensors"
    done = CliRunner().invoke(train, ["--data", str(file), "--out", str(out), "--networks", "0"])
    assert done.exit_code == 0, done.output
    (figures,) = evaluate_understanding(read_turns(file), ClauseReader(out).read).values()
    assert figures.right["act"] >= 7  # of 9
    assert figures.split == len(TURNS)


def test_figures_count_the_split_whole_turns_and_wrong_acting() -> None:
    turn = {"act": "request", "polarity": "negative", "time": "now", "whose": "mine", "scope": "one"}
    turns = [AnnotatedTurn("don't go", "en", "", ({"text": "don't go", **turn},))] * 2
    answers = iter(
        [Clause("don't go", 0, 8, "request", confidence=0.9), Clause("don't go", 0, 8, "request", "negative")]
    )

    def read(text: str, asked: str, language: str) -> Understanding:
        return Understanding(text, language, (next(answers),))

    (figures,) = evaluate_understanding(turns, read).values()
    assert (figures.turns, figures.split, figures.whole) == (2, 2, 1)
    assert (figures.acted, figures.acted_rightly, figures.to_act) == (1, 0, 0)


def test_the_evaluation_prints_a_table_and_json(file: Path) -> None:
    shown = CliRunner().invoke(evaluate, [str(file)])
    assert shown.exit_code == 0, shown.output
    assert "acting, precision" in shown.output
    report = json.loads(CliRunner().invoke(evaluate, [str(file), "--json"]).stdout)
    assert {"en: act", "en: polarity", "en: whole turns"} <= {row["metric"] for row in report["rows"]}
