"""The control socket, which only its owner can open, and the lock that keeps one instance running.

One request and one answer, each a line of JSON: ``{"command": "mute"}`` → ``{"ok": true, "state": "idle", …}`` or
``{"ok": false, "error": "…"}``.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import socket
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assistant.errors import DeviceError, StorageError, UserError
from assistant.settings import data_dir
from assistant.storage.files import private_folder, storage_errors

__all__ = ["COMMANDS", "ControlServer", "SingleInstance", "runtime_dir", "send"]

COMMANDS: dict[str, str] = {
    "status": "Say what the assistant is doing.",
    "stop": "Fall silent, and forget what is under way.",
    "mute": "Hear nothing until told otherwise.",
    "unmute": "Hear again.",
    "push": "The key to talk was pressed: listen.",
    "release": "The key to talk was let go: answer.",
    "wake": "Listen, as if the wake word had been said.",
}
"""command → what it does"""

LONGEST = 4096
"""bytes of a request or an answer"""
PATIENCE = 5.0
"""seconds that a client may take for its line, and the assistant for its answer"""
AT_ONCE = 8
"""connections; more are turned away"""

Handler = Callable[[], Mapping[str, Any] | None]

logger = logging.getLogger(__name__)


def runtime_dir() -> Path:
    """The folder for the socket and the lock: the user's runtime folder, if there is one."""
    home, runtime = os.environ.get("ASSISTANT_HOME"), os.environ.get("XDG_RUNTIME_DIR")
    if runtime and not home and Path(runtime).is_dir():
        return Path(runtime) / "multimodal-assistant"
    return data_dir() / "run"


class SingleInstance:
    """A lock that the system releases however the process ends; use it in a ``with``.

    Raises:
        DeviceError: on entering: another voice assistant of this user has it.
        StorageError: the folder cannot be written.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._path = (folder or runtime_dir()) / "voice.lock"
        self._descriptor = -1

    def __enter__(self) -> SingleInstance:
        private_folder(self._path.parent)
        with storage_errors(str(self._path)):
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise DeviceError(
                f"Another voice assistant is already running{f' (process {holder})' if holder else ''}; "
                "stop it first: `assistant service stop`, or Ctrl-C where it runs"
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._descriptor)


class ControlServer:
    """Serves the control socket with handlers that run on the event loop; use it in an ``async with``.

    Raises:
        StorageError: on entering: the socket cannot be made.
    """

    def __init__(self, handlers: Mapping[str, Handler], folder: Path | None = None) -> None:
        self._handlers = handlers
        self._path = (folder or runtime_dir()) / "voice.sock"
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> ControlServer:
        private_folder(self._path.parent)
        with storage_errors(str(self._path)):
            self._path.unlink(missing_ok=True)  # of an instance that was killed: we hold the lock
            before = os.umask(0o177)
            try:
                self._server = await asyncio.start_unix_server(self._serve, self._path, limit=LONGEST)
            except ValueError as error:  # longer than a socket's name may be
                raise StorageError(
                    f"{self._path} is too long for a socket; set ASSISTANT_HOME to a shorter one"
                ) from error
            finally:
                os.umask(before)
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._clients) >= AT_ONCE or not _is_owner(writer.get_extra_info("socket")):
            writer.close()
            return
        self._clients.add(task)
        try:
            async with asyncio.timeout(PATIENCE):
                answer = self._answer(await reader.readline())
                writer.write(json.dumps(answer, ensure_ascii=False).encode()[: LONGEST - 1] + b"\n")
                await writer.drain()
        except (TimeoutError, OSError, ValueError):  # too slow, gone, or too long a line
            pass
        finally:
            self._clients.discard(task)
            writer.close()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            command = request["command"]
            handler = self._handlers[command]
        except (ValueError, KeyError, TypeError, RecursionError):
            return {"ok": False, "error": f'Send {{"command": NAME}} with one of {", ".join(self._handlers)}'}
        try:
            return {"ok": True, **(handler() or {})}
        except UserError as error:
            return {"ok": False, "error": str(error)}
        except Exception:
            logger.exception("command %s", command)
            return {"ok": False, "error": "Something went wrong; see the log"}


def _is_owner(connection: Any) -> bool:
    """Whether the other end belongs to the same user (or root), where the system tells."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", credentials)[1] in (os.getuid(), 0)


def send(command: str, folder: Path | None = None) -> dict[str, Any]:
    """Sends a command to the running voice assistant; returns its answer without "ok".

    Raises:
        DeviceError: none is running, it does not answer, or it refuses (with its reason).
    """
    path = (folder or runtime_dir()) / "voice.sock"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(path))
            connection.sendall(json.dumps({"command": command}).encode() + b"\n")
            line = connection.makefile("rb").readline(LONGEST)
        answer = json.loads(line)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise DeviceError(
            "The voice assistant is not running; start it with `assistant service start` or `assistant listen`"
        ) from error
    except (OSError, ValueError) as error:
        raise DeviceError(f"The voice assistant does not answer ({error or 'no answer'})") from error
    if not answer.pop("ok", False):
        raise DeviceError(str(answer.get("error", "The voice assistant refuses")))
    return dict(answer)
