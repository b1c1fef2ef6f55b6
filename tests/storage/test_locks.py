"""A session is one process's at a time; the others wait, also for one that is killed."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.storage import Database, SessionLocks

HOLDER = """
import asyncio, sys
from assistant.storage import Database, SessionLocks

async def hold():
    async with SessionLocks(Database(sys.argv[1])).hold("trip"):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(hold())
"""


async def order_of(first: SessionLocks, second: SessionLocks) -> list[str]:
    seen: list[str] = []

    async def work(locks: SessionLocks) -> None:
        async with locks.hold("trip"):
            seen.append("in")
            await asyncio.sleep(0.1)
            seen.append("out")

    await asyncio.gather(work(first), work(second))
    return seen


async def hold_two(first: SessionLocks, second: SessionLocks) -> None:
    """Hold two sessions at once; ends only when both are held."""
    both = asyncio.Barrier(2)

    async def work(locks: SessionLocks, session: str) -> None:
        async with locks.hold(session):
            await both.wait()

    async with asyncio.timeout(20):
        await asyncio.gather(work(first, "trip"), work(second, "talk"))


def test_within_a_process_a_session_is_held_once(tmp_path: Path) -> None:
    locks = SessionLocks(Database(f"sqlite:///{tmp_path}/one.sqlite3"))
    assert asyncio.run(order_of(locks, locks)) == ["in", "out", "in", "out"]
    asyncio.run(hold_two(locks, locks))
    assert not locks._here, "nothing is kept of sessions that nobody holds"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres"))
    return f"sqlite:///{tmp_path}/one.sqlite3"


def test_two_processes_hold_a_session_one_after_the_other(url: str) -> None:
    first, second = SessionLocks(Database(url)), SessionLocks(Database(url))
    assert asyncio.run(order_of(first, second)) == ["in", "out", "in", "out"]
    asyncio.run(hold_two(first, second))
    first.close()
    second.close()


def test_whoever_stops_waiting_leaves_without_the_lock(url: str) -> None:
    first, second = SessionLocks(Database(url)), SessionLocks(Database(url))

    async def take(locks: SessionLocks) -> None:
        async with locks.hold("trip"):
            pass

    async def leave() -> None:
        async with first.hold("trip"):
            waiting = asyncio.create_task(take(second))
            await asyncio.sleep(0.2)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await asyncio.wait_for(take(first), 5)
        await asyncio.wait_for(take(second), 5)

    asyncio.run(leave())
    first.close()
    second.close()


@pytest.mark.faults
def test_a_killed_process_leaves_no_lock_behind(url: str) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    command = [sys.executable, "-c", HOLDER, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        locks = SessionLocks(Database(url))

        async def take(seconds: float) -> None:
            async with asyncio.timeout(seconds), locks.hold("trip"):
                pass

        with pytest.raises(TimeoutError):
            asyncio.run(take(0.3))
        holder.send_signal(signal.SIGKILL)
        asyncio.run(take(30))
        locks.close()


@pytest.mark.faults
def test_a_lost_connection_is_made_anew(postgres: str) -> None:
    locks = SessionLocks(Database(postgres))

    async def take() -> None:
        async with locks.hold("trip"):
            pass

    asyncio.run(take())
    assert locks._connection is not None
    locks._connection.connection.dbapi_connection.close()  # type: ignore[union-attr]
    asyncio.run(take())
    locks.close()


@pytest.mark.faults
def test_a_folder_that_cannot_hold_the_locks_keeps_nobody_from_a_session(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    locks = SessionLocks(Database(f"sqlite:///{tmp_path}/file/one.sqlite3"))
    asyncio.run(hold_two(locks, locks))
    assert "cannot be locked" in caplog.text
    locks.close()
