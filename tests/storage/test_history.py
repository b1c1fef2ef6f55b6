import stat
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.errors import StorageError
from assistant.storage import Attachments, Database, DialogueLog, History
from assistant.types import AudioClip, Decision, Picture, Reply, Turn, TurnResult


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'private' / 'assistant.sqlite3'}")


def result_of(turn: Turn, **reply: str) -> TurnResult:
    decision = Decision("dice.roll_die", 0.9, "answer", contributions={"text": np.float32(1.0)})
    return TurnResult(turn, decision, Reply(reply.get("text", "You rolled 4.")), {"total": 12.5})


def test_turn_is_stored_before_it_is_answered(database: Database) -> None:
    history = History(database)
    history.begin(Turn(session="s", text="roll a die"))
    [stored] = History(Database(database.url)).turns("s")
    assert (stored.status, stored.text) == ("open", "roll a die")


def test_answer_completes_the_stored_turn(database: Database) -> None:
    history = History(database)
    turn = Turn(session="s", text="roll a die")
    history.begin(turn)
    history.finish(result_of(turn))
    [stored] = history.turns("s")
    assert (stored.status, stored.intent, stored.reply) == ("answered", "dice.roll_die", "You rolled 4.")
    assert stored.latency_ms == {"total": 12.5}
    assert stored.contributions == {"text": 1.0}


def test_steps_after_the_answer_are_added_to_its_latency(database: Database) -> None:
    history = History(database)
    turn = Turn(session="s", text="roll a die")
    history.begin(turn)
    history.finish(result_of(turn))
    history.add_latency(turn.id, {"to first sound": 512.5})
    history.add_latency("no such turn", {"to first sound": 1.0})
    [stored] = history.turns("s")
    assert stored.latency_ms == {"total": 12.5, "to first sound": 512.5}


def test_sessions_are_listed_latest_first_with_their_last_words(database: Database) -> None:
    history = History(database)
    for at, session, text in ((1.0, "old", "one"), (2.0, "new", "two"), (3.0, "new", "three")):
        history.begin(Turn(session=session, text=text, at=at))
    assert [(s.session, s.turns, s.last_text) for s in history.sessions()] == [("new", 2, "three"), ("old", 1, "one")]


def test_limit_keeps_the_last_turns_in_order(database: Database) -> None:
    history = History(database)
    for at in range(5):
        history.begin(Turn(session="s", text=str(at), at=float(at)))
    assert [turn.text for turn in history.turns("s", limit=2)] == ["3", "4"]


def test_database_and_its_folder_are_owner_only(database: Database) -> None:
    History(database).sessions()
    path = Path(database.url.removeprefix("sqlite:///"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.faults
def test_damaged_database_is_one_clear_line_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "broken.sqlite3"
    path.write_bytes(b"this is not a database, it only has its name" * 100)
    before = path.read_bytes()
    with pytest.raises(StorageError, match=r"damaged.*Move it away") as caught:
        History(Database(f"sqlite:///{path}")).sessions()
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


def test_dialogue_events_come_back_in_order_until_closed(database: Database) -> None:
    log = DialogueLog(database)
    dialogue = log.open("s", "shop.return_item", {"text": "return it"})
    log.append(dialogue, "asked", {"question": "Which order?"})
    log.append(dialogue, "answered", {"value": "A1001"})
    again = DialogueLog(Database(database.url))
    assert [record.id for record in again.pending("s")] == [dialogue]
    assert [kind for kind, _ in again.events(dialogue)] == ["asked", "answered"]
    again.close(dialogue, "answered")
    assert log.pending("s") == []


def test_attachments_come_back_bit_for_bit(tmp_path: Path) -> None:
    attachments = Attachments(tmp_path / "attachments")
    picture = Picture(Image.effect_noise((40, 30), 60).convert("RGB"))
    clip = AudioClip(np.linspace(-1, 1, 777, dtype=np.float32), 8000)
    assert attachments.get_picture(attachments.put_picture(picture)).digest == picture.digest
    assert attachments.get_clip(attachments.put_clip(clip)).digest == clip.digest


def test_a_name_that_is_no_digest_never_becomes_a_path(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not the digest"):
        Attachments(tmp_path).get_picture("../../etc/passwd")


def test_the_last_pictures_of_a_session_come_newest_first_and_lost_ones_are_left_out(
    database: Database, tmp_path: Path
) -> None:
    attachments = Attachments(tmp_path / "attachments")
    history = History(database, attachments)
    red, green, blue = (Picture(Image.new("RGB", (4, 4), colour)) for colour in ("red", "green", "blue"))
    history.begin(Turn(session="s", images=(red, green), at=1.0))
    history.begin(Turn(session="s", text="and?", at=2.0))
    history.begin(Turn(session="other", images=(blue,), at=3.0))
    assert [each.digest for each in history.pictures("s")] == [green.digest]
    assert [each.digest for each in history.pictures("s", 5)] == [green.digest, red.digest]
    attachments.remove(green.digest)
    assert [each.digest for each in history.pictures("s", 5)] == [red.digest]
    assert history.pictures("nothing", 5) == []
    assert History(database).pictures("s") == []


def test_old_turns_are_deleted_when_the_user_wants_that(database: Database, tmp_path: Path) -> None:
    attachments = Attachments(tmp_path / "attachments")
    kept = Picture(Image.new("RGB", (8, 8), "red"))
    long_ago, now = time.time() - 40 * 86_400, time.time()
    history = History(database, attachments)
    for at, text, image in ((long_ago, "old", Image.new("RGB", (8, 8), "blue")), (now, "new", kept.image)):
        turn = Turn(session="s", text=text, images=(Picture(image),), at=at)
        history.begin(turn)
        history.finish(result_of(turn))
    assert [each.text for each in history.turns("s")] == ["old", "new"]
    late = History(database, attachments, keep_days=30)
    turn = Turn(session="other", text="hello")
    late.begin(turn)
    late.finish(result_of(turn))
    assert [each.text for each in history.turns("s")] == ["new"]
    assert len(list((tmp_path / "attachments").rglob("*.png"))) == 1
    assert [each.text for each in history.turns("other")] == ["hello"]


def test_an_open_dialogue_outlives_its_turns(database: Database) -> None:
    log, history = DialogueLog(database), History(database)
    opened = log.open("s", "shop.cancel", {"turn": {"id": "1"}})
    closed = log.open("s", "shop.cancel", {"turn": {"id": "2"}})
    log.close(closed, "answered")
    history.forget_before(time.time() + 1)
    assert [each.id for each in log.pending("s")] == [opened]


def test_a_turn_reads_its_session_once_and_again_after_a_change(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    history, read = History(database), []
    rows = Database.rows

    def noted(self: Database, query: object, values: object = None) -> object:
        read.append(query)
        return rows(self, query, values)  # type: ignore[arg-type]

    monkeypatch.setattr(Database, "rows", noted)
    for number in range(15):
        history.begin(Turn(session="s", text=str(number), at=float(number)))
    with history.remembering("s"):
        assert [turn.text for turn in history.turns("s", 2)] == ["13", "14"]
        assert [turn.text for turn in history.turns("s", 3)] == ["12", "13", "14"]
        assert history.is_quick("s", 3)
        assert len(read) == 1
        assert len(history.turns("s")) == len(history.turns("s", 15)) == 15  # more than is kept
        history.begin(Turn(session="s", text="new", at=20.0))
        assert [turn.text for turn in history.turns("s", 2)] == ["14", "new"]
    read.clear()
    assert history.turns("s", 1) == history.turns("s", 1)
    assert len(read) == 2
