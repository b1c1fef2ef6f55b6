"""The log of dialogues."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.storage import Database, DialogueLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[DialogueLog]:
    with closing(Database(f"sqlite:///{tmp_path}/a.sqlite3")) as database:
        yield DialogueLog(database)


def test_what_waits_is_read_once_a_turn_and_again_after_a_change(log: DialogueLog) -> None:
    first = log.open("s", "shop.order", {})
    with log.remembering("s"):
        assert [record.id for record in log.pending("s")] == [first]
        assert log.pending("s") is log.pending("s")
        second = log.open("s", "shop.return", {})
        assert {record.id for record in log.pending("s")} == {first, second}
        log.close(first, "answered")
        assert [record.id for record in log.pending("s")] == [second]
        assert log.pending("other") == []
    assert log.pending("s") is not log.pending("s")
