"""``assistant ask`` and ``assistant transcribe``."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import Result
from PIL import Image

from assistant.settings import Settings, load_settings
from assistant.storage import Database, History
from assistant.types import Turn

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
    assert done.stdout == "You said 'what is this'.\n"
    assert app[0].closed


def test_what_decided_is_shown_when_asked_for(
    assistant: Assistant, app: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "shop.order · 91% · text 75% image 25% · 42 ms"
    assert line in assistant("ask", "hello", "-v").stdout
    assert line not in assistant("ask", "hello").stdout
    monkeypatch.setenv("ASSISTANT_TERMINAL__DETAILS", "true")
    assert line in assistant("ask", "hello").stdout


def test_text_on_standard_input_joins_the_question(assistant: Assistant, app: list[Any]) -> None:
    done = assistant("ask", "complain about this", stdin="Dear shop,\nmy parcel never came.\n")
    assert done.exit_code == 0, done.output
    assert app[0].turns[0].text == "complain about this\nDear shop,\nmy parcel never came."


def test_a_picture_or_a_recording_may_come_on_standard_input(
    assistant: Assistant, app: list[Any], cup: str, hello: str
) -> None:
    assert assistant("ask", "what is this", "--image", "-", stdin=Path(cup).read_bytes()).exit_code == 0
    assert app[0].turns[0].images[0].image.size == (20, 10)
    assert assistant("ask", "--audio", "-", stdin=Path(hello).read_bytes()).exit_code == 0
    assert app[1].turns[0].audio.duration == pytest.approx(1.0)


@pytest.mark.parametrize("arguments", [["-", "--image", "-"], ["what", "--image", "-", "--audio", "-"]])
def test_standard_input_is_one_thing_only(assistant: Assistant, arguments: list[str]) -> None:
    done = assistant("ask", *arguments, stdin=b"x")
    assert done.exit_code == 2
    assert "only one of" in done.stderr


@pytest.mark.parametrize(("stdin", "words"), [(b"", "Nothing came"), (b"no picture", "standard input")])
def test_what_is_no_picture_on_standard_input_is_one_line(assistant: Assistant, stdin: bytes, words: str) -> None:
    done = assistant("ask", "what", "--image", "-", stdin=stdin)
    assert done.exit_code == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_emergency_does_not_wait_for_a_pipe_that_stays_silent(home: Path) -> None:
    code = (
        "import sys; from assistant.cli.ask import text_beside;"
        "print(repr(text_beside('I have crushing chest pain and my left arm is numb', 1000)))"
    )
    reading, writing = os.pipe()
    try:
        done = subprocess.run([sys.executable, "-c", code], stdin=reading, capture_output=True, text=True, timeout=60)
    finally:
        os.close(reading)
        os.close(writing)
    assert done.stdout == "''\n", done.stderr


def test_continue_goes_on_with_the_latest_conversation(assistant: Assistant, app: list[Any], home: Path) -> None:
    done = assistant("ask", "hello", "--continue")
    assert done.exit_code == 1
    assert "no conversation" in done.stderr
    with closing(Database(load_settings().storage_url)) as database:
        for at, session in enumerate(("old", "new")):
            History(database).begin(Turn(session=session, text="hello", at=float(at)))
    assert assistant("ask", "hello", "-c").exit_code == 0
    assert app[0].turns[0].session == "new"
    assert assistant("ask", "hello", "-c", "--session", "x").exit_code == 2


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
            "doubtful": None,
            "segments": [{"start": 0.0, "end": 1.0, "text": "hello there"}],
        }
    ]
