"""Measures how fast files go into a library, and whether memory grows with their number. Each run is its own process.

The files are made here: short notes, drawn photographs of 500 by 375 pixels, and recordings of our English voice.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from assistant.errors import AssistantError
from assistant.settings import load_settings
from assistant.terminal.report import Row
from assistant.terminal.steps import StepProgress

__all__ = ["bench_indexing"]

GOALS = {"short texts": 60.0, "pictures, not read": 12.0, "speech": 8.0}
RUNS = (("short texts", 1000), ("short texts", 8000), ("pictures, not read", 200), ("speech", 6))
"""what, and how many files; the fewest short texts fill a batch, so that more of them should need no more memory"""
UNITS = {"short texts": "texts/s", "pictures, not read": "pictures/s", "speech": "× real time"}
MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10
"""of what the system counts memory in: bytes on macOS, KiB elsewhere"""
WORDS = [
    "train",
    "town",
    "leaves",
    "late",
    "because",
    "snow",
    "fell",
    "both",
    "tracks",
    "while",
    "nobody",
    "swept",
    "lunch",
]
SPEECH = (
    "Good morning and welcome to the lesson. Today we look at how plants make sugar out of light.",
    "The leaves take in carbon dioxide through small openings, and water comes up from the roots.",
    "In the second half we speak about rivers, and about the stones that they carry to the sea.",
)


def bench_indexing(progress: StepProgress) -> list[Row]:
    """Measures short texts (few and many files, for the memory), pictures and speech."""
    rows: list[Row] = []
    for done, (what, files) in enumerate(RUNS, 1):
        command = [sys.executable, "-W", "ignore", "-m", "assistant.evaluation.indexing", what, str(files)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if run.returncode:
            raise AssistantError(f"{what}: {' '.join(run.stderr.split())[-300:]}")
        rate, megabytes = json.loads(run.stdout.splitlines()[-1])
        rows.append(Row(f"taking in {files:,} files: {what}", rate, UNITS[what], at_least=GOALS[what]))
        rows.append(Row(f"taking in {files:,} files: {what}, most memory", megabytes, "MB"))
        progress("taking in files", done, len(RUNS))
    return rows


def _measure(what: str, files: int) -> tuple[float, float]:
    """Makes the files, loads the models and adds the files in this process; returns the rate and the most memory."""
    from assistant.loading import create_models
    from assistant.retrieval.library.library import Library

    with tempfile.TemporaryDirectory() as folder:
        source, first = Path(folder) / "files", Path(folder) / "first"
        make = {"short texts": _notes, "pictures, not read": _pictures, "speech": _recordings}[what]
        for target, count, seed in ((source, files, 1), (first, 1, 0)):
            target.mkdir()
            make(target, count, seed)
        settings = load_settings({"library": {"folder": str(Path(folder) / "library")}})
        library = Library(settings, create_models(settings, keep_encodings=False))
        library.add([first], ocr=False)
        report = library.add([source], ocr=False)
    done = report.sound if what == "speech" else float(report.added)
    return done / report.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


def _notes(folder: Path, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for number in range(count):
        (folder / f"note{number:06}.txt").write_text(" ".join(rng.choice(WORDS, 12)) + f" {number}.", "utf-8")


def _pictures(folder: Path, count: int, seed: int) -> None:
    from PIL import Image

    rng = np.random.default_rng(seed)
    for number in range(count):
        small = Image.fromarray(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8))
        small.resize((500, 375), Image.Resampling.BICUBIC).save(folder / f"picture{number:06}.jpg", quality=90)


def _recordings(folder: Path, count: int, seed: int) -> None:
    import soundfile

    from assistant.speech import Synthesizer

    voice = Synthesizer("hibari")
    said = [voice.say(text) for text in SPEECH]
    pause = np.zeros(said[0].sample_rate, np.float32)
    for number in range(count):
        parts = [part for offset in range(3) for part in (said[(number + seed + offset) % 3].samples, pause)]
        soundfile.write(folder / f"lesson{number:03}.flac", np.concatenate(parts), said[0].sample_rate)


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], int(sys.argv[2]))))
