"""Tests that asides to a quiz question are answered and never marked."""

from pathlib import Path

import pytest

from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from plugins.education.quiz_remarks import aside_of

OPTIONS = {"course": "", "example": True}


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


@pytest.mark.parametrize(
    ("said", "aside"),
    [
        ("what was the question again?", "repeat"),
        ("can you repeat the question", "repeat"),
        ("再说一遍问题", "repeat"),
        ("help", "help"),
        ("give me a hint", "help"),
        ("提示", "help"),
        ("where did the lecture explain gradients", "where"),
        ("which slide was that on?", "where"),
        ("老师在第几分钟提到学习率", "where"),
        ("what does chlorophyll mean", "meaning"),
        ("什么叫叶绿素？", "meaning"),
        ("can you explain that", "explain"),
        ("why do plants need light?", "explain"),
        ("解释一下光合作用", "explain"),
        ("I have a plan and a rope", "other"),
        ("I'm hungry", "other"),
        ("my cat is ill", "other"),
        ("我想出去玩", "other"),
    ],
)
def test_questions_and_requests_are_no_answers(said: str, aside: str) -> None:
    assert aside_of(said) == aside


@pytest.mark.parametrize(
    "said",
    [
        *("light and water", "oxygen?", "is it oxygen?", "was it Robespierre", "1789"),
        *("because they were hungry", "I think it was Robespierre", "I would say the chlorophyll"),
        *("I don't know", "skip", "how much mass there is per volume", "what plants breathe out"),
        *("when the sun shines", "the slope of the tangent", "multiply by 0.15", "我觉得是氧气", "是氧气吗", "不知道"),
        *("阳光、水和二氧化碳", ""),
    ],
)
def test_answers_are_no_asides(said: str) -> None:
    assert aside_of(said) is None


def quiz(plugin: PluginUnderTest, *answers: str) -> str:
    services = FakeServices(options=OPTIONS)
    return plugin.ask("quiz me on photosynthesis", intent="quiz_me", answers=list(answers), services=services).text


def test_asides_are_served_and_do_not_count(plugin: PluginUnderTest) -> None:
    asides = ("what was the question again?", "can you explain that", "I have a plan and a rope", "help")
    right = ("light, water and carbon dioxide", "oxygen", "chlorophyll reflects green light")
    assert "You had 3 of 3 right." in quiz(plugin, asides[0], right[0], *asides[1:3], right[1], asides[3], right[2])


def test_endless_asides_end(plugin: PluginUnderTest) -> None:
    assert "of 1 right" in quiz(plugin, *["what was the question again?"] * 9, "stop")


def test_a_part_of_a_date_is_partly_right(plugin: PluginUnderTest) -> None:
    def answered(first: str) -> str:
        services = FakeServices(options=OPTIONS)
        answers = [first, "stop"]
        turn = "quiz me on the French Revolution"
        return str(plugin.ask(turn, intent="quiz_me", answers=answers, services=services).data["answers"][0]["verdict"])

    assert answered("in 1789") == "partly"
    assert answered("July 14th, 1789") == "right"
    assert answered("1815") == "wrong"
