"""A recorded session is run again on copies, its effects are not repeated, and what differs is shown."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from assistant.cli.replay import Replayed, remembered_effects, replay_turns, scratch_home, turn_again
from assistant.settings import data_dir
from assistant.storage import Attachments, Database, DialogueLog, History, StoredTurn
from assistant.types import AudioClip, Decision, Picture, Reply, Transcript, Turn, TurnResult


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    return tmp_path


def recorded(turn: Turn, reply: str = "yes") -> tuple[StoredTurn, Attachments]:
    attachments = Attachments(data_dir() / "attachments")
    history = History(Database(f"sqlite:///{data_dir() / 'assistant.sqlite3'}"), attachments)
    history.begin(turn)
    history.finish(TurnResult(turn, Decision("a.b", 0.9, "answer"), Reply(reply), {}))
    return history.turns(turn.session)[-1], attachments


def test_turn_comes_back_with_its_picture_and_sound(home: Path) -> None:
    picture = Picture(Image.new("RGB", (4, 3), "blue"))
    clip = AudioClip(np.linspace(-1, 1, 160, dtype=np.float32))
    stored, attachments = recorded(Turn("s", "look", clip, (picture,)))
    turn, missing = turn_again(stored, attachments)
    assert (turn.text, missing) == ("look", [])
    assert turn.images[0].digest == picture.digest
    assert turn.audio is not None
    assert turn.audio.digest == clip.digest


def test_words_that_were_heard_stand_in_for_a_recording_that_is_gone(home: Path) -> None:
    clip = AudioClip(np.zeros(160, dtype=np.float32))
    stored, attachments = recorded(Turn("s", "", clip, transcript=Transcript("hello", "en")))
    next(attachments.folder.rglob("*.npz")).unlink()
    turn, missing = turn_again(stored, attachments)
    assert (turn.text, turn.audio) == ("hello", None)
    assert "is gone" in missing[0]


def test_each_dialogue_knows_the_effects_of_the_one_it_repeats(home: Path) -> None:
    log = DialogueLog(Database(f"sqlite:///{data_dir() / 'assistant.sqlite3'}"))
    for number in (1, 2):
        log.append(log.open("s", "shop.return", {}), "did", {"key": "ticket", "result": number})
    known = remembered_effects(log.story("s"))
    assert [known("shop.return"), known("shop.other")] == [({"key": "ticket", "result": 1},), ()]
    assert known("shop.return") == ({"key": "ticket", "result": 2},)
    assert known("shop.return") == ()


def test_scratch_home_holds_copies_and_leaves_the_real_one_alone(home: Path) -> None:
    kept = data_dir() / "plugins" / "shop" / "orders.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("one order")
    with scratch_home([]) as settings:
        assert data_dir() != home / "data"
        copy = data_dir() / "plugins" / "shop" / "orders.txt"
        assert copy.read_text() == "one order"
        copy.write_text("no order")
        assert str(data_dir()) in settings.storage_url
        scratch = data_dir()
    assert os.environ["ASSISTANT_HOME"] == str(home)
    assert kept.read_text() == "one order"
    assert not scratch.exists()


def test_what_changed_is_named(home: Path) -> None:
    stored, attachments = recorded(Turn("s", "hello"), reply="hi")

    async def respond(turn: Turn) -> TurnResult:
        return TurnResult(turn, Decision("a.c", 0.5, "answer"), Reply("hi"), {})

    app = SimpleNamespace(dialogues=SimpleNamespace(effects_known=None), respond=respond)
    (replayed,) = asyncio.run(replay_turns([stored], attachments, [], app))
    assert isinstance(replayed, Replayed)
    assert replayed.changed == ("intent",)
    assert replayed.to_json()["now"] == {"intent": "a.c", "confidence": 0.5, "outcome": "answer", "reply": "hi"}
