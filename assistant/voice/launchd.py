"""launchd: the agent of a user on macOS, from login on, restarted when it fails. Written from Apple's manual pages
(launchd.plist(5), launchctl(1)); it has not run on a Mac yet."""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from pathlib import Path

from assistant.errors import UserError
from assistant.folders import write_private
from assistant.voice.systemd import own_environment

__all__ = ["LABEL", "agent_path", "agent_text", "install", "start", "stop", "uninstall"]

LABEL = "org.multimodal-assistant.voice"
THROTTLE = 10
"""seconds between two starts, at least"""


def agent_path() -> Path:
    """Path of the user's agent."""
    return Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"


def agent_text(executable: str = "") -> bytes:
    """The agent as a property list, for a Python (this one by default)."""
    agent = {
        "Label": LABEL,
        "ProgramArguments": [executable or sys.executable, "-m", "assistant", "listen", "--service"],
        "EnvironmentVariables": own_environment(),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": THROTTLE,
        "ProcessType": "Interactive",  # sound must not wait
        "Umask": 0o077,
    }
    return plistlib.dumps(agent)


def install() -> Path:
    """Writes the agent, which launchd starts at each login, and returns its path; UserError when that is refused."""
    path = agent_path()
    write_private(path, lambda file: file.write(agent_text()))
    _launchctl("bootout", _target(), may_fail=True)  # an earlier one
    _launchctl("bootstrap", f"gui/{os.getuid()}", str(path))
    return path


def start() -> None:
    """Starts or restarts it."""
    _launchctl("kickstart", "-k", _target())


def stop() -> None:
    """Ends it until the next login; an exit without failure is not restarted."""
    _launchctl("kill", "SIGTERM", _target())


def uninstall() -> bool:
    """Ends it and removes it; False when there was none."""
    path = agent_path()
    if not path.exists():
        return False
    _launchctl("bootout", _target(), may_fail=True)
    path.unlink(missing_ok=True)
    return True


def _target() -> str:
    return f"gui/{os.getuid()}/{LABEL}"


def _launchctl(*arguments: str, may_fail: bool = False) -> None:
    try:
        done = subprocess.run(["launchctl", *arguments], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"launchd does not answer: {error}") from error
    if done.returncode and not may_fail:
        raise UserError(f"launchctl {arguments[0]} failed: {' '.join(done.stderr.split()) or 'no reason given'}")
