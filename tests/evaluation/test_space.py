import os

import numpy as np
import pytest

from assistant.evaluation.space import evaluate_space
from assistant.settings import load_settings
from assistant.training.alignment import recall_rows


@pytest.mark.skipif(not os.environ.get("ASSISTANT_DATA"), reason="ASSISTANT_DATA is not set")
@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(1200)
def test_photographs_and_texts_are_found_without_having_learnt_from_their_likes() -> None:
    report = evaluate_space(load_settings(), lambda step, done, total: None, seed=0)
    print(report.to_json())
    assert report.value("caption → photograph, shipped map, R@1") > 13
    assert report.value("caption → photograph, shipped map, R@10") > 50
    assert report.value("caption → photograph, map trained on this set, R@1") > 19
    assert report.value("caption → photograph, shuffled (chance), R@10") < 10
    assert report.value("request → text, neural voice, no transcript, R@1") > 25
    assert report.value("request → text, espeak-ng, no transcript, R@10") > 40
    assert report.value("caption → photograph, neural voice, no transcript, R@10") > 17
    assert report.value("recorded person → their text, R@10") > 40
    assert report.value("recorded person → another's text (chance), R@10") < 25


def test_recall_counts_whose_own_item_comes_first() -> None:
    items = np.eye(12, dtype=np.float32)
    queries = items + 0.1
    assert [row.value for row in recall_rows("x", queries, items)] == [100, 100]
    assert [row.value for row in recall_rows("x", queries[:2], items, [0, 0])] == [50, 100]
