from pathlib import Path

import pytest

from assistant.errors import InputError, TextError
from assistant.storage import Database, Memory
from assistant.storage.memory import MOST_FACTS


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")


def test_facts_are_kept_replaced_and_forgotten(database: Database) -> None:
    memory = Memory(database)
    memory.keep("name", "Anna")
    memory.keep("home", " Leeds\0\n")
    memory.keep("name", "Henrietta")
    assert list(Memory(database).facts().items()) == [("home", "Leeds"), ("name", "Henrietta")]
    assert memory.forget(["name", "nothing"]) == 1
    assert memory.facts() == {"home": "Leeds"}
    database.close()


def test_memory_that_is_off_keeps_and_tells_nothing_and_still_forgets(database: Database) -> None:
    Memory(database).keep("name", "Anna")
    off = Memory(database, enabled=False)
    assert off.facts() == {}
    with pytest.raises(InputError, match=r"memory\.enabled"):
        off.keep("home", "Leeds")
    assert off.forget(["name"]) == 1
    database.close()


def test_memory_is_bounded(database: Database) -> None:
    memory = Memory(database)
    with pytest.raises(TextError):
        memory.keep("name", "x" * 501)
    with pytest.raises(TextError):
        memory.keep("name", " ")
    with database.begin() as connection:
        rows = [{"key": str(number), "value": "x", "told_at": 0.0} for number in range(MOST_FACTS)]
        connection.execute(database.table("facts").insert(), rows)
    with pytest.raises(InputError, match="are stored, which is the limit"):
        memory.keep("name", "Anna")
    assert len(memory.facts()) == MOST_FACTS
    database.close()
