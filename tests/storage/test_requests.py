"""Keyed requests, and the deletion of sessions."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.storage import Attachments, Database, DialogueLog, History, RequestLog
from assistant.types import AudioClip, Decision, Picture, Reply, Turn, TurnResult

Stored = tuple[History, RequestLog, DialogueLog, Attachments]


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stored]:
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else f"sqlite:///{tmp_path}/a.sqlite3"
    database = Database(url)
    requests, attachments = RequestLog(database), Attachments(tmp_path / "kept")
    yield History(database, attachments, requests.record), requests, DialogueLog(database), attachments
    database.close()


FIRST_USE = """
import sys, threading
from assistant.storage import Database, DialogueLog, History, RequestLog

database = Database(sys.argv[1])
uses = [
    lambda: RequestLog(database).open("app", "k", "trip", "f"),
    lambda: History(database).turns("trip"),
    lambda: DialogueLog(database).pending("trip"),
    lambda: History(database).sessions(),
] * 3
together = threading.Barrier(len(uses))
failed = []

def use(call):
    together.wait()
    try:
        call()
    except BaseException as error:
        failed.append(repr(error))

threads = [threading.Thread(target=use, args=(each,)) for each in uses]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(failed)
"""


def test_many_threads_may_use_a_database_first(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FIRST_USE, f"sqlite:///{tmp_path}/a.sqlite3"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=True)
    assert done.stdout == "[]\n"


def result_of(turn: Turn) -> TurnResult:
    return TurnResult(
        turn, Decision("shop.buy", 0.9, "answer"), Reply("Bought.", data={"odd": Path("x")}), {"total": 1}
    )


def test_a_key_names_one_turn_and_its_answer_comes_with_the_turn_s(stored: Stored) -> None:
    history, requests, _, _ = stored
    first = requests.open("app", "k1", "trip", "f")
    assert first == requests.open("app", "k1", "another", "g"), "the first to come is kept"
    assert first.answer is None
    assert requests.open("other", "k1", "trip", "f").turn != first.turn, "keys are each client's own"
    turn = Turn(session="trip", text="buy", id=first.turn)
    history.begin(turn)
    history.begin(turn, again=True)
    history.finish(result_of(turn))
    answer = requests.open("app", "k1", "trip", "f").answer
    assert answer is not None
    assert answer["reply"]["text"] == "Bought."
    assert requests.expire(before=0) == 0
    assert requests.expire(before=2e10) >= 2
    assert requests.open("app", "k1", "trip", "f").turn != first.turn


def test_a_forgotten_session_leaves_nothing_but_what_others_hold(stored: Stored) -> None:
    history, requests, dialogues, attachments = stored
    own, common = Picture(Image.new("RGB", (2, 2), "red")), Picture(Image.new("RGB", (2, 2), "blue"))
    asked = Picture(Image.new("RGB", (3, 3), "green"))
    clip = AudioClip(np.ones(4, np.float32))
    history.begin(Turn(session="gone", images=(own, common), audio=clip))
    history.begin(Turn(session="kept", images=(common,)))
    dialogue = dialogues.open("gone", "shop.buy", {"turn": {"id": "t"}, "slots": {}})
    dialogues.append(dialogue, "answered", {"value": {"$picture": attachments.put_picture(asked)}})
    requests.open("app", "gone", "gone", "f")
    assert history.forget("gone") == 1
    assert history.turns("gone") == []
    assert dialogues.story("gone") == []
    assert len(history.turns("kept")) == 1
    kept = {path.stem for path in attachments.folder.rglob("*.*")}
    assert kept == {common.digest}
    assert history.forget("gone") == 0
    history.forget("kept")
