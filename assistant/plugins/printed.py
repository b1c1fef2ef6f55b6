"""What a plugin's process prints: each line goes to the log, and a flood ends the process."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable

__all__ = ["Printed"]

MOST = 256 * 2**10
"""bytes that it may print in one answer"""
LONGEST = 2_000
"""characters of a line that are kept"""

logger = logging.getLogger(__name__)


class Printed:
    """Reads what a process prints.

    Args:
        plugin: named in every line of the log.
        handle: file descriptor of a pipe.
    """

    def __init__(self, plugin: str, handle: int) -> None:
        self.flooded = ""
        """why the process must end; "" when it need not"""
        self._plugin, self._handle = plugin, handle
        self._begun = b""
        self._bytes = 0
        self._open = True
        self._watching = False

    def allow(self) -> None:
        """Count anew: the next answer begins."""
        self._bytes = 0

    def take(self) -> bool:
        """Log what is there; False at the end. Blocks when nothing is there."""
        data = os.read(self._handle, 2**16)
        self._bytes += len(data)
        if self._bytes > MOST:
            self.flooded = f"printed more than {MOST // 2**10} KB in one answer"
            return False
        *lines, self._begun = (self._begun + data).split(b"\n")
        if len(self._begun) > LONGEST or not data:
            lines, self._begun = [*lines, self._begun], b""
        for line in filter(None, map(bytes.strip, lines)):
            read = line.decode("utf-8", "replace")[:LONGEST]
            text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in read)
            severe = text.startswith(("WARNING ", "ERROR ", "CRITICAL ", "Traceback "))
            logger.log(logging.WARNING if severe else logging.INFO, "plugin %s: %s", self._plugin, text)
        return bool(data)

    def watch(self, loop: asyncio.AbstractEventLoop, flooded: Callable[[], object]) -> None:
        """Log from now on whatever comes.

        Args:
            flooded: called once it is too much.
        """

        def ready() -> None:
            if not self.take():
                self.unwatch(loop)
                if self.flooded:
                    flooded()

        if self._open:
            loop.add_reader(self._handle, ready)
            self._watching = True

    def unwatch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop watching."""
        if self._watching:
            self._watching = False
            loop.remove_reader(self._handle)

    def close(self) -> None:
        """Log what is left, and close the pipe."""
        if self._open:
            self._open = False
            os.set_blocking(self._handle, False)
            try:
                while not self.flooded and self.take():
                    pass
            except OSError:
                pass  # nothing more is there
            os.close(self._handle)
