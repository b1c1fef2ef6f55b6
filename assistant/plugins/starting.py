"""Starts a plugin's process, and waits until it has loaded the plugin and described it."""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import DeadlineExceeded, PluginError
from assistant.plugins.description import Description, read_description
from assistant.plugins.discovery import Source
from assistant.plugins.launcher import Launched, launch
from assistant.plugins.printed import Printed
from assistant.plugins.transfer import ParentStore
from assistant.settings import config_dir, data_dir

__all__ = ["Started", "start_process"]

MAX_DESCRIPTION = 2**20
"""bytes in which a plugin must describe itself"""


@dataclass(eq=False)
class Started:
    """A process that has loaded its plugin, and is paused."""

    launched: Launched
    store: ParentStore
    printed: Printed
    description: Description
    held: tuple[str, ...]
    """which of `assistant.confine.LIMITS` hold in it"""

    def __post_init__(self) -> None:
        self._discard = weakref.finalize(self, _discard, self.launched, self.printed, self.store)

    def connect(self) -> socket.socket:
        """The socket to it, to be closed by who asked for it."""
        connected, self.launched.messages = socket.socket(fileno=self.launched.messages), -1
        return connected

    def close(self) -> None:
        """Kill the process, and close what belongs to it."""
        self._discard()


def _discard(launched: Launched, printed: Printed, store: ParentStore) -> None:
    launched.kill()
    if launched.messages >= 0:
        os.close(launched.messages)
    printed.close()
    store.close()


def start_process(source: Source, memory: int, timeout: float) -> Started:
    """Start a plugin's process; blocks until it is loaded.

    Args:
        source: where it imports the plugin from.
        memory: MB that it may use.
        timeout: seconds that loading may take.

    Raises:
        PluginError: it failed; says why, with file and line.
        DeadlineExceeded: it took too long.
    """
    store = ParentStore()
    try:
        launched = launch(source.name, _request(source, store.folder, memory))
    except BaseException:
        store.close()
        raise
    printed = Printed(source.name, launched.output)
    try:
        lines = _lines(source.name, launched, printed, timeout)
        limits = _read(source.name, next(lines))
        said = _read(source.name, next(lines))
        if "failed" in said:
            raise PluginError(source.name, str(said["failed"])[:600])
        described = said["described"] if isinstance(said.get("described"), dict) else {}
        declared = described.get("capabilities")
        if isinstance(declared, list):  # what it was given is what it wrote; it cannot take that back while it runs
            described["capabilities"] = [*dict.fromkeys([*declared, *limits["capabilities"]])]
        launched.pause()
        return Started(launched, store, printed, read_description(source.name, described), tuple(limits["held"]))
    except BaseException:
        _discard(launched, printed, store)
        raise


def _request(source: Source, pictures: Path, memory: int) -> dict[str, Any]:
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
        raise PluginError(plugin, "sent a message of no known form while it was loaded")
    return message


def _lines(plugin: str, launched: Launched, printed: Printed, timeout: float) -> Iterator[bytes]:
    """What the process sends, line by line; what it prints goes to the log meanwhile."""
    end, read = time.monotonic() + timeout, b""
    watched = [launched.messages, launched.output]
    while True:
        while b"\n" in read:
            line, _, read = read.partition(b"\n")
            yield line
        ready, _, _ = select.select(watched, [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise DeadlineExceeded(f"took longer than {timeout:g} s to load")
        if launched.output in ready and not printed.take():
            watched.remove(launched.output)
        if printed.flooded:
            raise PluginError(plugin, printed.flooded)
        if watched[0] in ready:
            data = os.read(watched[0], 2**16)
            read += data
            if not data:
                code = launched.reap()
                how = f"signal {-code}" if code < 0 else f"code {code}"
                raise PluginError(plugin, f"its process ended while it was loaded ({how})")
            if len(read) > MAX_DESCRIPTION:
                raise PluginError(plugin, f"describes itself in more than {MAX_DESCRIPTION // 2**20} MB")
