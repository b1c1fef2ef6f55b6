"""A bug report says what is installed and what is broken, and nothing about the person."""

import getpass
import socket
from pathlib import Path

import pytest

from assistant.cli.doctor import write_report


def test_nothing_personal_is_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_STORAGE__URL", "postgresql+psycopg://anna:secret@db.example.org/talks")
    monkeypatch.setenv("ASSISTANT_TURNS__CONFIRM_WITHIN", "30")
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    monkeypatch.setattr(socket, "gethostname", lambda: "annas-laptop")
    findings = [
        ("history", False, "/home/anna/.local/share/assistant.sqlite3 of anna on annas-laptop is damaged"),
        ("server", False, "https://anna:secret@example.org/v1?token=abc cannot be reached"),
        ("microphone", True, "Anna's AirPods"),
        (
            "model whisper-base",
            False,
            r"C:\Users\Anna\models is damaged: fetch it with `assistant models pull whisper-base`",
        ),
    ]
    report = write_report(findings)
    for personal in ("anna", "secret", "example.org", "AirPods", "annas-laptop", "abc", "Users"):
        assert personal.lower() not in report.lower().replace("assistant", "")
    assert "| history | mend | (path) of (name) on (name) is damaged |" in report
    assert "assistant models pull whisper-base" in report
    assert "- turns.confirm_within = 30" in report
    assert "- storage.url = (changed)" in report
    assert "torch" in report
