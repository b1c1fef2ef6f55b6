"""``assistant train`` on very little."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from assistant.errors import InputError
from assistant.settings import cache_dir

THINGS = ["apple", "bike", "boat", "bread", "bus", "cake", "chair", "clock", "cup", "drum", "fish", "flower", "guitar"]
THINGS += ["hat", "kite", "lamp"]
SMALL = """
from assistant.training import run
run.CLIPS, run.HELD_OUT_CLIPS, run.PER_CLASS, run.LEAST_PICTURES = 60, 8, 1, 2
run.MOST_DRAWN = 4
run.UTTERANCES, run.HELD_OUT_UTTERANCES, run.SPOKEN_THINGS, run.VOICES = 24, 6, 2, run.VOICES[:2]
run.EPISODES, run.HELD_OUT_EPISODES = 96, 48
from assistant.cli import main
main()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the user's models, and a folder of clip art of our own."""
    (tmp_path / "home" / "cache").mkdir(parents=True)
    (tmp_path / "home" / "cache" / "models").symlink_to(cache_dir() / "models")
    clips = tmp_path / "data" / "img_openclipart"
    clips.mkdir(parents=True)
    rng = np.random.default_rng(0)
    lines = ["file,title,keywords"]
    for index in range(60):
        thing, other = THINGS[index % len(THINGS)], THINGS[(index + 7) % len(THINGS)]
        picture = Image.new("RGB", (64, 64), tuple(rng.integers(120, 255, 3).tolist()))
        ImageDraw.Draw(picture).ellipse((8, 8, 30 + index % 20, 50), fill=tuple(rng.integers(0, 120, 3).tolist()))
        picture.save(clips / f"{index}.png")
        lines.append(f"{index}.png,A small {thing},{thing}; {other}")
    (clips / "manifest.csv").write_text("\n".join(lines))
    return tmp_path / "home"


def start(home: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SMALL, "train", "--epochs", "12", "--out", str(out), *options]
    data = home.parent / "data"
    environment = os.environ | {"ASSISTANT_HOME": str(home), "ASSISTANT_DATA": str(data), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


@pytest.mark.models
@pytest.mark.timeout(1800)
@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights(home: Path, tmp_path: Path) -> None:
    reports = []
    for name in ("first", "again"):
        process = start(home, tmp_path / name)
        told, said = process.communicate(timeout=600)
        assert process.returncode == 0, said
        assert "train: held out" in told
        reports.append(json.loads((tmp_path / name / "report.json").read_text()))
    assert reports[0]["sha256"] == reports[1]["sha256"]
    assert reports[0]["rows"] == reports[1]["rows"]
    assert {f"{name}.safetensors" for name in ("attention", "early", "late", "sound")} <= reports[0]["sha256"].keys()


def test_training_without_clip_art_says_what_to_set(tmp_path: Path) -> None:
    home = tmp_path / "home"
    process = start(home, tmp_path / "out")
    told, said = process.communicate(timeout=120)
    assert (process.returncode, told) == (1, "")
    assert said.splitlines()[-1].startswith("Error: Training reads public-domain clip art; set ASSISTANT_DATA")


def test_an_installed_package_without_material_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.training import sentences

    monkeypatch.setattr(sentences, "MATERIAL", Path("nowhere"))
    with pytest.raises(InputError, match="needs a source checkout"):
        sentences.need_material()
