"""Questions over the example course, with the real encoders."""

import asyncio
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import Turn
from assistant.loading import create_models
from assistant.retrieval.collection import key_of, read_encodings
from assistant.settings import load_settings
from assistant.testing import FakeServices
from plugins.education.course import find_lesson
from plugins.education.course_folders import EXAMPLE
from plugins.education.finding import find_in_lecture
from plugins.education.indexing import SEED, build_index


def questions(kind: str) -> Iterator[tuple[str, str]]:
    listed = tomllib.loads((Path(__file__).parent / "course_questions.toml").read_text("utf-8"))[kind]
    for wanted, asked in listed.items():
        yield from ((wanted, question) for question in asked)


def test_the_example_course_comes_with_its_encodings() -> None:
    known = read_encodings(SEED / "encodings.safetensors")
    index = asyncio.run(build_index([EXAMPLE], FakeServices(options={"course": "", "example": True})))
    version = create_models(load_settings()).text_version
    missing = [each.text for each in index.passages if key_of(version, each.text) not in known]
    assert index.passages
    assert not missing, "run python -m plugins.education.make_course --encodings"


@pytest.mark.models
@pytest.mark.slow
def test_questions_find_their_places_and_lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.app import App

    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))

    async def found() -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
        app = await App.open()
        try:
            services = app.services_for("education")
            places, lessons = [], []
            for wanted, question in questions("places"):
                reply = await find_in_lecture(Turn(text=question), services)
                places.append((wanted, question, str(reply.data.get("passage", ""))))
            for wanted, question in questions("lessons"):
                lesson, section = await find_lesson(question, services)
                told = f"{lesson.source} / {section.title}" if lesson and section else ""
                lessons.append((wanted, question, told))
            return places, lessons
        finally:
            await app.close()

    places, lessons = asyncio.run(found())
    missed = [each for each in places if (each[0].lower() not in each[2].lower() if each[0] else each[2])]
    assert len(places) == 26
    assert len(missed) <= 5, missed  # a search by one encoder, in passages without their words, missed 7
    wrong = [each for each in lessons if each[0] != each[2]]
    assert len(lessons) == 20
    assert len(wrong) <= 4, wrong
