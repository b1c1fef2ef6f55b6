"""Course folders: what is read, what cannot be and why, and where things are found again."""

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from assistant import AudioClip, Transcript
from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from plugins.education.commands import overview
from plugins.education.course import lessons
from plugins.education.course_folders import EXAMPLE
from plugins.education.indexing import SEED, Index, build_index
from plugins.education.make_course import pdf_of
from plugins.education.passages import clock, spoken_passages
from plugins.education.reviewing import Reviews, next_card

OPTIONS = {"course": "", "example": True}
SPOKEN = Transcript(
    "We begin. Now we define entropy. Entropy measures disorder.",
    "en",
    segments=((0.0, 4.0, "We begin."), (65.0, 75.0, "Now we define entropy. Entropy measures disorder.")),
)


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of a user's own, with good files and bad ones."""
    folder = tmp_path / "course"
    (folder / "week 1").mkdir(parents=True)
    (folder / "week 1" / "notes.md").write_text("# Thermodynamics\nHeat flows from warm to cold.\n", "utf-8")
    (folder / "handout.pdf").write_bytes(
        pdf_of([["Page one", "Nothing here."], ["Page two", "Carnot built an engine."]])
    )
    soundfile.write(folder / "lecture.wav", np.zeros(16_000, np.float32), 16_000)
    Image.new("RGB", (400, 300), "white").save(folder / "slide.png")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4\nthis is no PDF at all")
    (folder / "empty.pdf").write_bytes(pdf_of([[""]] * 40))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    (folder / "broken.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVEno sound")
    (folder / "latin.md").write_bytes("# Caf\xe9\nno UTF-8".encode("latin-1"))
    (folder / ".hidden.txt").write_text("not ours", "utf-8")
    return folder


def services(tmp_path: Path, **more: object) -> FakeServices:
    kept = tmp_path / "kept"
    kept.mkdir(exist_ok=True)
    options = {"options": OPTIONS, "lines": ["Entropy never falls"], "transcript": SPOKEN}
    return FakeServices(data_dir=kept, **(options | more))  # type: ignore[arg-type]


def test_every_kind_is_read_and_every_broken_file_is_named(course: Path, tmp_path: Path) -> None:
    index = asyncio.run(build_index([course], services(tmp_path)))
    assert {p.file: p.kind for p in index.passages} == {
        "handout.pdf": "page",
        "lecture.wav": "lecture",
        "slide.png": "slide",
    }
    assert [p.page for p in index.passages if "Carnot" in p.text] == [2]
    reasons = dict(index.problems)
    assert set(reasons) == {"broken.pdf", "empty.pdf", "broken.png", "broken.wav"}
    assert "damaged" in reasons["broken.pdf"]
    assert "none of its 40 pages holds text" in reasons["empty.pdf"]
    assert all("\n" not in reason for reason in reasons.values())
    assert "not read, the PDF is damaged" in overview(course, [], index)


def test_scanned_pages_are_read_by_ocr(tmp_path: Path) -> None:
    folder = tmp_path / "course"
    folder.mkdir()
    pages = [Image.fromarray(np.full((400, 300, 3), 255 - page, np.uint8)) for page in range(3)]
    pages[0].save(folder / "scan.pdf", save_all=True, append_images=pages[1:])
    index = asyncio.run(build_index([folder], services(tmp_path)))
    assert [(p.page, p.text) for p in index.passages] == [(n, "Entropy never falls") for n in (1, 2, 3)]


def test_what_was_read_is_not_read_again(course: Path, tmp_path: Path) -> None:
    class Counting(FakeServices):
        heard = 0

        async def transcribe(self, clip: object) -> Transcript:
            self.heard += 1
            return SPOKEN

    counting = Counting(data_dir=services(tmp_path).data_dir, options=OPTIONS, lines=["x y"])
    first = asyncio.run(build_index([course], counting))
    (course / "lecture.wav").rename(course / "renamed.wav")
    again = asyncio.run(build_index([course], counting))
    assert counting.heard == 1
    assert {p.file for p in again.passages} - {p.file for p in first.passages} == {"renamed.wav"}


def test_what_takes_too_long_waits_and_is_named(course: Path, tmp_path: Path) -> None:
    index = asyncio.run(build_index([course], services(tmp_path), patience=0.0))
    assert "lecture.wav" in index.waiting
    assert index.passages == []


def test_the_answer_names_file_and_minute(plugin: PluginUnderTest, course: Path, tmp_path: Path) -> None:
    at = services(tmp_path, options={"course": str(course), "example": False})
    reply = plugin.ask("where did the lecture mention entropy", intent="find_in_lecture", services=at)
    assert (reply.data["file"], reply.data["time"]) == ("lecture.wav", "01:05")
    assert reply.speech == "That is in lecture at 1 minute 5 seconds."
    assert "broken.pdf" in reply.text
    assert reply.data["passages"][0]["passage"].startswith("Now we define entropy.")
    json.dumps(dict(reply.data))
    assert "entropy" not in plugin.ask("where is the moon in the lecture", intent="find_in_lecture", services=at).text


def test_own_lessons_are_explained_and_quizzed(plugin: PluginUnderTest, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "heat.md").write_text(
        "# Heat engines\nA heat engine turns heat into work.\n\n## Terms\n- torque | | a turning force\n- bad row\n",
        "utf-8",
    )
    (folder / "Untitled notes.md").write_text("Just a line without any heading.", "utf-8")
    at = services(tmp_path, options={"course": str(folder), "example": False})
    assert [each.title for each in lessons(at)] == ["Untitled notes", "Heat engines"]
    assert "turns heat into work" in plugin.ask("explain heat engines", intent="explain_concept", services=at).text
    text = plugin.ask("quiz me on heat engines", intent="quiz_me", answers=["a turning force"], services=at).text
    assert "You had 1 of 1 right." in text


def test_an_empty_course_says_so(plugin: PluginUnderTest, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    at = services(tmp_path, options={"course": str(tmp_path / "none"), "example": False})
    for intent in ("explain_concept", "define_term", "find_in_lecture", "quiz_me"):
        assert plugin.ask("explain heat", intent=intent, services=at).text


def test_a_file_that_goes_away_while_it_is_read_is_named(course: Path, tmp_path: Path) -> None:
    class Sweeping(FakeServices):
        async def transcribe(self, clip: AudioClip) -> Transcript:
            (course / "lecture.wav").unlink()
            return SPOKEN

    index = asyncio.run(build_index([course], Sweeping(data_dir=tmp_path, options=OPTIONS)))
    assert dict(index.problems)["lecture.wav"] == "No such file or directory"
    assert "handout.pdf" in {passage.file for passage in index.passages}


def test_a_monologue_is_answered_in_time(plugin: PluginUnderTest) -> None:
    words = "so as I was saying the leaves were green and I wondered about photosynthesis and the light " * 110
    began = time.process_time()
    assert plugin.ask(words, intent="explain_concept").text
    assert time.process_time() - began < 15


def test_times_are_written_as_clocks() -> None:
    assert [clock(seconds) for seconds in (0, 65.9, 3725)] == ["00:00", "01:05", "1:02:05"]
    starts = [(round(p.start), p.text[:4]) for p in spoken_passages("x", [(0.0, 20.0, "One two. Three four.")])]
    assert starts == [(0, "One "), (8, "Thre")]


def test_the_example_course_comes_with_its_index() -> None:
    index: Index = asyncio.run(build_index([EXAMPLE], FakeServices(options=OPTIONS), patience=1.0))
    assert index.waiting == []
    assert index.problems == []
    assert {p.kind for p in index.passages} == {"page", "slide", "lecture"}
    assert len(list(SEED.glob("*.json"))) == 3


@pytest.mark.models
@pytest.mark.bench
@pytest.mark.timeout(900)
def test_the_shipped_transcript_is_what_whisper_hears_today() -> None:
    from assistant.inputs.audio_file import read_audio
    from assistant.settings import load_settings
    from assistant.speech import SpeechRecognizer

    heard, _ = SpeechRecognizer.from_settings(load_settings()).listen(
        read_audio(EXAMPLE / "lecture-gradient-descent.ogg")
    )
    told = (EXAMPLE.parent / "lecture-gradient-descent.txt").read_text("utf-8").split()
    missing = {word.strip(".,?").lower() for word in told} - {word.strip(".,?").lower() for word in heard.text.split()}
    assert len(missing) <= 3
    passages = spoken_passages("x", heard.segments)
    (start,) = [p.start for p in passages if p.text.startswith("This is where gradients")]
    assert abs(start - 24.3) < 3


# Spaced repetition


def test_intervals_grow_with_right_answers_and_begin_again_after_a_wrong_one() -> None:
    card, days = None, []
    today = date(2026, 3, 1)
    for _ in range(5):
        card = next_card("q", card, "right", today)
        days.append((date.fromisoformat(card.due) - today).days)
        today = date.fromisoformat(card.due)
    assert days == sorted(set(days)), "each interval is longer than the last"
    assert days[-1] > 60
    assert card is not None
    after = {verdict: next_card("q", card, verdict, today) for verdict in ("right", "partly", "wrong")}
    assert after["wrong"].due < after["partly"].due < after["right"].due
    assert date.fromisoformat(after["wrong"].due) <= today + timedelta(days=14)
    assert after["wrong"].difficulty > card.difficulty


def test_a_schedule_of_an_earlier_version_goes_on(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "reviews.sqlite3")) as db, db:
        db.execute(
            "CREATE TABLE cards (question TEXT PRIMARY KEY, due TEXT NOT NULL, repetitions INTEGER NOT NULL, "
            "days INTEGER NOT NULL, ease REAL NOT NULL)"
        )
        db.execute("CREATE TABLE answers (key TEXT PRIMARY KEY, question TEXT NOT NULL)")
        db.execute("INSERT INTO cards VALUES ('easy', '2026-03-20', 3, 17, 2.8), ('hard', '2026-03-02', 0, 1, 1.3)")
        db.execute("INSERT INTO answers VALUES ('k', 'easy')")
    reviews = Reviews(tmp_path)
    assert reviews.seen(["easy", "hard", "new"]) == {"easy", "hard"}
    assert reviews.due(["easy", "hard"], date(2026, 3, 10)) == ["hard"]
    assert reviews.due(["easy", "hard"], date(2026, 3, 20)) == ["hard", "easy"]
    assert reviews.answered("k", "easy", "right", date(2026, 3, 20)) == "2026-03-20", "this answer was noted before"
    due = date.fromisoformat(reviews.answered("l", "easy", "right", date(2026, 3, 20)))
    assert due > date(2026, 4, 6), "longer than the 17 days before"
    assert Reviews(tmp_path).answered("m", "hard", "right", date(2026, 3, 2)) < due.isoformat()


def test_what_is_due_is_asked_first_and_marked_once(plugin: PluginUnderTest, tmp_path: Path) -> None:
    at, reviews = services(tmp_path), Reviews(services(tmp_path).data_dir)
    question = "Which gas do plants give off in photosynthesis?"
    long_ago = date(2020, 1, 1)
    assert reviews.answered("k", question, "wrong", long_ago) == "2020-01-02"
    assert reviews.answered("k", question, "right", long_ago) == "2020-01-02"
    reply = plugin.ask("quiz me", intent="quiz_me", answers=["oxygen"], services=at)
    assert reply.data["answers"][0]["question"] == question
    assert reply.data["answers"][0]["verdict"] == "right"
    assert reviews.due([question], date.today()) == []


def test_a_hint_comes_before_the_steps(plugin: PluginUnderTest) -> None:
    text = plugin.ask("give me a hint for 2x + 3 = 11", intent="solve_exercise", answers=["no"]).text
    assert "try it yourself" in text
    assert "x = 4" not in text
    assert "x = 4" in plugin.ask("a hint for 2x + 3 = 11", intent="solve_exercise", answers=["yes"]).text
