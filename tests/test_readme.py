"""The README's first conversation is real output: its typed questions get these answers."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.settings import cache_dir

README = Path(__file__).parent.parent / "README.md"
DATE = re.compile(r"\w+day, \d+ \w+|\d+ days? ago")


@pytest.mark.slow
@pytest.mark.models
def test_the_first_conversation_is_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache_dir().mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache").symlink_to(cache_dir())
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    block = README.read_text("utf-8").partition("```console\n")[2].partition("```")[0]
    talks = [talk.splitlines() for talk in block.split("$ assistant ")[1:]]
    typed = [(command, lines) for command, *lines in talks if "--image" not in command and "--audio" not in command]
    assert len(typed) >= 3
    for command, lines in typed:
        run = [sys.executable, "-m", "assistant", *shlex.split(command)]
        done = subprocess.run(run, capture_output=True, text=True, timeout=120, check=True)
        for shown, said in zip(lines, done.stdout.splitlines(), strict=True):
            whole, begun = DATE.sub("", said), DATE.sub("", shown.removesuffix("[…]"))
            assert whole.startswith(begun) if shown.endswith("[…]") else whole == begun, command
