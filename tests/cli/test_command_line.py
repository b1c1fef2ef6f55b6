"""``assistant config``, ``history`` and ``doctor``: what is set, what was said, what is broken."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from assistant.cli.config import example_file
from assistant.settings import Settings, load_settings, shipped_dir
from assistant.storage import Database, History
from assistant.types import Decision, Reply, Turn, TurnResult

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


def kept(*said: tuple[str, str, float]) -> None:
    with closing(Database(load_settings().storage_url)) as database:
        for session, text, at in said:
            turn = Turn(session=session, text=text, at=at)
            History(database).begin(turn)
            reply = Reply(f"About {text}.", intent="shop.order")
            History(database).finish(TurnResult(turn, Decision("shop.order", 1.0, "answer"), reply, {"total": 1.0}))


def test_history_is_searched(assistant: Assistant, home: Path) -> None:
    kept(("trip", "Where is my GRINDER", 1.0), ("home", "where is the lamp", 2.0), ("home", "100% sure", 3.0))
    found = assistant("history", "search", "where", "grinder")
    assert "trip  > Where is my GRINDER" in found.stdout
    assert "lamp" not in found.stdout
    assert "shop.order" not in found.stdout
    latest = json.loads(assistant("history", "search", "where", "--json", "--limit", "1").stdout)
    assert [turn["text"] for turn in latest] == ["where is the lamp"]
    assert [t["text"] for t in json.loads(assistant("history", "search", "0%", "--json").stdout)] == ["100% sure"]
    assert assistant("history", "search", "nothing like it").stdout == "Nothing was said with these words.\n"


def test_history_is_exported_whole_or_by_session(assistant: Assistant, home: Path, tmp_path: Path) -> None:
    kept(("trip", "one", 1.0), ("home", "two", 2.0), ("home", "三", 3.0))
    lines = [json.loads(line) for line in assistant("history", "export").stdout.splitlines()]
    assert [line["text"] for line in lines] == ["one", "two", "三"]
    out = tmp_path / "out.jsonl"
    assert assistant("history", "export", "home", "--out", str(out)).stdout == f"2 turns are in {out}.\n"
    assert out.stat().st_mode & 0o077 == 0
    assert len(out.read_text("utf-8").splitlines()) == 2
    assert assistant("history", "export", "hom").exit_code == 1


def test_history_is_deleted_after_a_yes_only(assistant: Assistant, home: Path) -> None:
    kept(("trip", "one", 1.0), ("home", "two", 2.0), ("now", "three", time.time()))
    asked = assistant("history", "delete", "trip")
    assert asked.exit_code == 1
    assert "--yes" in asked.stderr
    assert assistant("history", "delete", "trip", "--yes").stdout == "1 turn is deleted.\n"
    assert assistant("history", "delete", "--before", "2020-01-01", "--yes").stdout == "1 turn is deleted.\n"
    assert assistant("history", "show", "now").exit_code == 0
    assert assistant("history", "delete", "trip", "--yes").exit_code == 1
    assert assistant("history", "delete").exit_code == 2
    assert assistant("history", "delete", "--all", "--yes").stdout == "1 turn is deleted.\n"
    assert assistant("history", "list").stdout == "No conversations yet.\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_and_what_they_ask_for(assistant: Assistant, shell: str) -> None:
    done = assistant("completion", shell)
    assert done.exit_code == 0, done.output
    assert "_ASSISTANT_COMPLETE" in done.stdout
    assert assistant("completion", "cmd").exit_code == 2


def test_the_shell_completes_commands_without_importing_them(home: Path) -> None:
    environment = {
        **os.environ,
        "_ASSISTANT_COMPLETE": "bash_complete",
        "COMP_WORDS": "assistant hist",
        "COMP_CWORD": "1",
    }
    code = "import sys; from assistant.cli import main; sys.argv[0] = 'assistant'; main()"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == "plain,history\n", done.stderr
