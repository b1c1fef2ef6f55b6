"""A small process without threads that has imported what plugins need, and forks one process for each of them.

``python -P -m assistant.plugins.fork_server FD``; `assistant.plugins.starting` starts it and asks it over a socket.
A request is one JSON packet: ``{"start": {…}}`` with two file descriptors (messages, output) is answered with
``{"pid": 7}``, ``{"wait": 7}`` with ``{"code": -9}``. Until it is waited for, a process that has ended keeps its
number, so that a signal sent to it can reach no other. When the assistant ends, all of them are killed.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

from assistant.plugins import child_process

__all__ = ["main"]

PACKET = 2**17
"""bytes of the longest request"""


def main() -> None:
    """Serve until the assistant closes the socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    child_process.warm_up()
    gc.collect()
    gc.freeze()  # so that a child's collection does not copy the memory it shares with this process
    pids: dict[int, str] = {}
    while True:
        data, handles, _, _ = socket.recv_fds(control, PACKET, 2)
        if not data:
            break
        request = json.loads(data)
        control.send(json.dumps(_serve(request, handles, pids)).encode())
    for pid, folder in pids.items():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)  # left by an assistant that was killed


def _serve(request: dict[str, Any], handles: list[int], pids: dict[int, str]) -> dict[str, int]:
    """Do what a request asks; `pids` holds the processes, each with the folder of its pictures."""
    if "wait" in request:
        pid = request["wait"]
        pids.pop(pid, None)
        return {"code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}
    pid = os.fork()
    if pid == 0:
        try:
            child_process.become(request["start"], *handles)
        finally:
            os._exit(70)  # the child must never continue as the server
    for handle in handles:
        os.close(handle)
    pids[pid] = request["start"]["pictures"]
    return {"pid": pid}


if __name__ == "__main__":
    main()
