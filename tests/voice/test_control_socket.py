import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import DeviceError, StorageError
from assistant.folders import runtime_dir
from assistant.terminal import local_socket
from assistant.voice.control_socket import Handler, SingleInstance, control_server, send


def serving(folder: Path, handlers: dict[str, Handler], use: Callable[[], Any]) -> Any:
    """Runs the server and returns the result of a blocking client."""

    async def run() -> Any:
        async with control_server(handlers, folder):
            return await asyncio.to_thread(use)

    return asyncio.run(run())


def raw(folder: Path, sent: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(3)
        connection.connect(str(folder / "voice.sock"))
        connection.sendall(sent)
        return connection.makefile("rb").readline()


def test_an_order_is_obeyed_and_answered(tmp_path: Path) -> None:
    done: list[str] = []
    handlers: dict[str, Handler] = {"mute": lambda: done.append("mute"), "status": lambda: {"state": "idle"}}
    assert serving(tmp_path, handlers, lambda: (send("mute", tmp_path), send("status", tmp_path))) == (
        {},
        {"state": "idle"},
    )
    assert done == ["mute"]


def test_the_socket_and_its_folder_are_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    modes = serving(folder, {}, lambda: [os.stat(path).st_mode for path in (folder, folder / "voice.sock")])
    assert [stat.S_IMODE(mode) for mode in modes] == [0o700, 0o600]
    assert not (folder / "voice.sock").exists()


@pytest.mark.parametrize(
    "line", [b"\n", b"[]\n", b'{"command": 5}\n', b"\xff\xfe\n", b'{"command": "dance"}\n', b"[" * 3000 + b"\n"]
)
def test_nonsense_is_refused_kindly(tmp_path: Path, line: bytes) -> None:
    answer = json.loads(serving(tmp_path, {"stop": lambda: None}, lambda: raw(tmp_path, line)))
    assert answer == {"ok": False, "error": 'Send {"command": NAME} with one of stop'}


def test_a_line_without_end_is_cut_off(tmp_path: Path) -> None:
    assert serving(tmp_path, {"stop": lambda: None}, lambda: raw(tmp_path, b"x" * 9000)) == b""


def test_one_who_says_nothing_is_sent_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_socket, "PATIENCE", 0.2)
    assert serving(tmp_path, {}, lambda: raw(tmp_path, b"")) == b""


def test_a_crowd_is_turned_away_and_the_socket_lives(tmp_path: Path) -> None:
    def crowd() -> dict[str, Any]:
        silent = []
        for _ in range(30):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(tmp_path / "voice.sock"))
            silent.append(connection)
        for connection in silent:
            connection.close()
        for _ in range(50):
            try:
                return send("status", tmp_path)
            except DeviceError:
                continue
        raise AssertionError("the socket does not answer any more")

    assert serving(tmp_path, {"status": lambda: {"state": "idle"}}, crowd) == {"state": "idle"}


def test_what_fails_is_told_without_a_traceback(tmp_path: Path) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    def busy() -> None:
        raise DeviceError("The microphone is busy.")

    handlers: dict[str, Handler] = {"stop": broken, "wake": busy}
    with pytest.raises(DeviceError, match="Something went wrong; see the log"):
        serving(tmp_path, handlers, lambda: send("stop", tmp_path))
    with pytest.raises(DeviceError, match=r"The microphone is busy\."):
        serving(tmp_path, handlers, lambda: send("wake", tmp_path))


def test_when_none_runs_the_error_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="not running; start it with `assistant service start`"):
        send("status", tmp_path)


def test_a_socket_left_by_a_killed_one_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "voice.sock"))
    with pytest.raises(DeviceError, match="not running"):
        send("status", tmp_path)
    assert serving(tmp_path, {"status": lambda: None}, lambda: send("status", tmp_path)) == {}


def test_a_folder_too_deep_for_a_socket_is_named(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    with pytest.raises(StorageError):
        serving(deep, {}, lambda: None)


def test_a_second_instance_is_refused_and_the_first_named(tmp_path: Path) -> None:
    named = rf"already running \(process {os.getpid()}\)"
    with SingleInstance(tmp_path), pytest.raises(DeviceError, match=named), SingleInstance(tmp_path):
        pass
    with SingleInstance(tmp_path):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal; from assistant.voice.control_socket import SingleInstance;"
        f"SingleInstance(pathlib.Path({str(tmp_path)!r})).__enter__(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9
    with SingleInstance(tmp_path):
        pass


def test_the_runtime_folder_follows_the_system_and_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTANT_HOME", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert runtime_dir() == tmp_path / "multimodal-assistant"
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    assert runtime_dir() == tmp_path / "home" / "data" / "run"
