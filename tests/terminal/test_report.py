"""The one table and the one JSON shape of everything that is measured."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from assistant.terminal.report import Peer, Report, Row, percent, reported


@click.command()
@click.option("--fast", is_flag=True)
@reported
def bench(fast: bool) -> Report:
    """Measure something."""
    rows = [
        Row("a turn", 12.0 if fast else 40.0, "ms", at_most=30, peer=Peer("another", 60.0)),
        percent("found", 0.925, at_least=90),
        Row("memory", float("nan"), "MB"),
    ]
    return Report("bench something", "10 turns", rows, ["nothing was left out"])


def test_json_has_the_documented_shape() -> None:
    report = json.loads(CliRunner().invoke(bench, ["--json"]).stdout)
    assert list(report) == ["name", "data", "machine", "rows", "notes"]
    assert (report["name"], report["data"]) == ("bench something", "10 turns")
    assert report["machine"].keys() == {"processor", "cores", "python"}
    peer = {"name": "another", "value": 60.0}
    assert report["rows"][0] == {"metric": "a turn", "value": 40, "unit": "ms", "goal": {"at_most": 30}, "peer": peer}
    assert [row["value"] for row in report["rows"]] == [40, 92.5, None]


def test_table_shows_goals_peers_and_what_they_are_worth() -> None:
    shown = CliRunner().invoke(bench, []).stdout
    assert "40 ms" in shown
    assert "at most 30: missed" in shown
    assert "another: 60 ms, 1.5 times" in shown
    assert "at least 90: reached" in shown
    assert "nothing was left out" in shown


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["--check"], 1), (["--check", "--fast"], 0)])
def test_check_ends_with_one_when_a_goal_is_missed(arguments: list[str], code: int) -> None:
    assert CliRunner().invoke(bench, arguments).exit_code == code


def test_a_figure_that_could_not_be_measured_misses_its_goal() -> None:
    assert Row("x", float("nan"), at_least=1).missed
    assert not Row("x", float("nan")).missed
