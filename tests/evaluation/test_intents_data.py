"""What ``assistant evaluate intents`` prints on public sets and on real pictures: that it hangs together."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assistant.cli.evaluate import evaluate

pytestmark = [
    pytest.mark.data,
    pytest.mark.models,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not os.environ.get("ASSISTANT_DATA"), reason="ASSISTANT_DATA is not set"),
]


def measure(*arguments: object) -> dict[str, Any]:
    command = ["intents", *map(str, arguments), "--json"]
    done = CliRunner().invoke(evaluate, command, catch_exceptions=False)
    (run,) = json.loads(done.stdout)["runs"]
    assert isinstance(run, dict)
    return run


def test_few_shots_are_calibrated_covered_and_kept_apart_from_strange_turns() -> None:
    folder = Path(os.environ["ASSISTANT_DATA"]) / "text_clinc150"
    files = ("--train", folder / "train_5.csv", "--test", folder / "fewshot_test.csv", "--oos", folder / "oos_test.csv")
    run = measure(*files)
    (figures,) = run["figures"]
    assert (run["fit"]["intents"], run["fit"]["examples"], figures["turns"]) == (150, 750, 5500)
    assert figures["ece"] < 0.03 < figures["ece_before"], "the temperature is what calibrates"
    assert 0.92 <= figures["coverage"] <= 0.98
    assert 1.0 <= figures["set_size"] < 2.0
    assert figures["accuracy"] - figures["macro_f1"] < 0.02, "no intent is left behind"
    assert figures["accuracy_at_threshold"] <= figures["accuracy"]
    assert figures["oos_recall"] > 0.7
    assert run["confused"][0]["turns"] <= 30
    assert run["turn_ms"] > figures["decide_ms"]


def test_a_picture_helps_and_a_strangers_picture_harms() -> None:
    root = Path(os.environ["ASSISTANT_DATA"])
    run = measure("--test", root / "pairs_intents" / "pairs.csv", "--data-root", root)
    figures = {one["name"]: one for one in run["figures"]}
    assert list(figures) == [
        "attention",
        "text only",
        "image only",
        "complete turns",
        "text missing",
        "image missing",
        "image shuffled",
    ]
    complete = figures["complete turns"]["accuracy"]
    assert complete > figures["image missing"]["accuracy"] + 0.1
    assert complete > figures["image shuffled"]["accuracy"] + 0.1
    assert figures["complete turns"]["decided_rightly"] > figures["text missing"]["decided_rightly"] - 0.01
