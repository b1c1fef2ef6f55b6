"""Every way of asking, on rows whose order is known."""

from pathlib import Path

import numpy as np
import pytest

from assistant.evaluation.finding import HYBRID, Question, compare_ways
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
    figures = {row.way: row for row in compare_ways("task", table, asked, "text", 20)}
    assert set(figures) == {HYBRID, "hybrid by ranks", "shared", "meaning", "words"}
    assert figures["shared"].recall_1 == figures[HYBRID].recall_1 == 1.0
    assert figures["meaning"].recall_1 < 0.2
    assert figures["words"].ndcg_10 == 0.0
    assert figures[HYBRID].ahead_ndcg_10 is None
    assert figures["shared"].ahead_recall_1 == (0.0, 0.0, 0.0)
    assert figures["words"].ahead_recall_1 == (1.0, 1.0, 1.0)
