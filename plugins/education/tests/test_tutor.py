import time
from pathlib import Path

import pytest
from PIL import Image

from assistant import Exchange, Picture, Turn
from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from plugins.education.course import lessons as lessons_of
from plugins.education.follow_ups import wants_it_told


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


def picture() -> Picture:
    return Picture(Image.new("RGB", (40, 40), "white"))


def test_explains_from_the_lesson_and_names_it(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("explain photosynthesis", intent="explain_concept")
    assert "photosynthesis.md" in reply.text
    assert "sunlight" in reply.text
    assert "光合作用是" in plugin.ask("解释一下光合作用", intent="explain_concept").text


def test_a_lesson_is_found_by_a_part_of_its_title(plugin: PluginUnderTest) -> None:
    assert "axis is tilted" in plugin.ask("why do we have seasons?", intent="explain_concept").text


def test_what_a_thing_is_begins_with_its_definition(plugin: PluginUnderTest) -> None:
    text = plugin.ask("What's inertia?", intent="explain_concept").text
    assert text.startswith("inertia: the tendency")
    assert "newtons-laws.md" in text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I don't understand", "In short: Photosynthesis is how plants"),
        ("again, but simpler please", "glucose: a simple sugar"),
        ("tell me more", "It takes place in the chloroplasts"),
        ("我不懂", "光合作用"),
    ],
)
def test_what_was_not_understood_is_told_another_way(plugin: PluginUnderTest, text: str, told: str) -> None:
    first = plugin.ask("explain photosynthesis", intent="explain_concept")
    said = [Exchange("explain photosynthesis", first.text, "education.explain_concept", "answer")]
    services = FakeServices(said=said, options={"course": "", "example": True})
    assert told in plugin.ask(text, intent="explain_concept", services=services).text


@pytest.mark.parametrize(
    ("asked", "said", "told"),
    [
        ("what is meant by osmosis", "can you say that more simply", "In short: When a membrane lets water through"),
        ("what is meant by osmosis", "in other words", "diffusion: the spreading of particles"),
        ("what is meant by osmosis", "give me an example", "a raisin swells in water"),
        ("什么叫渗透", "能说得再简单点吗", "简单说：渗透是水穿过膜移向溶质较多的一侧。"),
        (
            "什么叫惯性",
            "没听懂，换个说法",
            "简单说：牛顿第一定律（惯性定律）：没有外力时",
        ),
    ],
)
def test_a_term_is_told_another_way(plugin: PluginUnderTest, asked: str, said: str, told: str) -> None:
    first = plugin.ask(asked, intent="define_term")
    before = [Exchange(asked, first.text, "education.define_term", "answer", dict(first.data))]
    services = FakeServices(said=before, options={"course": "", "example": True})
    assert wants_it_told(said, before)
    assert told in plugin.ask(said, intent="explain_concept", services=services).text


@pytest.mark.parametrize("said", ["again", "say that again", "thanks", "what is a gene", "考考我", "再说一遍"])
def test_other_words_want_nothing_told_another_way(said: str) -> None:
    assert not wants_it_told(said, [Exchange("explain osmosis", "…", "education.explain_concept", "answer")])


def test_a_quiz_follows_what_was_explained(plugin: PluginUnderTest) -> None:
    for text, said, title in (("explain density", "ok quiz me", "Density"), ("解释一下密度", "再考考我", "密度")):
        first = plugin.ask(text, intent="explain_concept")
        before = [Exchange(text, first.text, "education.explain_concept", "answer", dict(first.data))]
        services = FakeServices(said=before, options={"course": "", "example": True})
        asked = plugin.ask(said, intent="quiz_me", services=services, answers=["?", "?", "?"])
        assert asked.data["file"] == "density.md", title


def test_a_quiz_follows_the_explanation_of_the_same_turn(plugin: PluginUnderTest) -> None:
    turn = Turn(text="先解释一下密度", id="one")
    plugin.ask(turn=turn, intent="explain_concept")
    asked = plugin.ask(turn=Turn(text="再考考我", id="one"), intent="quiz_me", answers=["?", "?", "?"])
    assert asked.data["file"] == "density.md"


def test_the_answer_of_a_quiz_question_is_told(plugin: PluginUnderTest) -> None:
    before = [
        Exchange("quiz me", "What is density?", "education.quiz_me", "answer"),
        Exchange("mass", "Partly right.\nWhen does a body sink?", "education.quiz_me", "answer"),
    ]
    services = FakeServices(said=before, options={"course": "", "example": True})
    now = plugin.ask("what is the answer", intent="grade_answer", services=services).text
    assert "When it is denser than the liquid." in now
    past = plugin.ask("what was the right answer", intent="grade_answer", services=services).text
    assert "Mass divided by volume." in past


def test_the_lessons_are_listed(plugin: PluginUnderTest) -> None:
    assert "Photosynthesis" in plugin.ask("which lessons are there", intent="summarize_lesson").text
    assert "光合作用" in plugin.ask("有哪些课程", intent="summarize_lesson").text


def test_nothing_said_before_is_asked_about(plugin: PluginUnderTest) -> None:
    assert plugin.ask("I don't understand", intent="explain_concept").text.startswith("What shall I explain?")


def test_what_the_course_does_not_cover_is_admitted(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("explain the offside rule", intent="explain_concept")
    assert "would rather not guess" in reply.text
    assert "The French Revolution" in reply.text


def test_defines_a_term(plugin: PluginUnderTest) -> None:
    assert plugin.ask("what is meant by inertia in physics", intent="define_term").text.startswith(
        "inertia: the tendency"
    )
    assert "叶绿素" in plugin.ask("名词解释：叶绿素", intent="define_term").text


def test_summary_holds_sentences_of_the_lesson(plugin: PluginUnderTest) -> None:
    text = plugin.ask("summarize the lesson on DNA", intent="summarize_lesson").text
    lines = [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]
    lesson = next(
        lesson
        for lesson in lessons_of(FakeServices(options={"course": "", "example": True}))
        if lesson.source == "dna.md"
    )
    assert 3 <= len(lines) <= 4
    assert all(line in lesson.text for line in lines)


def test_solves_with_steps(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("solve 2x + 3 = 11", intent="solve_exercise")
    assert "2·x = 8" in reply.text
    assert reply.speech == "The result: x equals 4."


def test_solves_what_is_printed_on_a_photo(plugin: PluginUnderTest) -> None:
    services = FakeServices(lines=["Exercise 4", "3x - 5 = 10"])
    reply = plugin.ask("help me with this", intent="solve_exercise", pictures=[picture()], services=services)
    assert "I read: 3x - 5 = 10" in reply.text
    assert "x = 5" in reply.text


def test_a_drawn_exercise_is_not_guessed(plugin: PluginUnderTest) -> None:
    services = FakeServices(lines=["What is the area of the circle in the drawing?"])
    reply = plugin.ask("help me with this", intent="solve_exercise", pictures=[picture()], services=services)
    assert "I find none here" in reply.text


def test_a_page_that_sets_no_task_is_told_whole_and_without_a_lesson(plugin: PluginUnderTest) -> None:
    notice = ["NOTICE TO ALL TENANTS", "The water will be turned off on Thursday."] + ["We are sorry for that."] * 15
    services = FakeServices(lines=[*notice, "Keep a bucket of water ready in the winter season."])
    reply = plugin.ask("what about this", intent="solve_exercise", pictures=[picture()], services=services).text
    assert "Keep a bucket of water ready in the winter season." in reply
    assert "lesson" not in reply


def test_hostile_exercise_gets_a_reason(plugin: PluginUnderTest) -> None:
    started = time.process_time()
    assert "exponent" in plugin.ask("calculate 9**9**9**9", intent="solve_exercise").text
    assert time.process_time() - started < 10.0


def test_quiz_asks_marks_and_counts(plugin: PluginUnderTest) -> None:
    answers = ["light, water and carbon dioxide", "oxygen", "because they like it"]
    text = plugin.ask("quiz me on photosynthesis", intent="quiz_me", answers=answers).text
    assert "Not quite" in text
    assert "You had 2 of 3 right." in text


def test_the_same_turn_asks_the_same_quiz(plugin: PluginUnderTest) -> None:
    turn = Turn(text="quiz me", id="abc123")
    texts = {plugin.ask(turn=turn, intent="quiz_me", answers=["?", "?", "?"]).text for _ in range(3)}
    assert len(texts) == 1


def test_marks_an_answer_and_names_what_is_missing(plugin: PluginUnderTest) -> None:
    text = plugin.ask(
        "question: What do plants need for photosynthesis? answer: they need light", intent="grade_answer"
    ).text
    assert "What do plants need" in text
    assert "carbon dioxide" in text


def test_every_lesson_is_complete() -> None:
    assert len(lessons_of(FakeServices(options={"course": "", "example": True}))) >= 10
    for lesson in lessons_of(FakeServices(options={"course": "", "example": True})):
        assert lesson.chinese, lesson.source
        assert len(lesson.sections) >= 3, lesson.source
        assert len(lesson.terms) >= 3, lesson.source
        assert len(lesson.questions) >= 2, lesson.source
        for question in lesson.questions:
            assert all(any(w[:4] in question.answer.lower() for w in key.split()) for key in question.keys), question


def test_who_has_no_idea_is_told_and_not_scolded(plugin: PluginUnderTest) -> None:
    answers = ("I don't understand", "skip it", "oxygen")
    reply = plugin.ask("quiz me on photosynthesis", intent="quiz_me", answers=answers)
    assert "of 3 right" in reply.text
    assert "tomorrow" in reply.text


@pytest.mark.parametrize(
    ("exercise", "claim", "told"),
    [
        ("solve 2x+3=11", "I got x = 5", "Not quite"),
        ("solve 2x+3=11", "is it x = 4?", "Yes, x = 4 is right"),
        ("solve x^2 - 5x + 6 = 0", "my answer is x = 3", "Yes"),
        ("solve 4x = 2", "I think x = 0.5", "Yes"),
        ("what is 3 + 4", "I have x = 5", "x = 5"),
    ],
)
def test_a_result_is_checked_against_the_exercise_before_it(
    plugin: PluginUnderTest, exercise: str, claim: str, told: str
) -> None:
    said = [Exchange(exercise, "…", "education.solve_exercise", "answer")]
    services = FakeServices(said=said, options={"course": "", "example": True})
    assert told in plugin.ask(claim, intent="solve_exercise", services=services).text
