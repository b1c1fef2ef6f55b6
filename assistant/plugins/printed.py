"""What a plugin's process prints: each line goes to the log, and a flood ends the process."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

__all__ = ["Printed"]

MOST = 256 * 2**10
"""bytes that it may print in one answer"""
LONGEST = 2_000
"""characters of a line that are kept"""
PATIENCE = 0.5
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
        self._thread = threading.Thread(target=self._read, name=f"plugin-{plugin}-printed", daemon=True)
        self._thread.start()

    def allow(self) -> None:
        """Count anew: the next answer begins."""
        self._bytes = 0

    def close(self) -> None:
        """Wait until what is left is logged; call it when the process has ended."""
        self._thread.join(PATIENCE)

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
