"""``assistant train pictures`` with the real encoders, and what it says about folders that cannot work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from assistant.fusion.picture_kinds import read_detector
from assistant.training.drawn import load_drawings

Assistant = Callable[..., Result]


@pytest.mark.models
def test_drawings_become_a_file_and_a_report(assistant: Assistant, home: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("ASSISTANT_HOME")  # the models are in the user's own
    draw = load_drawings().DRAWINGS
    first, second = list(draw)[:2]
    for kind in (first, second):
        (tmp_path / "pictures" / kind).mkdir(parents=True)
        for seed in range(6):
            draw[kind](np.random.default_rng(seed)).save(tmp_path / "pictures" / kind / f"{seed}.png")
    (tmp_path / "pictures" / first / "broken.png").write_bytes(b"\x89PNG and no more")
    out = tmp_path / "kinds.safetensors"
    result = assistant("train", "pictures", str(tmp_path / "pictures"), "--out", str(out), "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert "Skipped, as not readable as pictures: 1" in report["notes"]
    values = {row["metric"]: row["value"] for row in report["rows"]}
    for kind in (first, second):
        assert values[f"{kind} (6): recognized"] > 60
        assert values[f"{kind} (6): everyday pictures taken for it"] < 10
    assert [kind.name for kind in read_detector(out).kinds] == sorted((first, second))


def test_a_folder_without_kinds_is_named_in_one_line(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    result = assistant("train", "pictures", str(tmp_path / "pictures"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.strip().splitlines()[-1].endswith("make one for each kind of picture, named after it")
    assert "Traceback" not in result.stderr
