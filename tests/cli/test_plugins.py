"""``assistant plugins``: what is there, what is wrong with it, and how to begin one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import assistant as package
from assistant.cli.plugins import set_list
from assistant.errors import SettingsError

Assistant = Callable[..., Result]


@pytest.fixture
def folder(home: Path) -> Path:
    folder = home / "config" / "plugins"
    folder.mkdir(parents=True)
    return folder


def test_list_shows_what_works_and_why_the_rest_does_not(assistant: Assistant, folder: Path) -> None:
    (folder / "broken.py").write_text('"""Breaks."""\nimport no_such_thing\n')
    listed = json.loads(assistant("plugins", "list", "--json").stdout)
    plugins = {each["name"]: each for each in listed}
    assert plugins["dice"]["status"] == "active"
    assert plugins["dice"]["intents"] == ["dice.roll_die"]
    assert plugins["broken"]["origin"] == "user"
    assert plugins["broken"]["reason"] == "broken.py:2: ModuleNotFoundError: No module named 'no_such_thing'"

    table = assistant("plugins", "list").stdout
    assert "Rolls a die." in table
    assert "no_such_thing" in table


def test_new_plugin_works_at_once_and_its_test_passes(assistant: Assistant, folder: Path) -> None:
    made = assistant("plugins", "new", "my_greeter")
    assert made.exit_code == 0
    assert str(folder / "my_greeter") in made.stdout
    assert (
        assistant("plugins", "check", str(folder / "my_greeter")).stdout
        == "my_greeter is sound: my_greeter.say_hello\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parent.parent)}
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / "my_greeter")],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        timeout=120,
    )
    assert tested.returncode == 0, tested.stdout
    assert "2 passed" in tested.stdout
    assert (folder / "my_greeter" / "README.md").read_text().startswith("# My greeter\n")


@pytest.mark.parametrize("name", ["My-Plugin", "1up", "../up", "a.b", "ä", ""])
def test_new_refuses_names_that_cannot_work(assistant: Assistant, folder: Path, name: str) -> None:
    result = assistant("plugins", "new", name)
    assert result.exit_code == 1
    assert "use lower-case letters, digits and _" in result.stderr
    assert not list(folder.iterdir())


def test_new_never_overwrites(assistant: Assistant, folder: Path) -> None:
    (folder / "mine.py").write_text("x = 1\n")
    result = assistant("plugins", "new", "mine")
    assert (result.exit_code, "already; choose another name" in result.stderr) == (1, True)
    assert (folder / "mine.py").read_text() == "x = 1\n"


def test_check_prints_every_problem_in_a_line_of_its_own(assistant: Assistant, folder: Path) -> None:
    (folder / "sloppy.py").write_text(
        "from assistant import Manifest, hookimpl\n"
        "MANIFEST = Manifest(capabilities=('netwrok',))\n"
        "def f(): return ''\n"
        "def g(): return ''\n"
        "def h(x: set): return ''\n"
        "@hookimpl\ndef register_intents(register):\n"
        "    register(f, examples=['go'])\n"
        "    register(g, examples=['Go'])\n"
        "    register(h, examples=['x'])\n"
        "    register(f, examples=[])\n"
        "@hookimpl\ndef strtup(services): pass\n"
    )
    result = assistant("plugins", "check", str(folder / "sloppy.py"))
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    for expected in (
        "there is no hook strtup; did you mean startup?",
        "MANIFEST: unknown capability 'netwrok'; did you mean network?",
        "sloppy.py:10: h: slot x cannot be set",
        "sloppy.py:11: f has no examples",
        "sloppy.f and sloppy.g share the example 'go'",
    ):
        assert sum(line.startswith(expected) for line in lines) == 1, expected
    assert len([line for line in lines if not line.startswith("warning: ")]) == 5


def test_check_warns_of_what_works_and_should_be_changed(assistant: Assistant, folder: Path) -> None:
    (folder / "old.py").write_text(
        "from assistant import hookimpl\n"
        "def roll(sides=6): return ''\n"
        "@hookimpl\ndef register_intents(register):\n"
        "    register(roll, examples=['Roll a die!', 'something of its own'])\n"
        "@hookimpl\ndef track_event(event): pass\n"
    )
    result = assistant("plugins", "check", str(folder / "old.py"))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "warning: track_event was removed in API 2: a program that embeds the assistant may listen on its bus",
        "warning: old.roll: has no docstring; its first line is what people read of it",
        "warning: old.roll: does not say whether it changes something (acts=True or acts=False); it counts as True",
        "warning: old.roll: slot sides has no type, and is taken as int; annotate it",
        "warning: old.roll: the example 'Roll a die!' is nearly 'roll a die' of dice.roll_die",
        "old is sound: old.roll (acts)",
    ]
    listed = {each["name"]: each for each in json.loads(assistant("plugins", "list", "--json").stdout)}
    assert (listed["old"]["acting"], listed["dice"]["acting"]) == (["old.roll"], [])
    assert listed["old"]["notes"] == [result.stdout.splitlines()[0].removeprefix("warning: ")]
    assert "track_event was removed in API 2" in " ".join(assistant("plugins", "list").stdout.split())


def test_check_says_when_there_is_nothing_or_it_cannot_be_imported(assistant: Assistant, folder: Path) -> None:
    (folder / "bad.py").write_text("def f(:\n")
    assert assistant("plugins", "check", str(folder / "bad.py")).stdout == "bad.py:1: SyntaxError: invalid syntax\n"
    missing = assistant("plugins", "check", str(folder / "nowhere"))
    assert (missing.exit_code, "there is no" in missing.stdout) == (1, True)


def test_switching_a_plugin_off_and_on_keeps_the_rest_of_the_settings(assistant: Assistant, home: Path) -> None:
    file = home / "config" / "assistant.toml"
    file.parent.mkdir(parents=True)
    before = (
        "# my settings\n[voice]\nspeak = true  # loudly\n\n[plugins]  # mine\nfailures = 5\n\n[text]\nmax_chars = 99\n"
    )
    file.write_text(before)
    assert assistant("plugins", "disable", "dice").stdout == "dice is off now.\n"
    assert tomllib.loads(file.read_text())["plugins"] == {"disabled": ["dice"], "failures": 5}
    assert assistant("plugins", "disable", "dice").stdout == "dice is off already.\n"
    off = {each["name"]: each for each in json.loads(assistant("plugins", "list", "--json").stdout)}["dice"]
    assert (off["status"], off["summary"]) == ("disabled", "Rolls a die.")
    assert assistant("plugins", "enable", "dice").stdout == "dice is on now.\n"
    assert file.read_text() == before.replace("failures = 5\n", "failures = 5\ndisabled = []\n")


def test_switching_what_is_not_there_suggests_what_is(assistant: Assistant, home: Path) -> None:
    result = assistant("plugins", "disable", "dise")
    assert (result.exit_code, result.stderr) == (1, "Error: dise: there is no such plugin; did you mean dice?\n")


def test_switching_is_refused_where_the_environment_wins(
    assistant: Assistant, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_PLUGINS__DISABLED", '["fallback"]')
    result = assistant("plugins", "disable", "dice")
    assert (result.exit_code, "ASSISTANT_PLUGINS__DISABLED is set" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[plugins]\ndisabled = ["a", "b"]\n'),
        ("x = 1", 'x = 1\n[plugins]\ndisabled = ["a", "b"]\n'),
        ("[plugins]", '[plugins]\ndisabled = ["a", "b"]\n'),
        ("[plugins]\r\nrest = 5\r\n", '[plugins]\r\nrest = 5\r\ndisabled = ["a", "b"]\n'),
        (
            '[plugins]\ndisabled = [\n  "x]", # no\n  "y",\n]\nrest = 5\n',
            '[plugins]\ndisabled = ["a", "b"]\nrest = 5\n',
        ),
        (
            "[plugins]\nrest = 5\n[other]\ndisabled = [1]\n",
            '[plugins]\nrest = 5\ndisabled = ["a", "b"]\n[other]\ndisabled = [1]\n',
        ),
        ("plugins.rest = 5\n", 'plugins.rest = 5\nplugins.disabled = ["a", "b"]\n'),
        ("plugins = {rest = 5}\n", 'plugins = {rest = 5,disabled = ["a", "b"]}\n'),
        ("[plugins]\nw = [\n  [1],\n]\ndisabled = []\n", '[plugins]\nw = [\n  [1],\n]\ndisabled = ["a", "b"]\n'),
    ],
)
def test_one_list_is_changed_and_nothing_else(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "folder" / "assistant.toml"
    file.parent.mkdir()
    file.write_bytes(before.encode())
    set_list(file, "plugins", "disabled", ["a", "b"])
    assert file.read_bytes().decode() == after


@pytest.mark.parametrize("text", ["plugins = 5\n", "[plugins\n", "a = \xff\n"])
def test_file_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "assistant.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError):
        set_list(file, "plugins", "disabled", ["a"])
    assert file.read_bytes() == text.encode("latin-1")
    assert list(tmp_path.iterdir()) == [file]
