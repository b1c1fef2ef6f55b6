"""A disk without room, told in words."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from assistant.errors import StorageError
from assistant.storage.database import Database

Usage = namedtuple("Usage", "total used free")


@pytest.mark.faults
@pytest.mark.parametrize(("free", "told"), [(0, "The disk is full"), (1 << 30, "disk I/O error")])
def test_a_disk_error_without_room_is_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, told: str
) -> None:
    from sqlalchemy.exc import OperationalError

    room = {tmp_path: free}  # the folder of the database decides, not the current one
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1 << 40, 0, room.get(path, (1 << 30) - free)))
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    with pytest.raises(StorageError, match=told), database.begin():
        raise OperationalError("select 1", {}, Exception("disk I/O error"))
