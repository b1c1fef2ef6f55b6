"""systemd's notification protocol, sd_notify(3), in plain Python."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Mapping

__all__ = ["Supervisor"]

logger = logging.getLogger(__name__)


class Supervisor:
    """Reports to systemd through ``NOTIFY_SOCKET``; does nothing without it. ``WATCHDOG_USEC`` sets the watchdog."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # An abstract socket's name begins with a NUL, which no environment variable can hold.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog = self._seconds(environment) if self._address else None
        """seconds within which a sign of life is expected; None for no watchdog"""

    @staticmethod
    def _seconds(environment: Mapping[str, str]) -> float | None:
        meant = environment.get("WATCHDOG_PID", "")
        if meant and meant != str(os.getpid()):
            return None
        try:
            microseconds = int(environment.get("WATCHDOG_USEC", "0"))
        except ValueError:
            return None
        return microseconds / 1e6 if microseconds > 0 else None

    def ready(self, status: str = "") -> None:
        """Reports that the start is complete."""
        self._send("READY=1", *_status(status))

    def status(self, text: str) -> None:
        """Sets the line that ``systemctl status`` shows."""
        self._send(*_status(text))

    def alive(self) -> None:
        """Sends a sign of life."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Reports the shutdown."""
        self._send("STOPPING=1")

    async def keep_alive(self) -> None:
        """Sends three signs of life in each watchdog period for ever; returns at once without a watchdog.

        It runs on the event loop that does the work: when that hangs, the signs stop, and systemd restarts us.
        """
        if self.watchdog is None:
            return
        while True:
            self.alive()
            await asyncio.sleep(self.watchdog / 3)

    def _send(self, *lines: str) -> None:
        if not self._address or not lines:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.settimeout(1.0)
                out.connect(self._address)
                out.sendall("\n".join(lines).encode())
        except OSError as error:
            logger.warning("systemd does not hear us: %s", error)


def _status(text: str) -> list[str]:
    return ["STATUS=" + " ".join(text.split())[:200]] if text else []
