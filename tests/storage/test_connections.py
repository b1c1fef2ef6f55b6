"""Connections that are used again: none keeps a lock, and what is durable waits for the disk."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.errors import StorageError
from assistant.storage import Database

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(f"sqlite:///{tmp_path}/a.sqlite3")) as database:
        yield database


def keep(database: Database, key: str, *, durable: bool = False) -> None:
    with database.begin(durable=durable) as connection:
        connection.execute(database.table("facts").insert().values(key=key, value="x", told_at=0.0))


def keys(database: Database) -> set[str]:
    return {row.key for row in database.rows(database.table("facts").select())}


def fail_within(database: Database, *, durable: bool) -> None:
    with database.begin(durable=durable) as connection:
        connection.execute(database.table("facts").insert().values(key="lost", value="x", told_at=0.0))
        raise RuntimeError


def keep_elsewhere(url: str, key: str) -> None:
    with closing(Database(url)) as database:
        keep(database, key)


@pytest.mark.parametrize(("durable", "level"), [(False, 1), (True, 2)])
def test_only_what_is_durable_waits_for_the_disk(database: Database, durable: bool, level: int) -> None:
    for _ in range(2):  # a connection that is new, and the same again
        keep(database, f"other {durable} {_}", durable=not durable)
        with database.begin(durable=durable) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == level
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_transaction_that_fails_leaves_no_lock_and_nothing_behind(database: Database) -> None:
    for durable in (False, True):
        with pytest.raises(RuntimeError):
            fail_within(database, durable=durable)
        keep(database, "twice")
        with pytest.raises(StorageError):
            keep(database, "twice", durable=durable)
        process = SPAWN.Process(target=keep_elsewhere, args=(database.url, f"another process {durable}"))
        process.start()
        process.join(20)  # a lock that was left would keep it for 30
        assert process.exitcode == 0
        with database.begin() as connection:
            connection.execute(database.table("facts").delete().where(database.table("facts").c.key == "twice"))
    assert keys(database) == {"another process False", "another process True"}


def test_what_another_process_wrote_is_seen_at_once(database: Database) -> None:
    keep(database, "mine")
    assert keys(database) == {"mine"}
    process = SPAWN.Process(target=keep_elsewhere, args=(database.url, "theirs"))
    process.start()
    process.join(20)
    assert keys(database) == {"mine", "theirs"}


def test_many_threads_write_and_none_waits_for_a_connection(database: Database) -> None:
    failed: list[Exception] = []
    begin = threading.Barrier(16)

    def work(number: int) -> None:
        begin.wait()
        try:
            for each in range(5):
                keep(database, f"{number} {each}", durable=bool(number % 2))
                assert f"{number} {each}" in keys(database)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert len(keys(database)) == 80


def test_a_database_that_is_closed_opens_again(database: Database) -> None:
    keep(database, "before")
    database.close()
    assert not list(Path(str(database.file)).parent.glob("*-wal")), "the log is copied into the file"
    assert keys(database) == {"before"}


def test_what_is_durable_soon_is_taken_to_the_disk_after_the_next_sync(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    done = threading.Event()

    def fsync(handle: int) -> None:
        synced.append(handle)
        done.set()

    database.open()
    monkeypatch.setattr("assistant.storage.database.os.fsync", fsync)
    keep(database, "not told")
    database.sync()
    with database.begin(soon=True) as connection:
        connection.execute(database.table("facts").insert().values(key="told", value="x", told_at=0.0))
    assert not synced
    database.sync()
    assert done.wait(10)
    database.sync()  # nothing new
    assert len(synced) == 1
