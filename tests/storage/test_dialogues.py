"""The log of dialogues."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

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


def test_the_events_of_what_waits_are_read_once_a_turn_and_again_after_a_change(
    log: DialogueLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = log.open("s", "shop.order", {}), log.open("other", "shop.order", {})
    log.append(here, "asked", {"text": "?"})
    read: list[object] = []
    rows = Database.rows

    def noted(self: Database, query: Any, values: Any = None) -> Any:
        read.append(query)
        return rows(self, query, values)

    monkeypatch.setattr(Database, "rows", noted)
    with log.remembering("s"):
        log.pending("s")
        read.clear()
        assert log.events(here) == log.events(here) == [("asked", {"text": "?"})]
        assert len(read) == 1
        log.events(here).clear()
        log.append(here, "answered", {"value": 1})
        assert [kind for kind, _ in log.events(here)] == ["asked", "answered"]
        log.append(elsewhere, "asked", {})
        assert [kind for kind, _ in log.events(elsewhere)] == ["asked"]
        read.clear()
        assert log.events(elsewhere) == log.events(elsewhere), "a session that is not held may change elsewhere"
        assert len(read) == 2
    read.clear()
    assert log.events(here) == log.events(here)
    assert len(read) == 2
