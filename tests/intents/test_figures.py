"""The figures of the text head on public data: accuracy, calibration, coverage, knowing what is nobody's business.

They hold what was measured less a margin, so that none can fall unnoticed; figures are printed with ``-s``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from assistant.encoders.factory import create_encoders
from assistant.evaluation.labelled import intents_of, read_rows
from assistant.evaluation.metrics import area_under_roc, calibration_error
from assistant.intents.examples import collect
from assistant.intents.head import Reading, TextHead
from assistant.intents.store import SentenceVectors
from assistant.intents.training_set import TrainingSet
from assistant.settings import load_settings
from assistant.types import FloatArray

pytestmark = [pytest.mark.data, pytest.mark.models, pytest.mark.timeout(1200)]


SETS = {"text_banking77": ("train_5", "train_10", "train"), "text_clinc150": ("train_5", "train_10", "train")}
TESTS = {"train_5": "fewshot_test", "train_10": "fewshot_test", "train": "test"}


@dataclass(frozen=True)
class Figures:
    """Shares, 0 to 1; nan where nothing is out of scope."""

    accuracy: float
    calibration_error: float
    coverage: float
    auroc: float
    refused: float
    """of what is out of scope, by a threshold that lets 92 % of all requests through and gets them right"""


class Bench:
    """Encodes each sentence once, for this and for later runs.

    Args:
        data: the public data.
        home: where vectors are kept.
    """

    def __init__(self, data: Path, home: Path) -> None:
        self._data = data
        self._settings = load_settings()
        self._encoders = {e.name: e for e in create_encoders(self._settings) if e.modality == "text"}
        self._memory = {name: SentenceVectors(f"figures {name}") for name in self._encoders}
        for encoder in self._encoders.values():
            encoder.load()
        files = [data / folder / f"{train}.csv" for folder, trains in SETS.items() for train in trains]
        files += [data / folder / f"{test}.csv" for folder in SETS for test in ("fewshot_test", "test")]
        texts = [row.text for file in [*files, data / "text_clinc150" / "oos_test.csv"] for row in read_rows(file)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ASSISTANT_HOME", str(home))
            for name in self._encoders:
                self._remember(name, list(dict.fromkeys(texts)))

    def measure(self, data: str, train: str) -> Figures:
        """Fit to one file and read the test sentences that belong to it."""
        intents = intents_of(read_rows(self._data / data / f"{train}.csv"))
        known = TrainingSet.read(intents, collect(intents), self._encoders, self._memory)
        found = known.head(known.views, self._settings)
        assert found is not None
        head, _ = found
        rows = read_rows(self._data / data / f"{TESTS[train]}.csv")
        readings = self._read(head, [row.text for row in rows])
        truth = np.array([known.names.index(row.label) for row in rows])
        probabilities = np.exp(np.stack([reading.log_probs for reading in readings]))
        best, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
        foreign = [row.text for row in read_rows(self._data / data / "oos_test.csv")] if "clinc" in data else []
        inside = np.array([reading.reliability for reading in readings])
        outside = np.array([reading.reliability for reading in self._read(head, foreign)])
        least = np.sort(inside[right])[::-1][min(int(0.92 * len(rows)), int(right.sum()) - 1)]
        return Figures(
            accuracy=float(right.mean()),
            calibration_error=calibration_error(best, right),
            coverage=float((probabilities[np.arange(len(truth)), truth] >= np.minimum(head.floor, best)).mean()),
            auroc=area_under_roc(inside, outside),
            refused=float((outside < least).mean()) if len(outside) else float("nan"),
        )

    def _read(self, head: TextHead, texts: list[str]) -> list[Reading]:
        views = [np.stack(self._remember(name, texts)) for name in self._encoders] if texts else []
        return head.read(views, texts) if texts else []

    def _remember(self, name: str, texts: list[str]) -> list[FloatArray]:
        memory = self._memory[name]
        missing = [text for text, row in zip(texts, memory.find(texts), strict=True) if row is None]
        if missing:
            rows = [encoding.pooled for encoding in self._encoders[name].encode(missing)]
            memory.add(missing, np.stack(rows).astype(np.float32))
        return [row for row in memory.find(texts) if row is not None]


@pytest.fixture(scope="module")
def bench(request: pytest.FixtureRequest) -> Bench:
    if not (root := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA is not set")
    assert request.config.cache is not None
    return Bench(Path(root), request.config.cache.mkdir("figures"))


@pytest.mark.parametrize(
    ("data", "train", "accuracy"),
    [
        ("text_banking77", "train_5", 0.825),
        ("text_banking77", "train_10", 0.873),
        ("text_banking77", "train", 0.940),
        ("text_clinc150", "train_5", 0.888),
        ("text_clinc150", "train_10", 0.918),
        ("text_clinc150", "train", 0.958),
    ],
)
def test_accuracy_calibration_and_coverage_hold(bench: Bench, data: str, train: str, accuracy: float) -> None:
    figures = bench.measure(data, train)
    print(data, train, figures)
    assert figures.accuracy >= accuracy
    assert figures.calibration_error <= 0.025
    assert abs(figures.coverage - 0.95) <= (0.02 if train == "train" else 0.015)


@pytest.mark.parametrize(
    ("train", "auroc", "refused"), [("train_5", 0.958, 0), ("train_10", 0.966, 0), ("train", 0.977, 0.9)]
)
def test_what_is_out_of_scope_is_known_without_having_seen_any(
    bench: Bench, train: str, auroc: float, refused: float
) -> None:
    figures = bench.measure("text_clinc150", train)
    print(train, figures)
    assert figures.auroc >= auroc
    assert figures.refused >= refused
