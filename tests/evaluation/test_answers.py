import tomllib
from pathlib import Path

import numpy as np
import pytest

from assistant.evaluation.answers import DATA, FILES, SETS, answers, fitted, read_questions
from assistant.inputs.document_file import read_sections
from assistant.training.data import load_from_tests

making = load_from_tests(FILES, "The files are")
HALVES = ("development", "held_out")


def words_of(entry: dict[str, object]) -> str:
    parts = [entry.get("text", ""), entry.get("said", ""), *entry.get("pages", ()), *entry.get("lines", ())]  # type: ignore[misc]
    parts += [" ".join(row) for row in entry.get("rows", ())]  # type: ignore[attr-defined]
    return " ".join(" ".join(map(str, parts)).split()).lower()


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("data", SETS, ids=lambda data: data.name)
def test_every_answer_stands_in_its_file(data: Path, half: str) -> None:
    words = {entry["name"]: words_of(entry) for entry in making.files_in(data / "files.toml")}
    questions = read_questions(data / f"{half}.toml")
    assert all(each.holds.lower() in words[each.file] for each in questions if each.holds)
    assert sum(not each.holds for each in questions) * 4 >= len(questions)


def test_the_halves_share_no_question() -> None:
    for data in SETS:
        first, second = ({each.ask for each in read_questions(data / f"{half}.toml")} for half in HALVES)
        assert not first & second


def test_the_questions_stay_out_of_the_wheel() -> None:
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]
    assert not any(DATA.relative_to(root).as_posix().startswith(each.strip("/") + "/") for each in shipped)


def test_the_files_are_what_their_names_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = [
        entry
        for entry in making.files_in(DATA / "files.toml")
        if not entry["name"].endswith((".wav", ".png", ".html", ".eml"))
    ]
    monkeypatch.setattr(making, "files_in", lambda table: chosen)
    making.make_files(tmp_path, DATA)
    for entry in chosen:
        text = " ".join(
            section.text for section in read_sections((tmp_path / entry["name"]).read_bytes(), entry["name"])
        )
        assert words_of(entry)[:20].split()[0] in text.lower()


def test_the_fit_tells_answers_from_others_and_says_from_when() -> None:
    rng = np.random.default_rng(0)
    from assistant.retrieval.library.answering import FEATURES

    asked = np.repeat(np.arange(60), 8)
    right = np.zeros(480, bool)
    right[::8] = np.arange(60) % 4 > 0
    rows = rng.normal(size=(480, len(FEATURES))).astype(np.float32)
    rows[right, 3] += 6
    found = fitted(rows, right, asked, [number % 4 == 0 for number in range(60)])
    assert max(found["words"], key=lambda name: found["words"][name]) == FEATURES[3]
    assert 0 < found["answers_from"] < 1


def test_words_are_compared_whatever_their_case_and_spacing() -> None:
    question = next(each for each in read_questions(DATA / "development.toml") if each.holds)
    assert answers(question, f"/home/{question.file}", question.holds.upper().replace(" ", "\n"))
    assert not answers(question, "/home/other.txt", question.holds)
