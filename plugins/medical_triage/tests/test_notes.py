"""Triage notes: complete, kept once, unchangeable without notice, deletable, printable."""

import asyncio
import json
import multiprocessing
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from assistant import Turn, UserError
from assistant.testing import FakeDialogue, FakeServices
from plugins.medical_triage.checking import check_symptoms
from plugins.medical_triage.facts import read_facts
from plugins.medical_triage.note_answer import doctor_note
from plugins.medical_triage.note_commands import write_page
from plugins.medical_triage.note_page import page
from plugins.medical_triage.notes import Notes, Said, note_of


def note(key: str, text: str = "I have a headache and no fever", session: str = "s") -> dict[str, Any]:
    turn = Turn(session=session, text=text)
    return note_of(key, turn, [Said("text", text)], read_facts(text), level="doctor", advice="See a doctor.")


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path)


def test_an_assessment_leaves_a_note_with_words_facts_rules_and_sources() -> None:
    services = FakeServices()
    dialogue = FakeDialogue(("no, nothing like that", "two days", "4"))
    reply = asyncio.run(check_symptoms(Turn(text="I have a headache, no fever"), dialogue, services))
    (kept,) = Notes(services.data_dir).all()
    assert [one["words"] for one in kept["said"]] == [
        "I have a headache, no fever",
        "no, nothing like that",
        "two days",
        "4",
    ]
    assert kept["said"][1]["question"] == dialogue.asked[0]
    facts = {fact["fact"]: fact for fact in kept["facts"]}
    assert facts["headache"]["said"][0] == {"in": 0, "words": "headache"}
    assert facts["fever"]["denied"]
    assert facts["stiff_neck"]["denied"]
    assert (kept["lasting_hours"], kept["pain_of_10"], kept["level"]) == (48, 4, "self_care")
    assert kept["rules"][0]["source"].startswith("NHS")
    assert kept["advice"] == reply.text
    assert len(kept["knowledge"]["rules.toml"]) == 64


def test_the_same_dialogue_leaves_one_note(notes: Notes) -> None:
    notes.add(note("d1"))
    notes.add(note("d1", "something else"))
    assert [kept["said"][0]["words"] for kept in notes.all()] == ["I have a headache and no fever"]
    assert notes.verify() == []


def test_a_changed_note_is_noticed(notes: Notes) -> None:
    path = notes.add(note("d1"))
    path.write_text(path.read_text().replace("doctor", "self_care"))
    assert notes.verify() == ["Note d1 was changed after it was written."]


@pytest.mark.parametrize("line", [0, 1])
def test_a_journal_line_changed_or_taken_out_is_noticed(notes: Notes, line: int) -> None:
    for key in ("d1", "d2", "d3"):
        notes.add(note(key))
    lines = notes.journal.read_text().splitlines()
    notes.journal.write_text("\n".join([*lines[:line], *lines[line + 1 :]]) + "\n")
    assert "was changed, or one before it was taken out" in notes.verify()[0]


def test_a_note_taken_away_by_hand_is_noticed_and_a_deleted_one_is_not(notes: Notes) -> None:
    first, second = notes.add(note("d1", session="a")), notes.add(note("d2", session="b"))
    assert notes.delete(session="a") == 1
    assert not first.exists()
    assert notes.verify() == []
    assert "headache" not in notes.journal.read_text()
    second.unlink()
    assert notes.verify() == ["Note d2 is missing, and it was not deleted here."]


def test_a_line_that_a_crash_cut_off_does_not_count(notes: Notes) -> None:
    notes.add(note("d1"))
    with notes.journal.open("a") as file:
        file.write('{"number": 2, "wh')
    notes.add(note("d2"))
    assert [kept["key"] for kept in notes.all()] == ["d1", "d2"]
    assert notes.verify() == []


def _write_many(folder: Path) -> None:
    notes = Notes(folder)
    for number in range(10_000):
        notes.add(note(f"d{number}"))


def test_sigkill_loses_and_doubles_nothing(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_write_many, args=(tmp_path,))
    process.start()
    notes, deadline = Notes(tmp_path), time.monotonic() + 30
    while len(notes.all()) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    kept = [one["key"] for one in notes.all()]
    assert len(kept) >= 3
    assert notes.verify() == []
    for number in range(len(kept) + 2):  # the dialogues are replayed, as after every crash
        notes.add(note(f"d{number}"))
    assert [one["key"] for one in notes.all()] == [f"d{number}" for number in range(len(kept) + 2)]
    assert notes.verify() == []


def test_only_the_owner_may_read(notes: Notes, tmp_path: Path) -> None:
    path = notes.add(note("d1"))
    write_page(tmp_path / "note.html", notes.all())
    for place in (path, notes.journal, tmp_path / "note.html"):
        assert place.stat().st_mode & 0o077 == 0


def test_the_page_shows_the_words_and_runs_nothing() -> None:
    shown = page([note("d1", "my <script>alert(1)</script> head hurts")])
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
    assert "See a doctor in the next days" in shown
    assert "http" not in shown


def test_a_symptom_both_denied_and_told_is_named_as_such() -> None:
    text = "I have no chest pain. Well, the chest pain started this morning."
    assert "told, and also denied" in page([note("d1", text)])


def test_the_doctors_note_is_asked_for_in_the_conversation() -> None:
    services = FakeServices()
    none = asyncio.run(doctor_note(Turn(session="s", text="give me a note for my doctor"), services))
    assert "no note yet" in none.text
    Notes(services.data_dir).add(note("d1"))
    reply = asyncio.run(doctor_note(Turn(session="s", text="give me a note for my doctor"), services))
    assert reply.attachments[0] in reply.text
    assert "a headache" in Path(reply.attachments[0]).read_text()
    assert "a headache" in reply.speech


def test_a_page_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Cannot write"):
        write_page(tmp_path / "no" / "page.html", [])


def test_a_note_is_json(notes: Notes) -> None:
    assert json.loads(notes.add(note("d1")).read_text())["schema"] == 1
