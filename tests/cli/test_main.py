"""The command line as a whole: help, errors, exit codes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

from assistant.cli import main
from assistant.terminal.error_boundary import LOG_BYTES
from assistant.terminal.lazy_group import COMMANDS, LazyGroup

Assistant = Callable[..., Result]


def every_command() -> Iterator[tuple[str, click.Command]]:
    def below(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                assert child is not None, f"{path} {name}"
                yield from below(f"{path} {name}", child)

    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        yield from below(name, command)


def test_every_table_of_commands_agrees_with_the_commands() -> None:
    groups = [main, *(command for _, command in every_command())]
    for group in (group for group in groups if isinstance(group, LazyGroup)):
        for name, (_, summary) in group.table.items():
            command = group.get_command(click.Context(group), name)
            assert command is not None
            assert command.name == name
            assert command.get_short_help_str(200).rstrip(".") == summary.rstrip("."), f"{group.name} {name}"


def test_every_command_and_option_has_help() -> None:
    for path, command in every_command():
        assert command.help, path
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{path} {parameter.name}"


def test_help_lists_every_command(assistant: Assistant) -> None:
    done = assistant("--help")
    assert done.exit_code == 0
    for name, (_, summary) in COMMANDS.items():
        assert name in done.output
        assert summary.split(",")[0][:40] in done.output


@pytest.mark.parametrize("path", [path for path, _ in every_command()])
def test_every_command_shows_its_help(assistant: Assistant, path: str) -> None:
    done = assistant(*path.split(), "--help")
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"Usage: assistant {path} ")


def test_an_unknown_command_is_a_usage_error_with_a_hint(assistant: Assistant) -> None:
    done = assistant("histroy")
    assert done.exit_code == 2
    assert "There is no command 'histroy'. Did you mean history?" in done.stderr


def test_an_unknown_command_of_a_group_says_which_there_are(assistant: Assistant) -> None:
    assert "There is no command 'intent'. Did you mean intents?" in assistant("evaluate", "intent").stderr
    assert "There is no command 'zzz'. There are: start, turn, voice" in assistant("bench", "zzz").stderr


def test_a_plugin_adds_a_command(assistant: Assistant, home: Path) -> None:
    folder = home / "config" / "plugins"
    folder.mkdir(parents=True)
    (folder / "lamp.py").write_text(
        '"""Switches a lamp."""\nimport click\nfrom assistant import hookimpl\n\n'
        '@click.command("lamp", help="Switch the lamp.")\n@click.argument("state")\n'
        'def lamp(state):\n    click.echo(f"The lamp is {state}.")\n\n'
        "@hookimpl\ndef register_commands(register):\n    register(lamp)\n"
    )
    refused = assistant("lamp", "on")
    assert refused.exit_code == 2
    assert 'which needs [plugins] trusted = ["lamp"]' in refused.stderr
    (home / "config" / "assistant.toml").write_text('[plugins]\ntrusted = ["lamp"]\n')
    done = assistant("lamp", "on")
    assert (done.stdout, done.exit_code) == ("The lamp is on.\n", 0)


def test_a_mistake_in_the_settings_is_one_line(assistant: Assistant, home: Path) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "assistant.toml").write_text('[speech]\nmodle = "whisper-base"\n')
    done = assistant("config", "show")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: Unknown setting speech.modle; did you mean speech.model?")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("ASSISTANT_SPEACH__MODEL", "Unknown setting speach.model; did you mean speech.model?"),
        ("ASSISTANT_VOCE__PATIENCE", "did you mean voice.patience?"),
        ("assistant_speech__modle", "Unknown setting speech.modle; did you mean speech.model?"),
    ],
)
def test_a_misspelt_setting_in_the_environment_is_not_ignored(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, variable: str, says: str
) -> None:
    monkeypatch.setenv(variable, "whisper-base")
    done = assistant("config", "show")
    assert done.exit_code == 1
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_settings_with_a_byte_order_mark_are_read(assistant: Assistant, home: Path) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "assistant.toml").write_text('[speech]\nlanguage = "fr"\n', "utf-8-sig")
    (row,) = [line for line in assistant("config", "show").stdout.splitlines() if line.startswith("speech.language ")]
    assert row.split()[1:3] == ['"fr"', "file"]


def test_a_bug_is_an_apology_on_the_screen_and_a_traceback_in_the_log(
    assistant: Assistant, app: list[Any], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.terminal.opening.show_answer", lambda *_, **__: 1 / 0)
    done = assistant("ask", "hello")
    log = home / "data" / "assistant.log"
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == (
        f"Sorry, something went wrong here (ZeroDivisionError). What happened is in {log}"
    )
    assert "Traceback" not in done.output
    assert "ZeroDivisionError: division by zero" in log.read_text()
    assert oct(log.stat().st_mode & 0o777) == "0o600"


def test_the_log_is_bounded(assistant: Assistant, home: Path) -> None:
    import logging

    assistant("config", "show")
    for _ in range(300):
        logging.getLogger("assistant.test").error("x" * 10_000)
    assert sum(path.stat().st_size for path in (home / "data").glob("assistant.log*")) <= 2 * LOG_BYTES


def real(*arguments: str, home: Path, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "error", "-m", "assistant", *arguments]
    environment = os.environ | {"ASSISTANT_HOME": str(home), "ASSISTANT_OFFLINE": "1"}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, **options
    )


def test_ctrl_c_ends_a_command_quietly(tmp_path: Path) -> None:
    process = real("ask", "-", home=tmp_path)
    deadline = time.monotonic() + 60
    while not (tmp_path / "data" / "assistant.log").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)  # it now waits for the pipe
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    process = real("config", "show", "--json", home=tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait(20)
    process.stderr.close()
    assert process.stdin is not None
    process.stdin.close()


def in_shell(command: str, home: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"ASSISTANT_HOME": str(home), "ASSISTANT_OFFLINE": "1", "HOME": str(home)}
    home.mkdir(exist_ok=True)
    command = command.replace("assistant", f"{sys.executable} -W error -m assistant")
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment, timeout=60, **options)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("assistant config path >&-", "Error: standard output is closed, so nothing can be shown.\n"),
        ("assistant config path >/dev/full", "Error: the output cannot be written: No space left on device.\n"),
        ("assistant config show >/dev/full", "Error: the output cannot be written: No space left on device.\n"),
    ],
)
def test_an_output_that_takes_nothing_is_one_line(tmp_path: Path, command: str, line: str) -> None:
    if "/dev/full" in command and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = in_shell(command, tmp_path / "home")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", line)


def test_closed_streams_take_no_output_away(tmp_path: Path) -> None:
    done = in_shell("assistant config path 2>&- <&-", tmp_path / "home")
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "home" / "config" / "assistant.toml"))


def test_a_current_folder_that_is_gone_is_said_and_harms_nothing(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    source = Path(__file__).parents[2]
    command = (
        f"rmdir {gone}; PYTHONPATH={source} assistant config path; PYTHONPATH={source} assistant library add .;"
        f"PYTHONPATH={source} assistant ask x --image a.png"
    )
    done = in_shell(command, tmp_path / "home", cwd=gone)
    said = "The current folder is gone; name files by their whole path.\n"
    assert done.stderr == said + said + said + "Error: There is no file a.png\n"
    assert done.stdout.strip() == str(tmp_path / "home" / "config" / "assistant.toml")
