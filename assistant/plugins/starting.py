"""Starts a plugin's process and waits until it has loaded the plugin; pauses, resumes and kills it.

On Linux the processes are forks of one clean server, elsewhere each is a fresh Python.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from assistant.confine import start_python
from assistant.errors import DeadlineExceeded, PluginError
from assistant.plugins.description import Description, read_description
from assistant.plugins.discovery import Source
from assistant.plugins.pipe import ParentStore
from assistant.settings import config_dir, data_dir

__all__ = ["Printed", "Started", "ended_how"]


CHILD, SERVER = "assistant.plugins.child_process", "assistant.plugins.fork_server"

FORKS = platform.system() == "Linux"
"""a fresh Python takes about a second and some 50 MB"""
PATIENCE = 60.0
"""seconds that the server may take to begin, or to answer"""
REAP_SECONDS = 0.02
"""between the end of a process's socket and its own"""
MAX_DESCRIPTION = 2**20
"""bytes in which a plugin must describe itself"""


class Started:
    """A process in a session of its own that has loaded its plugin, and is paused. Killed when it is released.

    Args:
        memory: MB that it may use.
        timeout: seconds that loading may take; making it blocks so long.

    Attributes:
        messages: the socket to it.
        held: which of `assistant.confine.LIMITS` hold in it.

    Raises:
        PluginError: it failed; says why, with file and line.
        DeadlineExceeded: it took too long.
    """

    def __init__(self, source: Source, memory: int, timeout: float) -> None:
        if os.name != "posix":
            trusting = (
                f'[plugins] trusted = ["{source.name}"] in your settings runs it in the program itself, without limits'
            )
            raise PluginError(source.name, f"cannot run in a process of its own on this system; {trusting}")
        self.store = ParentStore()
        self.messages, there = socket.socketpair()
        output, its_output = os.pipe()
        try:
            with there:
                self._process = _launch(_request(source, self.store.folder, memory), there.fileno(), its_output)
        except BaseException as error:
            os.close(output)
            self.messages.close()
            self.store.close()
            if isinstance(error, (OSError, ValueError)):
                raise PluginError(source.name, f"its process cannot be started: {error}") from error
            raise
        finally:
            os.close(its_output)
        self.printed = Printed(source.name, output, self._process.kill)
        self.close = weakref.finalize(self, _discard, self._process, self.messages, self.printed, self.store)
        """kills the process, and closes what belongs to it"""
        try:
            self._wait_until_loaded(source.name, timeout)
        except BaseException:
            self.close()
            raise

    def _wait_until_loaded(self, plugin: str, timeout: float) -> None:
        lines = self._lines(plugin, time.monotonic() + timeout)
        try:
            limits, said = next(lines), next(lines)
        except TimeoutError:
            raise DeadlineExceeded(f"took longer than {timeout:g} s to load") from None
        if "failed" in said:
            raise PluginError(plugin, str(said["failed"])[:600])
        described = said["described"] if isinstance(said.get("described"), dict) else {}
        declared = described.get("capabilities")
        if isinstance(declared, list):  # what it was given is what it wrote; it cannot take that back while it runs
            described["capabilities"] = [*dict.fromkeys([*declared, *limits["capabilities"]])]
        self.pause()
        self.description: Description = read_description(plugin, described)
        self.held = tuple(limits["held"])

    def _lines(self, plugin: str, end: float) -> Iterator[dict[str, Any]]:
        """The lines that the process sends."""
        read = b""
        while True:
            while b"\n" in read:
                line, _, read = read.partition(b"\n")
                yield _read(plugin, line)
            self.messages.settimeout(max(0.001, end - time.monotonic()))
            data = self.messages.recv(2**16)
            read += data
            if not data:
                how = ended_how(self.reap())
                raise PluginError(plugin, self.printed.flooded or f"its process ended while it was loaded ({how})")
            if len(read) > MAX_DESCRIPTION:
                raise PluginError(plugin, f"describes itself in more than {MAX_DESCRIPTION // 2**20} MB")

    def pause(self) -> None:
        """Let it use no processor time until `resume`."""
        self._process.signal("SIGSTOP")

    def resume(self) -> None:
        """Let it go on."""
        self._process.signal("SIGCONT")

    def kill(self) -> int:
        """Kill it and all it started; returns its exit code, negative for a signal."""
        self._process.kill()
        return self._process.wait()

    def reap(self) -> int:
        """Its exit code, when it has closed its end of the socket and so is about to end; else it is killed."""
        time.sleep(REAP_SECONDS)
        return self.kill()


def ended_how(code: int) -> str:
    """An exit code in words."""
    return f"signal {-code}" if code < 0 else f"code {code}"


def _discard(process: _Process, messages: socket.socket, printed: Printed, store: ParentStore) -> None:
    process.kill()
    process.wait()
    messages.close()
    printed.close()
    store.close()


def _request(source: Source, pictures: Path, memory: int) -> dict[str, Any]:
    """The request for `assistant.plugins.child_process.become`."""
    return {
        "name": source.name,
        "path": str(source.path),
        "entry": source.entry.value if source.entry else "",
        "pictures": str(pictures),
        "data": str(data_dir() / "plugins" / source.name),
        "memory": memory,
        "sys_path": [entry for entry in sys.path if entry],
        "private": [str(path) for path in (Path.home(), config_dir(), data_dir())],
    }


def _read(plugin: str, line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise PluginError(plugin, "sent an unknown message while it was loaded")
    return message


class _Process:
    """A process that this program started itself, or whose server alone can wait for it."""

    def __init__(self, pid: int, server: _Server | None = None, popen: subprocess.Popen[bytes] | None = None) -> None:
        self.pid, self._server, self._popen = pid, server, popen

    def kill(self) -> None:
        """End it with its whole session."""
        self.signal("SIGKILL")

    def wait(self) -> int:
        """Wait until it has ended; its exit code."""
        if self._popen is not None:
            return self._popen.wait()
        server, self._server = self._server, None
        return server.ask({"wait": self.pid}).get("code", -signal.SIGKILL) if server is not None else 0

    def signal(self, name: str) -> None:
        """Send it a signal, unless it is gone: until it is waited for, no other process has its number."""
        gone = self._popen.poll() is not None if self._popen else self._server is None or not self._server.alive
        if gone:
            return
        number = getattr(signal, name, signal.SIGTERM)
        with suppress(OSError):
            if number == signal.SIGKILL:
                os.killpg(self.pid, number)
        with suppress(OSError):
            os.kill(self.pid, number)


class _Server:
    """The fork server of this program."""

    def __init__(self) -> None:
        self._using = threading.Lock()
        self._control, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(PATIENCE)
        with there:
            self._popen = start_python(SERVER, [str(there.fileno())], (there.fileno(),))
        atexit.register(self.close)

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    def close(self) -> None:
        """End it, with all that it forked."""
        self._control.close()
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(1.0)

    def ask(self, request: dict[str, Any], handles: tuple[int, ...] = ()) -> dict[str, int]:
        """Send a request and wait for its answer; {} when the server has ended."""
        with self._using, suppress(OSError):
            socket.send_fds(self._control, [json.dumps(request).encode()], handles)
            if answer := self._control.recv(2**16):
                found: dict[str, int] = json.loads(answer)
                return found
        return {}


_server: _Server | None = None
_starting = threading.Lock()


def _launch(request: dict[str, Any], *handles: int) -> _Process:
    """Start a process with two file descriptors; blocks for milliseconds, the first time until the server has begun."""
    global _server
    if not FORKS:
        popen = start_python(CHILD, [*map(str, handles), json.dumps(request)], handles)
        return _Process(popen.pid, popen=popen)
    with _starting:
        if _server is None or not _server.alive:
            _server = _Server()
        server = _server
    answer = server.ask({"start": request}, handles)
    if "pid" not in answer:
        raise OSError("the process that forks them does not answer")
    return _Process(answer["pid"], server)


MOST = 256 * 2**10
"""bytes that it may print in one answer"""
LONGEST = 2_000
"""characters of a line that are kept"""
LAST_WORDS = 0.5
"""seconds for which the last lines of a process that has ended are waited for"""

logger = logging.getLogger(__name__)


class Printed:
    """Reads what a process prints, on a thread of its own, until it ends.

    Args:
        handle: file descriptor of a pipe; closed at the end.
        end: kills the process; called once it has printed too much.
    """

    def __init__(self, plugin: str, handle: int, end: Callable[[], object]) -> None:
        self.flooded = ""
        """why the process had to end; "" when it had not"""
        self._plugin, self._handle, self._end = plugin, handle, end
        self._bytes = 0
        self._thread = threading.Thread(target=self._read, name=f"{plugin} printed", daemon=True)
        self._thread.start()

    def allow(self) -> None:
        """Reset the count: the next answer begins."""
        self._bytes = 0

    def close(self) -> None:
        """Wait until all output is logged; call it when the process has ended."""
        self._thread.join(LAST_WORDS)

    def _read(self) -> None:
        begun = b""
        while data := os.read(self._handle, 2**16):
            self._bytes += len(data)
            if self._bytes > MOST:
                self.flooded = f"printed more than {MOST // 2**10} KB in one answer"
                self._end()
                break
            *lines, begun = (begun + data).split(b"\n")
            if len(begun) > LONGEST:
                lines, begun = [*lines, begun], b""
            for line in lines:
                self._log(line)
        self._log(begun)
        os.close(self._handle)

    def _log(self, line: bytes) -> None:
        if not (read := line.strip().decode("utf-8", "replace")[:LONGEST]):
            return
        text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in read)
        severe = text.startswith(("WARNING ", "ERROR ", "CRITICAL ", "Traceback "))
        logger.log(logging.WARNING if severe else logging.INFO, "plugin %s: %s", self._plugin, text)
