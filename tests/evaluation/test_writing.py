"""Rows that one process writes or commits, counted."""

import pytest

from assistant.evaluation import writing

pytest.importorskip("lancedb", reason="needs the extra [library]")
pytest.importorskip("lance", reason="needs the extra [cluster]")


def test_committing_what_others_wrote_is_faster_than_writing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "KNOWN", 1000)
    rows = writing.COMMIT * writing.FRAGMENT
    merged, wrote, committed, known = writing.bench_writing(lambda step: None, rows)
    assert {each.rows for each in (merged, wrote, committed, known)} == {rows}
    assert committed.rate > merged.rate
    assert known.what.endswith("1,000 sources known")
    assert wrote.to_json()["rate"] == pytest.approx(wrote.rows / wrote.seconds, rel=0.01)
