"""``assistant config``, ``history`` and ``doctor``: what is set, what was said, what is broken."""

import asyncio
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from assistant.cli.config import example_file
from assistant.settings import Settings, load_settings, shipped_dir
from assistant.storage import Database, History
from assistant.types import Turn

Assistant = Callable[..., Result]


def test_the_shipped_settings_file_is_generated_from_the_settings() -> None:
    shipped = (shipped_dir("config") / "assistant.toml").read_text("utf-8")
    assert shipped == example_file(), "run: assistant config example > config/assistant.toml"


def test_the_example_file_holds_every_default_with_a_comment(home: Path) -> None:
    text = example_file()
    (home / "config").mkdir(parents=True)
    (home / "config" / "assistant.toml").write_text(text, "utf-8")
    assert load_settings() == Settings.model_validate(tomllib.loads(text))
    lines = text.splitlines()
    for name, value, description in load_settings().each():
        section, _, key = name.partition(".")
        written = tomllib.loads(text)[section].get(key, {})  # tables of one's own are left out where there are none
        assert written in (value, list(value) if isinstance(value, tuple) else value)
        assert description, name
        assert any(line.startswith(f"# {description}") for line in lines), name


def test_a_setting_that_is_gone_is_left_out_with_a_hint(assistant: Assistant, home: Path) -> None:
    (home / "config").mkdir(parents=True)
    written = "[turns]\nwindow = 5.0\nanswer_deadline = 60.0\n[vision]\nocr_languages = 'auto'\n"
    (home / "config" / "assistant.toml").write_text(written)
    assert load_settings().turns.window == 5.0
    hints = (
        "Setting turns.answer_deadline does nothing any more, so take it out: "
        "each plugin says in its manifest how long an answer may take.\n"
        "Setting vision.ocr_languages does nothing any more, so take it out: Chinese and English are always read.\n"
    )
    done = assistant("config", "show", "--json")
    assert (done.exit_code, done.stderr) == (0, hints)
    assert "turns.answer_deadline" not in {entry["name"] for entry in json.loads(done.stdout)}
    found = json.loads(assistant("doctor", "--json").stdout)
    settings = [one["detail"] for one in found if one["what"] == "settings" and not one["ok"]]
    assert settings == hints.splitlines()


def test_every_setting_is_read_by_some_code() -> None:
    folders = [shipped_dir("plugins").parent / "assistant", shipped_dir("plugins")]
    code = "".join(path.read_text("utf-8") for folder in folders for path in folder.rglob("*.py"))
    unread = {name for name, _, _ in Settings().each() if not re.search(rf"\.{name.partition('.')[2]}\b", code)}
    assert not unread


def test_show_says_where_each_value_comes_from(
    assistant: Assistant, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "assistant.toml").write_text("[inference]\nthreads = 3\nqueue = 5\n")
    monkeypatch.setenv("ASSISTANT_INFERENCE__QUEUE", "7")
    entries = {entry["name"]: entry for entry in json.loads(assistant("config", "show", "--json").stdout)}
    assert {name for name, _, _ in Settings().each()} == set(entries)
    found = {name: (entries[name]["value"], entries[name]["source"]) for name in entries}
    assert found["inference.threads"] == (3, "file")
    assert found["inference.queue"] == (7, "environment")
    assert found["voice.speak"] == (False, "default")
    shown = assistant("config", "show").stdout
    assert "intents.in_scope_retention" in shown
    assert assistant("config", "path").stdout.strip() == str(home / "config" / "assistant.toml")


def test_history_lists_sessions_and_shows_the_time_of_each_stage(
    assistant: Assistant, home: Path, fake_app: Callable[[], Any]
) -> None:
    assert assistant("history", "list").stdout == "No conversations yet.\n"
    turn = Turn("trip", "where is my\x1b[2J order")
    result = asyncio.run(_respond(fake_app, turn))
    database = Database(load_settings().storage_url)
    History(database).begin(turn)
    History(database).finish(result)
    database.close()
    listed = assistant("history", "list").stdout
    assert listed.startswith("trip ")
    assert "1 turn" in listed
    assert "\x1b" not in listed
    shown = assistant("history", "show", "trip").stdout
    assert "decide 2 ms" in shown
    assert "total 42 ms" in shown
    stored = json.loads(assistant("history", "show", "trip", "--json").stdout)
    assert [(one["text"], one["latency_ms"]["decide"]) for one in stored] == [(turn.text, 2.0)]
    done = assistant("history", "show", "tripp")
    assert done.exit_code == 1
    assert done.stderr == "Error: There is no session tripp; did you mean trip?\n"


async def _respond(fake_app: Callable[[], Any], turn: Turn) -> Any:
    return await fake_app().respond(turn)


def test_doctor_names_what_is_missing_and_how_to_mend_it(assistant: Assistant, home: Path) -> None:
    plugins = home / "config" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "broken.py").write_text("import nothing_of_that_name\n")
    done = assistant("doctor", "--json")
    assert done.exit_code == 0, "nothing essential is broken"
    findings = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert "nothing_of_that_name" in findings["plugin broken"]["detail"]
    assert not findings["model whisper-base"]["ok"]
    assert "assistant models pull whisper-base" in findings["model whisper-base"]["detail"]
    assert findings["data folder"]["ok"]
    assert {"microphone", "loudspeaker", "camera", "espeak-ng", "disk space", "history"} <= findings.keys()
    assert all(finding["detail"] for finding in findings.values())
    shown = assistant("doctor").stdout
    assert "to mend." in shown


def test_doctor_fails_when_nothing_can_be_written(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "file" / "home"))
    done = assistant("doctor")
    assert done.exit_code == 1
    assert "broken  data folder" in done.stdout
    assert "set ASSISTANT_HOME to another folder" in done.stdout
