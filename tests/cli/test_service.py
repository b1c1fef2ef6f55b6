import json
import os
import plistlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from assistant.voice import launchd, systemd


@pytest.fixture(autouse=True)
def _no_systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(systemd, "runs_here", lambda: False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.mark.parametrize("command", ["install", "start", "stop", "uninstall"])
def test_without_systemd_it_says_so_in_one_line(assistant: Callable[..., Result], command: str) -> None:
    done = assistant("service", command)
    assert done.exit_code == 1
    assert done.output.startswith("Error: No systemd runs for this user")
    assert len(done.output.splitlines()) == 1


def test_the_unit_can_be_looked_at_without_systemd(assistant: Callable[..., Result]) -> None:
    done = assistant("service", "install", "--print")
    assert done.exit_code == 0
    assert "Type=notify" in done.output


def test_on_a_mac_it_is_an_agent_of_launchd(
    assistant: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As far as it can be seen elsewhere: a small program stands in for launchctl, and writes down what it is told."""
    told = tmp_path / "told"
    program = tmp_path / "bin" / "launchctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {told}\ntest "$1" != bootout\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_VOICE__SPEED", "1.2")
    monkeypatch.setattr("assistant.cli.service.ON_MAC", True)
    printed = plistlib.loads(assistant("service", "install", "--print").stdout.encode())
    assert printed["ProgramArguments"][1:] == ["-m", "assistant", "listen", "--service"]
    assert printed["EnvironmentVariables"]["ASSISTANT_VOICE__SPEED"] == "1.2"
    assert printed["KeepAlive"] == {"SuccessfulExit": False}
    assert assistant("service", "install").exit_code == 0
    agent = tmp_path / "Library" / "LaunchAgents" / f"{launchd.LABEL}.plist"
    assert plistlib.loads(agent.read_bytes()) == printed
    assert json.loads(assistant("service", "status", "--json").output)["installed"]
    for command in ("start", "stop", "uninstall"):
        assert assistant("service", command).exit_code == 0
    assert not agent.exists()
    target = f"gui/{os.getuid()}"
    assert told.read_text().splitlines() == [
        f"bootout {target}/{launchd.LABEL}",
        f"bootstrap {target} {agent}",
        f"kickstart -k {target}/{launchd.LABEL}",
        f"kill SIGTERM {target}/{launchd.LABEL}",
        f"bootout {target}/{launchd.LABEL}",
    ]


def test_the_status_of_one_that_does_not_run(assistant: Callable[..., Result]) -> None:
    done = assistant("service", "status", "--json")
    assert done.exit_code == 3
    status = json.loads(done.output)
    assert (status["running"], status["installed"], status["systemd"]) == (False, False, False)
    assert "not running" in assistant("service", "tell", "mute").output
    assert "There is no command 'dance'" in assistant("service", "tell", "dance").output


def test_logs_before_anything_was_logged(assistant: Callable[..., Result]) -> None:
    done = assistant("service", "logs")
    assert done.exit_code == 0
    assert "Nothing is logged yet" in done.output
