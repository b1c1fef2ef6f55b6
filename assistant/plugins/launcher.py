"""Starts, pauses and kills the processes of plugins: forks of one clean server on Linux, fresh ones elsewhere."""

from __future__ import annotations

import atexit
import json
import os
import platform
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from assistant.confine import start_python
from assistant.errors import PluginError

__all__ = ["Launched", "launch", "trust_line"]

CHILD, SERVER = "assistant.plugins.child_process", "assistant.plugins.fork_server"

FORKS = platform.system() == "Linux"
"""elsewhere each process is a fresh Python, which takes about a second and some 50 MB"""

PATIENCE = 60.0
"""seconds that the server may take to begin, or to answer"""
REAP_SECONDS = 0.02
"""between the end of a process's socket and its own"""


@dataclass(eq=False)
class Launched:
    """A plugin's process, in a session of its own."""

    pid: int
    messages: int
    """file descriptor of a socket, a stream in both directions"""
    output: int
    """file descriptor of what it prints"""
    server: _Server | None = None
    """that forked it, and that alone can wait for it"""
    popen: subprocess.Popen[bytes] | None = None

    def pause(self) -> None:
        """Let it use no processor time until `resume`."""
        self._signal("SIGSTOP")

    def resume(self) -> None:
        """Let it go on."""
        self._signal("SIGCONT")

    def kill(self) -> int:
        """End it, whatever it does, and whatever it started; returns its exit code, negative for a signal."""
        self._signal("SIGKILL")
        return self.wait()

    def reap(self) -> int:
        """Its exit code, when it has closed its end of the socket and so is about to end; else it is killed."""
        time.sleep(REAP_SECONDS)
        return self.kill()

    def wait(self) -> int:
        """Wait until it has ended; its exit code."""
        if self.popen is not None:
            return self.popen.wait()
        if self.server is None:
            return 0
        server, self.server = self.server, None
        return server.ask({"wait": self.pid}).get("code", -signal.SIGKILL)

    def _signal(self, name: str) -> None:
        gone = self.popen.poll() is not None if self.popen else self.server is None or not self.server.alive
        number = getattr(signal, name, signal.SIGTERM)
        if gone:
            return
        with suppress(ProcessLookupError, PermissionError, OSError):
            if number == signal.SIGKILL:
                os.killpg(self.pid, number)
        with suppress(ProcessLookupError, PermissionError, OSError):
            os.kill(self.pid, number)


def launch(plugin: str, request: dict[str, Any]) -> Launched:
    """Start a process for a plugin; blocks for some milliseconds, the first time until the server has begun.

    Args:
        plugin: for errors.
        request: what `assistant.plugins.child_process.become` takes.

    Raises:
        PluginError: no process can be started here.
    """
    if os.name != "posix":
        raise PluginError(plugin, f"cannot run in a process of its own on this system; {trust_line(plugin)}")
    here, there = socket.socketpair()
    output, its_output = os.pipe()
    try:
        with there:
            if FORKS:
                return _forked(request, here, there, output, its_output)
            handles = (there.fileno(), its_output)
            popen = start_python(CHILD, [*map(str, handles), json.dumps(request)], handles)
            return Launched(popen.pid, here.detach(), output, popen=popen)
    except (OSError, ValueError) as error:
        here.close()
        os.close(output)
        raise PluginError(plugin, f"its process cannot be started: {error}") from error
    finally:
        os.close(its_output)


def trust_line(plugin: str) -> str:
    """How the user lets a plugin run in the program itself."""
    return f'[plugins] trusted = ["{plugin}"] in your settings runs it in the program itself, without limits'


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


def _forked(
    request: dict[str, Any], here: socket.socket, there: socket.socket, output: int, its_output: int
) -> Launched:
    global _server
    with _starting:
        if _server is None or not _server.alive:
            _server = _Server()
        server = _server
    answer = server.ask({"start": request}, (there.fileno(), its_output))
    if "pid" not in answer:
        raise OSError("the process that forks them does not answer")
    return Launched(answer["pid"], here.detach(), output, server)
