"""One turn of a session at a time, whichever process answers it."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
import os
import struct
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import StorageError
from assistant.storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["FileLocks", "SessionLocks"]

logger = logging.getLogger(__name__)

SHORTEST, LONGEST = 0.005, 0.1
"""seconds between two looks at a lock that another process holds"""


class SessionLocks:
    """Locks by session, within this process and among all that use the database.

    On PostgreSQL they are advisory locks of one connection, on SQLite locks on single bytes of a file beside the
    database: they end with the connection or with the process, so one that is killed leaves none behind.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._here: dict[str, tuple[asyncio.Lock, int]] = {}
        self._connection: Connection | None = None
        self._file: FileLocks | None = None
        self._using = threading.Lock()

    @asynccontextmanager
    async def hold(self, session: str) -> AsyncIterator[None]:
        """Hold a session for the length of an ``async with``; others wait. Raises `StorageError`."""
        lock, users = self._here.get(session, (asyncio.Lock(), 0))
        self._here[session] = (lock, users + 1)
        try:
            digest = hashlib.sha256(f"session {session}".encode()).digest()
            key = int.from_bytes(digest[:8], "big", signed=True)  # 64 bits, as PostgreSQL takes them
            async with lock, self._among_processes(key):
                yield
        finally:
            lock, users = self._here.pop(session)
            if users > 1:
                self._here[session] = (lock, users - 1)

    @asynccontextmanager
    async def _among_processes(self, key: int) -> AsyncIterator[None]:
        pause = SHORTEST
        # Polling holds no thread and no connection, however many sessions wait.
        while not await self._tried(key):
            await asyncio.sleep(pause)
            pause = min(LONGEST, 1.5 * pause)
        try:
            yield
        finally:
            if self._database.is_postgres:
                await asyncio.shield(asyncio.to_thread(self._release, key))
            else:
                self._release(key)

    async def _tried(self, key: int) -> bool:
        if not self._database.is_postgres:
            return self._try(key)  # asks the system alone, which answers at once
        trying = asyncio.ensure_future(asyncio.to_thread(self._try, key))
        try:
            return await asyncio.shield(trying)
        except asyncio.CancelledError:  # the waiting caller was cancelled and must not keep the lock
            await asyncio.wait({trying})
            if trying.exception() is None and trying.result():
                await asyncio.shield(asyncio.to_thread(self._release, key))
            raise

    def _try(self, key: int) -> bool:
        with self._using:
            if not self._database.is_postgres:
                return self._locked_file().take(key)
            try:
                return self._ask("SELECT pg_try_advisory_lock(:key)", key)
            except StorageError:
                self._drop()  # the connection died and its locks with it; try a new one
                return self._ask("SELECT pg_try_advisory_lock(:key)", key)

    def _release(self, key: int) -> None:
        with self._using:
            if not self._database.is_postgres:
                self._locked_file().give_back(key)
                return
            try:
                if not self._ask("SELECT pg_advisory_unlock(:key)", key):
                    logger.warning("the database released a session's lock before its turn was over")
            except StorageError:
                self._drop()

    def _locked_file(self) -> FileLocks:
        if self._file is None:
            file = self._database.file
            self._file = FileLocks(file.with_name(f"{file.name}-sessions") if file is not None else None)
        return self._file

    def _ask(self, statement: str, key: int) -> bool:
        from sqlalchemy import text
        from sqlalchemy.exc import SQLAlchemyError

        if self._connection is None:
            self._connection = self._database.connect()
        try:
            return bool(self._connection.execute(text(statement), {"key": key}).scalar())
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise StorageError(f"The database cannot be reached: {reason}. Try again in a moment.") from error

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.invalidate()
                connection.close()

    def close(self) -> None:
        """Release every lock and connection."""
        with self._using:
            self._drop()
            if self._file is not None:
                self._file.close()
                self._file = None


BYTES = 2**62
"""positions in a file that may be locked; the file itself stays empty"""


class FileLocks:
    """Locks of numbers, each held by one process at a time, in a file of the owner's; None where nothing is to share.

    Where there can be no such locks (on Windows, on some network drives, in a folder that cannot be written), all are
    given, and the log says so.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self, key: int) -> bool:
        """Take a lock; False when another process holds it."""
        return self._set(key, taken=True)

    def give_back(self, key: int) -> None:
        """Release a lock."""
        self._set(key, taken=False)

    def close(self) -> None:
        """Release all locks."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _set(self, key: int, *, taken: bool) -> bool:
        try:
            import fcntl
        except ImportError:
            return True
        if self._path is None:
            return True
        kind = fcntl.F_WRLCK if taken else fcntl.F_UNLCK
        # A lock of the open file, where there are such, and not of the process: two users within one keep apart.
        command = getattr(fcntl, "F_OFD_SETLK", fcntl.F_SETLK)
        try:
            handle = self._open(self._path)
            if command == fcntl.F_SETLK:
                how = fcntl.LOCK_EX | fcntl.LOCK_NB if taken else fcntl.LOCK_UN
                fcntl.lockf(handle, how, 1, key % BYTES)
            else:
                fcntl.fcntl(handle, command, struct.pack("hhqqi4x", kind, os.SEEK_SET, key % BYTES, 1, 0))
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return False
            logger.warning("%s cannot be locked (%s): start one assistant at a time", self._path, error.strerror)
        return True

    def _open(self, path: Path) -> int:
        if self._handle is None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._handle
