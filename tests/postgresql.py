"""A PostgreSQL server for tests: the one a variable names, or one of this machine's own that lives in a folder.

::

    @pytest.fixture(scope="module")
    def url() -> Iterator[str]:
        with postgresql_server() as url:
            if not url:
                pytest.skip(NO_POSTGRESQL)
            yield url
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

__all__ = ["NO_POSTGRESQL", "postgresql_server"]

VARIABLE = "ASSISTANT_POSTGRESQL"
NO_POSTGRESQL = f"no PostgreSQL: install the server and the extra [postgres], or set {VARIABLE} to a database's URL"
PATIENCE = 60
"""seconds for the server to begin"""


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, "" where there is none. A server of our own ends with the context.

    ``ASSISTANT_POSTGRESQL`` names a database whose tables the test may fill. Without it ``initdb`` and ``postgres``
    are looked for on the path and where Debian puts them; the server listens on a socket in a folder of its own only.
    """
    programs = _programs()
    if find_spec("psycopg") is None:
        yield ""
    elif url := os.environ.get(VARIABLE, ""):
        yield url
    elif programs is None:
        yield ""
    else:
        with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:  # a socket's path is short
            yield from _served(programs, Path(folder))


def _programs() -> Path | None:
    found = shutil.which("initdb")
    here = [Path(found).resolve().parent] if found else []
    places = [*here, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    wanted = ("initdb", "postgres", "pg_isready")
    return next((place for place in places if all((place / name).is_file() for name in wanted)), None)


def _served(programs: Path, folder: Path) -> Iterator[str]:
    user = _account(folder)
    data = folder / "data"
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "assistant", "-A", "trust", "-E", "UTF8", "--no-sync"],
        user=user,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr.strip()}")
    settings = ("-c", "listen_addresses=", "-c", "fsync=off", "-k", str(folder))
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *settings], user=user, cwd=folder, stdout=log, stderr=log
        )
    try:
        _await_server(server, programs, folder)
        yield f"postgresql+psycopg://assistant@/postgres?host={folder}"
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _account(folder: Path) -> str | None:
    """Returns the account that runs the server, as PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "nobody")
    return "nobody"


def _await_server(server: subprocess.Popen[bytes], programs: Path, folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while subprocess.run([programs / "pg_isready", "-q", "-h", folder]).returncode:
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"PostgreSQL does not begin: {(folder / 'log').read_text()}")
        time.sleep(0.1)
