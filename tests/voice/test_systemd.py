import re
import shutil
import subprocess
from pathlib import Path

import pytest

from assistant.errors import UserError
from assistant.voice import systemd


def setting(text: str, name: str) -> str:
    found = re.search(rf"^{name}=(.*)$", text, re.MULTILINE)
    assert found, f"{name} is not set"
    return found.group(1)


def test_the_unit_waits_for_readiness_and_watches() -> None:
    text = systemd.unit_text("/usr/bin/python3", {})
    assert setting(text, "Type") == "notify"
    assert setting(text, "Restart") == "on-failure"
    assert int(setting(text, "WatchdogSec")) == systemd.WATCHDOG
    assert setting(text, "ExecStart") == '"/usr/bin/python3" -m assistant listen --service'
    assert setting(text, "UMask") == "0077"


def test_strange_names_are_quoted_as_systemd_reads_them() -> None:
    text = systemd.unit_text('/my "odd" $HOME/100%/python', {"ASSISTANT_HOME": "/a b\nUser=root"})
    assert setting(text, "ExecStart").startswith('"/my \\"odd\\" $$HOME/100%%/python" ')
    assert '"ASSISTANT_HOME=/a b\\nUser=root"' in setting(text, "Environment")
    assert "\nUser=root" not in text


def test_only_the_assistants_own_variables_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_VOICE__SPEED", "1.1")
    monkeypatch.setenv("SOMEBODYS_SECRET", "swordfish")
    text = systemd.unit_text()
    assert "ASSISTANT_VOICE__SPEED=1.1" in text
    assert "swordfish" not in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_no_fault_with_the_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    path = tmp_path / systemd.NAME
    path.write_text(systemd.unit_text(environment={"ASSISTANT_HOME": "/a b/100%"}))
    done = subprocess.run(["systemd-analyze", "--user", "verify", str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_systemd_each_command_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    for what, action in (
        ("install", systemd.install),
        ("uninstall", systemd.uninstall),
        ("start", lambda: systemd.systemctl("start", systemd.NAME, what="start")),
    ):
        with pytest.raises(UserError, match=f"so there is no service to {what}; run `assistant listen` instead"):
            action()
    assert systemd.journal(5) == ""


def test_a_manager_that_hangs_counts_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "systemctl"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert not systemd.runs_here()


def test_the_commands_are_given_to_systemd_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake, said = tmp_path / "systemctl", tmp_path / "said"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {said}\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = systemd.install()
    assert path.stat().st_mode & 0o777 == 0o600
    assert systemd.uninstall()
    assert not systemd.uninstall()
    assert not path.exists()
    asked = [line.removeprefix("--user ") for line in said.read_text().splitlines()]
    assert [line.removeprefix("--no-pager ") for line in asked if line != "show-environment"] == [
        "daemon-reload",
        f"enable {systemd.NAME}",
        f"disable --now {systemd.NAME}",
        "daemon-reload",
    ]
