"""The one database: tables, connections, and the mapping of its errors to ours."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.errors import StorageError
from assistant.folders import private_folder

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Executable, MetaData, Row, Table
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

    Insert = PostgresInsert | SqliteInsert

__all__ = ["Database"]

T = TypeVar("T")

MAKING_TABLES = 0x61737369
"""the advisory lock under which the tables are made"""
KEPT_OPEN = 3
"""connections to a SQLite database that stay open when idle"""
LEAST_ROOM = 1 << 16
"""bytes free on a disk below which it is full: SQLite needs twice 32 KiB to begin"""


def _define(metadata: MetaData) -> None:
    from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

    turns = Table(
        "turns",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("session", String(200), nullable=False),
        Column("at", Float, nullable=False),
        Column("text", Text, nullable=False),
        Column("transcript", Text),
        Column("images", JSON, nullable=False, default=list),
        Column("audio", Text),
        Column("status", String(16), nullable=False),
        Column("intent", Text, nullable=False, default=""),
        Column("confidence", Float, nullable=False, default=0.0),
        Column("outcome", String(16), nullable=False, default=""),
        Column("options", JSON, nullable=False, default=list),
        Column("reply", Text, nullable=False, default=""),
        Column("contributions", JSON, nullable=False, default=dict),
        Column("latency_ms", JSON, nullable=False, default=dict),
        Column("attachments", JSON, nullable=False, default=list),
        Column("data", JSON),
    )
    Index("turns_by_session", turns.c.session, turns.c.at)
    dialogues = Table(
        "dialogues",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("session", String(200), nullable=False),
        Column("intent", Text, nullable=False),
        Column("turn", JSON, nullable=False),
        Column("opened_at", Float, nullable=False),
        Column("closed_at", Float),
        Column("reason", Text),
    )
    Index("dialogues_by_session", dialogues.c.session, dialogues.c.opened_at)
    Table(
        "dialogue_events",
        metadata,
        Column("dialogue", String(32), ForeignKey("dialogues.id"), primary_key=True),
        Column("position", Integer, primary_key=True),
        Column("kind", String(32), nullable=False),
        Column("data", JSON, nullable=False),
    )
    Table(
        "requests",
        metadata,
        Column("client", String(64), primary_key=True),
        Column("key", String(200), primary_key=True),
        Column("turn", String(32), nullable=False, unique=True),
        Column("session", String(200), nullable=False),
        Column("fingerprint", String(64), nullable=False),
        Column("at", Float, nullable=False),
        Column("answer", JSON(none_as_null=True)),
    )
    scheduled = Table(
        "scheduled",
        metadata,
        Column("plugin", String(64), primary_key=True),
        Column("key", String(200), primary_key=True),
        Column("session", String(200), nullable=False),
        Column("due", Float),
        Column("missed", Float),
        Column("rung", Float),
        Column("wall", String(32), nullable=False, default=""),
        Column("zone", String(64), nullable=False, default=""),
        Column("repeat", JSON(none_as_null=True)),
        Column("reply", JSON, nullable=False),
        Column("insistent", Boolean, nullable=False, default=False),
    )
    Index("scheduled_by_due", scheduled.c.due)
    Index("scheduled_by_rung", scheduled.c.rung)
    Index("scheduled_by_zone", scheduled.c.zone)
    Table(
        "facts",
        metadata,
        Column("key", String(100), primary_key=True),
        Column("value", Text, nullable=False),
        Column("told_at", Float, nullable=False),
    )


class Database:
    """Opens itself at first use; safe to use from several threads. A SQLite file and its folder are made owner-only."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: Engine | None = None
        self._durable: Engine | None = None
        self._tables: dict[str, Table] = {}
        self._statements: dict[str, Any] = {}
        self._unsynced = False
        self._lock = threading.Lock()

    @property
    def shared(self) -> bool:
        """Whether it is a server, so that other processes and machines may be using it too."""
        return not self.url.startswith("sqlite")

    @property
    def is_postgres(self) -> bool:
        """Whether it is PostgreSQL."""
        return self.url.startswith("postgres")

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database, which need not be there yet; None for a server or for memory."""
        if self.shared:
            return None
        # Not from sqlalchemy.engine: a thread that imports the part first and one that imports the whole wait for each
        # other, and one of them then meets half-made modules.
        from sqlalchemy import make_url

        name = make_url(self.url).database
        return Path(name) if name and name != ":memory:" else None

    def open(self) -> None:
        """Open it now instead of at the first use; raises `StorageError`."""
        self._open()

    def connect(self) -> Connection:
        """A connection of one's own, on which every statement is a transaction; close it. Raises `StorageError`."""
        engine = self._open()
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except SQLAlchemyError as error:
            raise StorageError(self._explain(error)) from error

    def table(self, name: str) -> Table:
        """A table by name."""
        self._open()
        return self._tables[name]

    def insert(self, name: str) -> Insert:
        """An insert into a table that may say what is done where the row is there already."""
        table = self.table(name)
        from sqlalchemy.dialects import postgresql, sqlite

        return postgresql.insert(table) if self.shared else sqlite.insert(table)

    def statement(self, name: str, build: Callable[[], T]) -> T:
        """A statement with `bindparam`s for its values, built once: to build one takes longer than to run it."""
        if name not in self._statements:
            self._open()
            self._statements[name] = build()
        found: T = self._statements[name]
        return found

    def rows(self, query: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """All rows of a query, read in a transaction of its own; see `begin`."""
        with self.begin() as connection:
            return connection.execute(query, values).all()

    def sync(self) -> None:
        """Write pending `soon` data to the disk on its own thread; replies do not wait for it."""
        if self._unsynced and self.file is not None:
            self._unsynced = False
            threading.Thread(target=self._sync, name="database-sync", daemon=True).start()

    def _sync(self) -> None:
        with suppress(OSError):
            handle = os.open(f"{self.file}-wal", os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    @contextmanager
    def begin(self, *, durable: bool = False, soon: bool = False) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back on an error; raises `StorageError`.

        Args:
            durable: on return it has also survived a power cut. Otherwise it survives the end of this process,
                however violent, and costs a tenth of the time (SQLite; a server decides for itself).
            soon: it is durable soon after the next `sync`.
        """
        engine = self._open()
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with ((self._durable or engine) if durable else engine).begin() as connection:
                yield connection
            self._unsynced |= soon
        except SQLAlchemyError as error:
            raise StorageError(self._explain(error)) from error

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for engine in (self._durable, self._engine):
                if engine is not None:
                    engine.dispose()
            self._engine = self._durable = None

    def _open(self) -> Engine:
        # SQLAlchemy is first imported here, by one thread: two that import parts of it meet half-made modules.
        with self._lock:
            if self._engine is None:
                self._engine = self._connect()
            return self._engine

    def _connect(self) -> Engine:
        from sqlalchemy import MetaData, create_engine, text
        from sqlalchemy.exc import SQLAlchemyError

        metadata = MetaData()
        _define(metadata)
        try:
            if self.url.startswith("sqlite"):
                self._protect_file()
                engine = _sqlite_engine(self.url, "NORMAL")
            else:
                engine = create_engine(self.url, pool_pre_ping=True)
            with engine.begin() as connection:
                # Only one of several starting processes may create the tables.
                if self.is_postgres:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MAKING_TABLES})
                elif not self.shared:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                metadata.create_all(connection)
                _add_missing_columns(connection, metadata)
            if self.file is not None:
                self._durable = _sqlite_engine(self.url, "FULL")
        except SQLAlchemyError as error:
            raise StorageError(self._explain(error)) from error
        except ImportError as error:
            raise StorageError(
                f"No driver for {self._safe_url()}: install one, such as pip install 'multimodal-assistant[postgres]'."
            ) from error
        self._tables = dict(metadata.tables)
        return engine

    def _protect_file(self) -> None:
        path = self.file
        if path is None:
            return
        private_folder(path.parent)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StorageError(
                f"Cannot open {path}: {error.strerror}. Set ASSISTANT_HOME to a folder you own."
            ) from error

    def _safe_url(self) -> str:
        from sqlalchemy import make_url

        return make_url(self.url).render_as_string(hide_password=True)

    def _full(self) -> bool:
        """Returns whether the database's disk is full."""
        try:
            return shutil.disk_usage((self.file or Path(".")).parent).free < LEAST_ROOM
        except OSError:
            return False

    def _explain(self, error: Exception) -> str:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        # Where SQLite cannot even grow its shared memory it says "disk I/O error".
        if "disk is full" in reason or ("disk I/O error" in reason and self._full()):
            return "The disk is full: the conversation cannot be stored. Free some space and try again."
        if "malformed" in reason or "not a database" in reason:
            return f"{self._safe_url()} is damaged ({reason}). Move it away to start a new one; it is left as it is."
        return f"Cannot use the database {self._safe_url()}: {reason}"


def _add_missing_columns(connection: Connection, metadata: MetaData) -> None:
    """Adds the columns that tables made by an earlier version lack; all of these may be empty."""
    from sqlalchemy import inspect
    from sqlalchemy.schema import CreateColumn

    there = inspect(connection)
    for table in metadata.sorted_tables:
        known = {column["name"] for column in there.get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                definition = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")


def _sqlite_engine(url: str, synchronous: str) -> Engine:
    """Connections to a SQLite database that are used again: to open one takes as long as five transactions.

    One that is given back has ended its transaction, and holds no lock.

    Args:
        synchronous: whether a transaction waits for the disk (FULL) or not (NORMAL), see `Database.begin`.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import QueuePool

    def tune(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        # WAL: readers never wait for the writer.
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # No limit on connections: SQLite itself lets threads take turns.
    options = {"pool_size": KEPT_OPEN, "max_overflow": -1, "pool_use_lifo": True}
    engine = create_engine(
        url, poolclass=QueuePool, connect_args={"timeout": 30, "check_same_thread": False}, **options
    )
    event.listen(engine, "connect", tune)
    return engine
