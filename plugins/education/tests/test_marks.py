"""Pupils' answers, right, partly and wrong, get the marks that a teacher would give, by the real models."""

import asyncio
import tomllib
from pathlib import Path

import pytest

from assistant.app import App
from plugins.education.course import lessons
from plugins.education.quizzing import mark

ANSWERS = Path(__file__).parent / "answers.toml"


async def marked() -> list[tuple[str, str, str]]:
    """The mark wanted, the mark given, and the answer, of each."""
    app = await App.open()
    try:
        app.start_loading(text_only=True)
        await app.wait_ready()
        services = app.services_for("education")
        questions = {question.question: question for each in lessons(services) for question in each.questions}
        wanted: dict[str, list[list[str]]] = tomllib.loads(ANSWERS.read_text("utf-8"))
        return [
            (grade, (await mark(questions[name], answer, services)).verdict, answer)
            for name, rows in wanted.items()
            for grade, answer in rows
        ]
    finally:
        await app.close()


@pytest.mark.models
@pytest.mark.timeout(300)
def test_marks_are_those_of_a_teacher() -> None:
    results = asyncio.run(marked())
    other = [result for result in results if result[0] != result[1]]
    assert len(results) == 31
    assert len(other) <= 3, other
    assert not [each for each in other if {each[0], each[1]} == {"right", "wrong"}]
