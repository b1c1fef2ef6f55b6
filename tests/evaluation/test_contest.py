"""Contenders side by side: each in a process of its own, and each failure a line."""

from __future__ import annotations

import csv
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from assistant.cli.bench import bench
from assistant.evaluation import contest
from assistant.evaluation.contenders import CONTENDERS, Entry, absent
from assistant.evaluation.contest import Standing, compete, line_up
from assistant.evaluation.labelled import Row
from assistant.evaluation.peer_plot import draw_standings
from assistant.settings import load_settings

TRAIN = [
    Row("turn on the lights", "lights"),
    Row("lamp on please", "lights"),
    Row("play some music", "music"),
    Row("put on a song", "music"),
]
TEST = [Row("switch the lights on", "lights"), Row("play a song", "music"), Row("zebras eat grass", "none")]

needs_sklearn = pytest.mark.skipif(importlib.util.find_spec("sklearn") is None, reason="scikit-learn is not installed")


def without(*packages: str) -> Any:
    def absent(entry: Entry) -> list[str]:
        return [package for package in entry.packages if package in packages]

    return absent


def test_who_is_not_installed_is_told_and_their_rule_is_named_as_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contest, "absent", without("setfit", "semantic-router"))
    names, told = line_up(peers=True)
    assert names == ["assistant", "assistant-bert", "nearest", "logistic", "tfidf"]
    assert "SetFit is not installed; pip install setfit" in told
    assert "semantic-router is not installed; pip install semantic-router" in told
    assert "nearest examples: semantic-router's rule, computed here" in told
    assert any(line.startswith("Rasa's DIET does not take part") for line in told)


def test_where_all_are_installed_nobody_is_imitated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contest, "absent", without())
    names, _ = line_up(peers=True)
    assert names == [name for name in CONTENDERS if name != "nearest"]
    assert line_up(peers=False) == (["assistant", "assistant-bert"], [])


def test_packages_are_looked_for_by_their_modules() -> None:
    assert absent(Entry("x", CONTENDERS["tfidf"].make, ("pillow-of-nobody", "click"))) == ["pillow-of-nobody"]


@needs_sklearn
def test_a_contender_learns_and_answers_in_a_process_of_its_own() -> None:
    (standing,), failures = compete(["tfidf"], TRAIN, TEST, load_settings())
    assert not failures
    assert standing.accuracy == 1.0
    assert 0.0 <= standing.oos_auroc <= 1.0
    assert standing.train_seconds > 0.0
    assert standing.turn_ms > 0.0
    assert 20.0 < standing.megabytes < 2000.0


@needs_sklearn
def test_one_that_fails_or_takes_too_long_is_a_line_and_the_others_go_on() -> None:
    alone = [Row("hi", "only")]
    _, (failure,) = compete(["tfidf"], alone, TEST, load_settings())  # logistic regression needs two intents
    assert failure.startswith("logistic regression on TF-IDF failed: ValueError: ")
    assert "\n" not in failure
    standings, (late,) = compete(["tfidf"], TRAIN, TEST, load_settings(), minutes=0.001)
    assert not standings
    assert late == "logistic regression on TF-IDF failed: it took longer than 0.001 minutes"


def test_the_plot_shows_every_contender(tmp_path: Path) -> None:
    standings = [
        Standing("assistant", "assistant", 0.9, float("nan"), 1.0, 2.0, 9.0, 700.0),
        Standing("setfit", "SetFit", 0.8, float("nan"), 9.0, 900.0, 12.0, 1500.0),
    ]
    with Image.open(draw_standings(standings, tmp_path / "peers.png")) as picture:
        assert picture.width > picture.height > 150


@needs_sklearn
@pytest.mark.models
@pytest.mark.timeout(600)
def test_the_command_compares_ours_with_those_that_are_installed(tmp_path: Path) -> None:
    for name, rows in (("train", TRAIN), ("test", TEST)):
        with (tmp_path / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("text", "label"), *((row.text, row.label) for row in rows)])
    files = ("--train", str(tmp_path / "train.csv"), "--test", str(tmp_path / "test.csv"))
    options = ("--peers", "--steps", "2", "--json", "--plots", str(tmp_path))
    done = CliRunner().invoke(bench, ["intents", *files, *options], catch_exceptions=False)
    report = json.loads(done.stdout)
    assert [one["name"] for one in report["standings"]] == line_up(peers=True)[0]
    assert all(one["accuracy"] is not None for one in report["standings"])
    assert (tmp_path / "peers.png").stat().st_size > 1000
