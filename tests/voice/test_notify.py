"""Signs of life, and a supervisor that goes by systemd's rules: who stays silent is killed and started again."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.voice.systemd import Supervisor

WORKER = """
import asyncio
from assistant.voice.systemd import Supervisor
async def main():
    supervisor = Supervisor()
    supervisor.tell("READY=1", status="at work")
    await supervisor.keep_alive()
asyncio.run(main())
"""


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("\0" + address[1:] if address.startswith("@") else address)
        receiver.settimeout(5)
        yield receiver


@pytest.fixture(params=["path", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "notify") if request.param == "path" else f"@assistant-test-{os.getpid()}"


def test_systemd_is_told_what_happens(address: str) -> None:
    with listening(address) as receiver:
        supervisor = Supervisor({"NOTIFY_SOCKET": address})
        supervisor.tell("READY=1", status="waiting\nfor the word")
        supervisor.tell(status="listening")
        supervisor.tell("WATCHDOG=1")
        supervisor.tell("STOPPING=1")
        assert [receiver.recv(1000) for _ in range(4)] == [
            b"READY=1\nSTATUS=waiting for the word",
            b"STATUS=listening",
            b"WATCHDOG=1",
            b"STOPPING=1",
        ]


def test_signs_of_life_come_three_times_a_period(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with listening(address) as receiver:
        supervisor = Supervisor({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "300000"})

        async def run() -> None:
            await asyncio.wait_for(supervisor.keep_alive(), 0.35)

        with pytest.raises(TimeoutError):
            asyncio.run(run())
        receiver.setblocking(False)
        signs = [receiver.recv(100) for _ in range(3)]
        assert signs == [b"WATCHDOG=1"] * 3


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"WATCHDOG_USEC": "1000000"},
        {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "soon"},
        {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"},
    ],
)
def test_where_nobody_watches_nothing_is_sent(environment: dict[str, str]) -> None:
    supervisor = Supervisor(environment)
    assert supervisor.watchdog is None
    asyncio.run(asyncio.wait_for(supervisor.keep_alive(), 1.0))
    supervisor.tell("READY=1")
    supervisor.tell("WATCHDOG=1")


class Watchdog:
    """Starts a command and keeps it alive, as systemd does with ``Type=notify`` and ``WatchdogSec=``."""

    def __init__(self, command: list[str], folder: Path, seconds: float, environment: dict[str, str]) -> None:
        self.starts: list[int] = []
        self._command, self._seconds = command, seconds
        self._address = str(folder / "notify")
        self._environment = environment

    def run_until(self, starts: int, *, stop_first: bool, limit: float = 90.0) -> None:
        """Serve until the command has been ready so many times; the first is stopped with SIGSTOP once it is."""
        with listening(self._address) as receiver:
            end = time.monotonic() + limit
            while len(self.starts) < starts and time.monotonic() < end:
                self._serve_one(receiver, stop=stop_first and not self.starts, last=len(self.starts) + 1 == starts)

    def _serve_one(self, receiver: socket.socket, *, stop: bool, last: bool) -> None:
        own = {"NOTIFY_SOCKET": self._address, "WATCHDOG_USEC": str(int(self._seconds * 1e6))}
        process = subprocess.Popen(
            self._command, env={**os.environ, **self._environment, **own}, stderr=subprocess.PIPE
        )
        try:
            receiver.settimeout(60)
            while b"READY=1" not in receiver.recv(1000):
                pass
            self.starts.append(process.pid)
            if last:
                return
            if stop:
                os.kill(process.pid, signal.SIGSTOP)
            receiver.settimeout(self._seconds)
            while True:
                receiver.recv(1000)
        except TimeoutError:
            assert process.poll() is None, process.communicate()[1].decode()[-500:]
        finally:
            process.kill()
            process.communicate()


def test_a_worker_stopped_with_sigstop_is_started_again(tmp_path: Path) -> None:
    watchdog = Watchdog([sys.executable, "-c", WORKER], tmp_path, 1.0, {})
    watchdog.run_until(2, stop_first=True)
    assert len(set(watchdog.starts)) == 2


def _has_portaudio() -> bool:
    try:
        import sounddevice  # noqa: F401
    except OSError:
        return False
    return True


@pytest.mark.skipif("not _has_portaudio()", reason="the system's PortAudio library is missing")
def test_the_voice_assistant_stopped_with_sigstop_is_started_again(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "assistant", "listen", "--service"]
    watchdog = Watchdog(command, tmp_path, 3.0, {"ASSISTANT_HOME": str(tmp_path / "home"), "ASSISTANT_OFFLINE": "1"})
    watchdog.run_until(2, stop_first=True)
    assert len(set(watchdog.starts)) == 2
