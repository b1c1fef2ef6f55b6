"""``assistant ask`` and ``assistant transcribe``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import Result
from PIL import Image

from assistant.settings import Settings

Assistant = Callable[..., Result]


@pytest.fixture
def cup(tmp_path: Path) -> str:
    path = tmp_path / "cup.png"
    Image.new("RGB", (20, 10), "blue").save(path)
    return str(path)


@pytest.fixture
def hello(tmp_path: Path) -> str:
    path = tmp_path / "hello.wav"
    soundfile.write(path, np.sin(np.arange(16_000) / 20).astype(np.float32) * 0.3, 16_000)
    return str(path)


def test_text_picture_and_recording_are_one_turn(assistant: Assistant, app: list[Any], cup: str, hello: str) -> None:
    done = assistant("ask", "what is this", "--image", cup, "--image", cup, "--audio", hello, "--session", "trip")
    assert done.exit_code == 0, done.output
    (turn,) = app[0].turns
    assert (turn.text, len(turn.images), turn.session) == ("what is this", 2, "trip")
    assert turn.audio.duration == pytest.approx(1.0)
    assert done.stdout == "You said 'what is this'.\nshop.order · 91% · text 75% image 25% · 42 ms\n"
    assert app[0].closed


def test_json_is_all_that_stands_on_stdout(assistant: Assistant, app: list[Any]) -> None:
    done = assistant("ask", "hello", "--json")
    assert json.loads(done.stdout) == app[0].last_result(app[0].turns[0].session).to_json()
    assert "a plugin prints" in done.stderr


def test_each_question_is_a_conversation_of_its_own(assistant: Assistant, app: list[Any]) -> None:
    assistant("ask", "one")
    assistant("ask", "two")
    assert app[0].turns[0].session != app[1].turns[0].session


@pytest.mark.parametrize("arguments", [["-"], []])
def test_the_text_may_come_through_a_pipe(assistant: Assistant, app: list[Any], arguments: list[str]) -> None:
    assert assistant("ask", *arguments, stdin="from a pipe\nand on").exit_code == 0
    assert [turn.text for turn in app[0].turns] == ["from a pipe\nand on"]


def test_a_picture_alone_does_not_wait_for_a_pipe(assistant: Assistant, app: list[Any], cup: str) -> None:
    assert assistant("ask", "--image", cup, stdin="not read").exit_code == 0
    assert app[0].turns[0].text == ""


@pytest.mark.parametrize(("arguments", "stdin"), [([], ""), (["  "], None), (["-"], " \n"), (["a", "b"], None)])
def test_nothing_to_ask_is_a_usage_error(assistant: Assistant, arguments: list[str], stdin: str | None) -> None:
    done = assistant("ask", *arguments, stdin=stdin)
    assert done.exit_code == 2
    assert "Usage:" in done.stderr


def test_bad_input_is_one_line_and_exit_code_1(assistant: Assistant, app: list[Any], tmp_path: Path) -> None:
    longest = Settings().text.max_chars
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    for arguments, stdin, words in (
        (["what", "--image", "none.png"], None, "none.png"),
        (["what", "--image", str(broken)], None, "broken.png"),
        (["what", "--audio", str(broken)], None, "broken.png"),
        (["-"], b"\xff\xfe\x00h", "not UTF-8"),
        (["-"], "x" * 5 * longest, f"{longest:,} characters"),
        (["x" * (longest + 1)], None, f"{longest:,}"),
    ):
        done = assistant("ask", *arguments, stdin=stdin)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr.startswith("Error: ")
        assert done.stderr.count("\n") == 1
        assert words in done.stderr
    assert not app, "nothing was opened for it"


def test_speak_with_and_without_a_file(assistant: Assistant, app: list[Any], tmp_path: Path) -> None:
    assert assistant("ask", "hello", "--speak").exit_code == 0
    assert assistant("ask", "--speak", "hello there").exit_code == 0
    assert assistant("ask", "hello", "--speak", str(tmp_path / "out.wav")).exit_code == 0
    assert [one.turns[0].text for one in app] == ["hello", "hello there", "hello"]
    assert [len(one.spoken) for one in app] == [1, 1, 1]
    assert assistant("ask", "hello", "--speak", "out.txt").exit_code == 2


def test_an_unreadable_recording_does_not_stop_the_others(
    assistant: Assistant, app: list[Any], hello: str, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.wav"
    empty.touch()
    done = assistant("transcribe", str(empty), hello)
    assert done.exit_code == 1
    assert done.stdout == f"{hello}: hello there\n"
    assert "Error: empty.wav is empty" in done.stderr
    one = assistant("transcribe", hello, "--json")
    assert one.exit_code == 0
    assert json.loads(one.stdout) == [
        {
            "file": hello,
            "error": None,
            "text": "hello there",
            "language": "en",
            "seconds": 1.0,
            "rejected": None,
            "segments": [{"start": 0.0, "end": 1.0, "text": "hello there"}],
        }
    ]
