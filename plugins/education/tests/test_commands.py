"""``assistant course``, as it is typed."""

import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "assistant", *arguments], capture_output=True, text=True, timeout=120)


@pytest.mark.slow
def test_a_folder_is_added_listed_and_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    course = tmp_path / "course"
    course.mkdir()
    (course / "volcanoes.md").write_text("# Volcanoes\n\nLava is molten rock.\n", "utf-8")
    (course / "bad.pdf").write_bytes(b"no PDF")
    added = run("course", "add", str(course))
    assert "1 lesson in Markdown: Volcanoes" in added.stdout
    assert "bad.pdf: not read, the PDF is damaged" in added.stdout
    assert "Volcanoes" in run("course", "list").stdout
    assert "no longer" in run("course", "remove", str(course)).stdout
    missing = run("course", "add", str(tmp_path / "none"))
    assert missing.returncode == 1
    assert missing.stderr.strip().endswith("cannot be opened: No such file or directory")
