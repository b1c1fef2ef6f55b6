import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from assistant.voice import systemd


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
