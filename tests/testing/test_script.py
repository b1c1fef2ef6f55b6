"""Conversations in files are read as they are written, and what is unmet is said with its line."""

from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.testing import conversations_in, read_conversation
from assistant.testing.scenario_runner import unmet
from assistant.testing.script import Expectation, Step


def written(folder: Path, text: str) -> Path:
    path = folder / "a.talk"
    path.write_text(text, "utf-8")
    return path


def test_steps_pictures_and_expectations_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", "/data")
    path = written(
        tmp_path,
        "# A title\n\npicture: data/x.jpg\npicture: y.png\nuser: look: here\nsays: one | two\nends\n"
        "kill\nasks: again\n",
    )
    conversation = read_conversation(path)
    assert conversation.title == "A title"
    assert conversation.steps == (
        Step(
            "user",
            "look: here",
            5,
            ("/data/x.jpg", str(tmp_path / "y.png")),
            (Expectation("says", ("one", "two"), 6), Expectation("ends", (), 7)),
        ),
        Step("kill", "", 8, (), (Expectation("asks", ("again",), 9),)),
    )
    assert conversation.missing == ("/data/x.jpg", str(tmp_path / "y.png"))
    assert conversations_in(tmp_path) == [path]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("says: hello\n", "a.talk:1: begin with"),
        ("user: hello\nsay: hello\n", "a.talk:2: 'say' is not understood"),
        ("user: hello\nsays:\n", "a.talk:2: 'says' is not understood"),
        ("user: hello\nends: now\n", "a.talk:2: 'ends' is not understood"),
        ("user: hello\npicture: a.png\n", "a picture needs"),
        ("# nothing\n", "nothing happens"),
    ],
)
def test_line_that_is_not_understood_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        read_conversation(written(tmp_path, text))


ANSWER = {
    "intent": "shop.track",
    "outcome": "answer",
    "text": "Your parcel isn’t  lost.",
    "speech": "Not lost.",
    "follow_up": False,
}


@pytest.mark.parametrize(
    ("sign", "phrases", "problem"),
    [
        ("intent", ("shop.track",), ""),
        ("intent", ("shop",), ""),
        ("intent", ("clarify",), "decided shop.track (answer), not clarify"),
        ("says", ("nothing", "isn't lost"), ""),
        ("says", ("found",), "does not say 'found'"),
        ("not", ("found",), ""),
        ("not", ("found", "PARCEL"), "says 'PARCEL'"),
        ("spoken", ("not lost",), ""),
        ("asks", ("lost",), "does not wait for an answer"),
        ("ends", (), ""),
    ],
)
def test_what_an_answer_lacks_is_said(sign: str, phrases: tuple[str, ...], problem: str) -> None:
    assert unmet(Expectation(sign, phrases, 1), ANSWER) == problem  # type: ignore[arg-type]
