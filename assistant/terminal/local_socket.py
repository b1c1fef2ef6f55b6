"""Sockets through which programs of one user talk to each other: a request and an answer, each a line of JSON.

Lines ``{"part": {…}}`` may come before the answer, while it is made.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from assistant.errors import StorageError, UserError
from assistant.folders import private_folder, storage_errors

__all__ = ["LocalServer", "Tell", "request"]

AT_ONCE = 8
"""connections; more are turned away"""
PATIENCE = 5.0
"""seconds that a client may take for its line"""

Tell = Callable[[Mapping[str, Any]], None]
"""sends a part of an answer"""
Handler = Callable[[Mapping[str, Any], Tell], Awaitable[Mapping[str, Any] | None]]

logger = logging.getLogger(__name__)


class LocalServer:
    """Serves a socket that only its owner can open; use it in an ``async with``, which may raise `StorageError`.

    An answer is ``{"ok": true, …}`` with what the handler returns, or ``{"ok": false, "error": "…"}``. A client that
    goes away cancels its request.

    Args:
        path: of the socket; one that is left over there is replaced.
        handle: takes a request, empty if not a JSON object, and a function that sends parts of the answer ahead
            of it; may raise `UserError`.
        longest: bytes of a request.
    """

    def __init__(self, path: Path, handle: Handler, longest: int) -> None:
        self._path = path
        self._handle = handle
        self._longest = longest
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> LocalServer:
        private_folder(self._path.parent)
        with storage_errors(str(self._path)):
            self._path.unlink(missing_ok=True)  # of an instance that was killed
            before = os.umask(0o177)
            try:
                self._server = await asyncio.start_unix_server(self._serve, self._path, limit=self._longest)
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
            line = await asyncio.wait_for(reader.readline(), PATIENCE)
            answering = asyncio.ensure_future(self._answer(line, lambda part: _send(writer, {"part": part})))
            gone = asyncio.ensure_future(reader.read(1))
            try:
                await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
                if answering.done():
                    _send(writer, answering.result())
                    await asyncio.wait_for(writer.drain(), PATIENCE)
            finally:
                answering.cancel()
                gone.cancel()
                await asyncio.gather(answering, gone, return_exceptions=True)
        except (TimeoutError, OSError, ValueError):  # too slow, gone, or too long a line
            pass
        finally:
            self._clients.discard(task)
            writer.close()

    async def _answer(self, line: bytes, tell: Tell) -> dict[str, Any]:
        try:
            asked = json.loads(line)
        except (ValueError, RecursionError):
            asked = None
        try:
            return {"ok": True, **(await self._handle(asked if isinstance(asked, dict) else {}, tell) or {})}
        except UserError as error:
            return {"ok": False, "error": str(error)}
        except Exception:
            logger.exception("a request on %s", self._path)
            return {"ok": False, "error": "Something went wrong; see the log"}


def _send(writer: asyncio.StreamWriter, message: Mapping[str, Any]) -> None:
    writer.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")


def _is_owner(connection: Any) -> bool:
    """Returns whether the other end belongs to the same user (or root), where the system tells."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", credentials)[1] in (os.getuid(), 0)


def request(
    path: Path, asked: Mapping[str, Any], patience: float | None = None, on_part: Tell | None = None
) -> dict[str, Any]:
    """Send a request and wait for its answer, in seconds of `patience` if given; `on_part` gets what comes ahead of it.

    Raises:
        OSError: nothing listens there, or it went away.
        ValueError: the answer is not JSON, or none came.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience)
        connection.connect(str(path))
        connection.sendall(json.dumps(asked).encode() + b"\n")
        lines = connection.makefile("rb")
        while True:
            answer = json.loads(lines.readline())
            if not isinstance(answer, dict):
                raise ValueError("the answer is not a JSON object")
            if "part" not in answer:
                return answer
            if on_part is not None:
                on_part(answer["part"])
