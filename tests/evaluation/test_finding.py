"""Every way of asking, on rows whose order is known."""

from pathlib import Path

import numpy as np
import pytest

from assistant.evaluation.retrieval import HYBRID, Question, compare_ways
from assistant.retrieval.items import Item, Query, Source
from assistant.retrieval.lance_table import LibraryTable

pytest.importorskip("lancedb", reason="needs the extra [library]")


def axis(number: int, size: int) -> np.ndarray:
    return np.eye(size, dtype=np.float32)[number]


def test_each_way_is_measured_and_the_hybrid_is_compared_with_it(tmp_path: Path) -> None:
    table = LibraryTable(tmp_path)
    items = [Item(str(n), 0, "text", f"thing{n}", axis(n, 384), axis(-n, 512)) for n in range(20)]
    table.replace([Source(item.source, "", 0, 0.0, 1) for item in items], items)
    table.settle()
    # What is right is what the shared space finds; the other space points elsewhere, and the words nowhere.
    asked = [
        Question(Query("nothing", axis(n, 384), axis(-(n + 1) % 20, 512), {"meaning": 0.1}), frozenset([str(n)]))
        for n in range(10)
    ]
    found = {row.metric: row.value for row in compare_ways("task", table, asked, "text")}
    assert {name.partition(": ")[0] for name in found if "ahead" not in name} == {
        f"task, {way}" for way in (HYBRID, "shared", "meaning", "words")
    }
    assert found["task, shared: R@1"] == found["task, hybrid: R@1"] == 100
    assert found["task, meaning: R@1"] < 20
    assert found["task, words: nDCG@10"] == 0
    assert found["task, hybrid ahead of shared: nDCG@10 at 97.5 %"] == 0
    assert found["task, hybrid ahead of words: nDCG@10 at 97.5 %"] == 100
