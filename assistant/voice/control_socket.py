"""The control socket, which only its owner can open, and the lock that keeps one instance running.

One request and one answer, each a line of JSON: ``{"command": "mute"}`` → ``{"ok": true, "state": "idle", …}`` or
``{"ok": false, "error": "…"}``.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assistant.errors import DeviceError, InputError
from assistant.folders import private_folder, runtime_dir, storage_errors
from assistant.terminal.local_socket import LocalServer, Tell, request

__all__ = ["COMMANDS", "SingleInstance", "control_server", "send"]

COMMANDS: dict[str, str] = {
    "status": "Say what the assistant is doing.",
    "stop": "Fall silent, and forget what is under way.",
    "mute": "Hear nothing until told otherwise.",
    "unmute": "Hear again.",
    "push": "The key to talk was pressed: listen.",
    "release": "The key to talk was released: answer.",
    "wake": "Listen, as if the wake word had been said.",
}
"""command → what it does"""

LONGEST = 4096
"""bytes of a request"""
PATIENCE = 5.0
"""seconds that a client waits for its answer"""

Handler = Callable[[], Mapping[str, Any] | None]


class SingleInstance:
    """A lock that the system releases however the process ends; use it in a ``with``.

    DeviceError when another voice assistant of this user has it; StorageError when the folder cannot be written.
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


def control_server(handlers: Mapping[str, Handler], folder: Path | None = None) -> LocalServer:
    """The server of the control socket, with handlers that run on the event loop."""

    async def handle(asked: Mapping[str, Any], tell: Tell) -> Mapping[str, Any] | None:
        handler = handlers.get(str(asked.get("command")))
        if handler is None:
            raise InputError(f'Send {{"command": NAME}} with one of {", ".join(handlers)}')
        return handler()

    return LocalServer(_socket(folder), handle, LONGEST)


def _socket(folder: Path | None) -> Path:
    return (folder or runtime_dir()) / "voice.sock"


def send(command: str, folder: Path | None = None) -> dict[str, Any]:
    """The answer of the running voice assistant to a command, without "ok"; DeviceError when it runs or obeys not."""
    try:
        answer = request(_socket(folder), {"command": command}, PATIENCE)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise DeviceError(
            "The voice assistant is not running; start it with `assistant service start` or `assistant listen`"
        ) from error
    except (OSError, ValueError) as error:
        raise DeviceError(f"The voice assistant does not answer ({error or 'no answer'})") from error
    if not answer.pop("ok", False):
        raise DeviceError(str(answer.get("error", "The voice assistant refuses")))
    return answer
