"""systemd: the user unit, from login on, watched and restarted; and what a running service tells it, sd_notify(3)."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from assistant.errors import UserError
from assistant.folders import write_private

__all__ = [
    "NAME",
    "Supervisor",
    "install",
    "journal",
    "own_environment",
    "runs_here",
    "systemctl",
    "uninstall",
    "unit_path",
    "unit_text",
]


NAME = "multimodal-assistant.service"
WATCHDOG = 20
"""seconds without a sign of life after which it is restarted"""

NO_SYSTEMD = (
    "No systemd runs for this user, so there is no service to {what}; run `assistant listen` instead "
    "(in a terminal, or under another supervisor)"
)

UNIT = """\
[Unit]
Description=Voice assistant that listens for its wake word
Documentation=https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html
After=pipewire.service pulseaudio.service sound.target
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
Environment={environment}
Restart=on-failure
RestartSec=2
WatchdogSec={watchdog}
TimeoutAbortSec=5
TimeoutStartSec=120
TimeoutStopSec=15
# A user's own manager has no right to most of systemd's sandbox; these need none.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
UMask=0077
MemoryHigh=2G
MemoryMax=3G
TasksMax=256
OOMPolicy=stop

[Install]
WantedBy=default.target
"""


def unit_path() -> Path:
    """Returns the folder of the user's systemd units."""
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(config) / "systemd" / "user" / NAME


def unit_text(executable: str = "", environment: dict[str, str] | None = None) -> str:
    """The unit's text for a Python (this one by default) and variables (by default the assistant's own, as set now)."""
    kept = own_environment() if environment is None else {"PYTHONUNBUFFERED": "1", **environment}
    command = f"{_quoted(executable or sys.executable)} -m assistant listen --service"
    variables = " ".join(_quoted(f"{name}={value}") for name, value in sorted(kept.items()))
    return UNIT.format(command=command, environment=variables, watchdog=WATCHDOG)


def own_environment() -> dict[str, str]:
    """The assistant's own variables, as they are set now, for a service."""
    return {"PYTHONUNBUFFERED": "1", **{k: v for k, v in os.environ.items() if k.startswith("ASSISTANT_")}}


def _quoted(text: str) -> str:
    """A word as systemd reads it: in quotes, its own signs escaped."""
    for sign, escape in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$"), ("\n", "\\n")):
        text = text.replace(sign, escape)
    return f'"{text}"'


def runs_here() -> bool:
    """Returns whether this user has a systemd manager that answers."""
    if shutil.which("systemctl") is None:
        return False
    try:
        done = subprocess.run(["systemctl", "--user", "show-environment"], capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def systemctl(*arguments: str, what: str) -> str:
    """Runs ``systemctl --user`` for a verb ("start") and returns its output; UserError says why it cannot."""
    if not runs_here():
        raise UserError(NO_SYSTEMD.format(what=what))
    command = ["systemctl", "--user", "--no-pager", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=150)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"systemd does not answer: {error}") from error
    if done.returncode and arguments[0] != "status":
        raise UserError(f"systemd cannot {what} the service: {' '.join(done.stderr.split()) or 'no reason given'}")
    return done.stdout


def install() -> Path:
    """Writes the unit, lets systemd start it at each login, and returns its path; UserError without systemd."""
    if not runs_here():
        raise UserError(NO_SYSTEMD.format(what="install"))
    path = unit_path()
    write_private(path, lambda file: file.write(unit_text().encode()))
    systemctl("daemon-reload", what="install")
    systemctl("enable", NAME, what="install")
    return path


def uninstall() -> bool:
    """Stops the service and removes its unit; False when there was none, UserError without systemd."""
    if not runs_here():
        raise UserError(NO_SYSTEMD.format(what="uninstall"))
    path = unit_path()
    if not path.exists():
        return False
    systemctl("disable", "--now", NAME, what="uninstall")
    path.unlink(missing_ok=True)
    systemctl("daemon-reload", what="uninstall")
    return True


def journal(lines: int) -> str:
    """The newest lines that systemd kept of the service; "" where it keeps none."""
    if shutil.which("journalctl") is None:
        return ""
    command = ["journalctl", "--user", "--no-pager", "-q", "-n", str(lines), "-u", NAME]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


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

    def tell(self, *states: str, status: str = "") -> None:
        """Reports states ("READY=1", "STOPPING=1"), and the line that ``systemctl status`` shows."""
        shown = [f"STATUS={' '.join(status.split())[:200]}"] if status else []
        lines = [*states, *shown]
        if not self._address or not lines:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.settimeout(1.0)
                out.connect(self._address)
                out.sendall("\n".join(lines).encode())
        except OSError as error:
            logger.warning("systemd does not hear us: %s", error)

    async def keep_alive(self) -> None:
        """Sends three signs of life in each watchdog period for ever; returns at once without a watchdog.

        It runs on the event loop that does the work: when that hangs, the signs stop, and systemd restarts us.
        """
        if self.watchdog is None:
            return
        while True:
            self.tell("WATCHDOG=1")
            await asyncio.sleep(self.watchdog / 3)
