from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from assistant import Exchange
from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from assistant.types import FloatArray
from plugins.memory.health import WEIGHTS
from plugins.memory.remembering import forgets_told, matches_forget, matches_recall, matches_remember
from plugins.memory.said import read_correction, read_forgetting, read_request, read_telling


class Harmless(FakeServices):
    """Finds every statement unlike those about health, so that only words tell of it."""

    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        weights = load_file(WEIGHTS)["weights"]
        return np.tile(weights[:-1, 0] - weights[:-1, 1], (len(texts), 1))


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ("my name is Henrietta", {"name": "Henrietta"}),
        ("Hello, my name is Anna and I live in Leeds.", {"name": "Anna", "home": "Leeds"}),
        ("my sister lives in Lima", {"sister.home": "Lima"}),
        ("my mum's name is Rosa", {"mother.name": "Rosa"}),
        ("my sister is Anna", {"sister.name": "Anna"}),
        ("I moved to Berlin last year", {"home": "Berlin"}),
        ("my favourite colour is green", {"favourite colour": "green"}),
        ("I speak English and Spanish", {"language": "English and Spanish"}),
        ("我叫小红，我住在上海", {"name": "小红", "home": "上海"}),
        ("我妹妹住在利马", {"妹妹.home": "利马"}),
        ("我妈妈的生日是五月三号", {"妈妈.birthday": "五月三号"}),
    ],
)
def test_what_is_told_is_read(said: str, facts: dict[str, str]) -> None:
    assert {fact.key: fact.value for fact in read_telling(said)} == facts
    assert matches_remember(said)


@pytest.mark.parametrize(
    "said",
    [
        "my name is wrong on the order",
        "my sister is tired",
        "call me a taxi",
        "call me back tomorrow",
        "I live in fear",
        "I live in the US but want to get a card",
        "my order is late",
        "my name is Tom, where is my order A1002",
        "remember to buy milk",
        "I have a headache",
        "I'm allergic to nuts",
        "my sister lives in a psychiatric hospital",
        "is my name Anna?",
        "我叫了外卖",
        "叫我起床",
        "记得买牛奶",
        "我对花生过敏",
    ],
)
def test_what_is_something_else_or_about_health_is_not_kept_unasked(said: str) -> None:
    assert not matches_remember(said)


@pytest.mark.parametrize(
    "said", ["what's my name?", "where does my sister live", "who am I", "我叫什么名字", "你都知道我些什么"]
)
def test_what_was_told_is_asked_for(said: str) -> None:
    assert matches_recall(said)


@pytest.mark.parametrize(
    "said", ["what's my order number", "where is my order", "what is my blood pressure", "我的订单在哪里"]
)
def test_other_questions_are_left_to_others(said: str) -> None:
    assert not matches_recall(said)


def test_told_asked_and_forgotten(plugin: PluginUnderTest) -> None:
    services = Harmless()
    told = plugin.ask("my sister lives in Lima", intent="remember", services=services)
    assert "Your sister lives in Lima." in told.text
    assert (
        plugin.ask("where does my sister live", intent="recall", services=services).text == "Your sister lives in Lima."
    )
    assert "利马" not in plugin.ask("我妹妹住在哪里", intent="recall", services=services).text
    assert "Lima" in plugin.ask("我妹妹住在哪里", intent="recall", services=services).text
    assert "Lima" in plugin.ask("what do you know about me", intent="recall", services=services).text
    services.said = [Exchange("my sister lives in Lima", told.text, "memory.remember", "answer", told.data)]
    assert "Forgotten" in plugin.ask("forget that", intent="forget", services=services).text
    assert services.facts == {}
    assert "not told" in plugin.ask("where does my sister live", intent="recall", services=services).text


def test_forget_that_forgets_nothing_that_was_not_just_told(plugin: PluginUnderTest) -> None:
    services = Harmless(facts={"name": "Anna"}, said=[Exchange("where is my order", "On its way.", outcome="answer")])
    plugin.ask("forget that", intent="forget", services=services)
    assert services.facts == {"name": "Anna"}


def test_forgetting_everything_asks_first(plugin: PluginUnderTest) -> None:
    services = Harmless(facts={"name": "Anna", "home": "Leeds"})
    plugin.ask("forget everything about me", intent="forget", answers=["no"], services=services)
    assert services.facts
    plugin.ask("forget everything about me", intent="forget", answers=["yes"], services=services)
    assert services.facts == {}


@pytest.mark.parametrize(
    "said",
    ["remember that I'm allergic to penicillin", "remember that my mother has cancer", "记住我对青霉素过敏"],
)
def test_health_is_kept_only_when_asked_for_and_after_a_yes(plugin: PluginUnderTest, said: str) -> None:
    services = Harmless()
    plugin.ask(said, intent="remember", answers=["no"], services=services)
    assert services.facts == {}
    plugin.ask(said, intent="remember", answers=["yes"], services=services)
    assert len(services.facts) == 1


def test_what_means_something_of_health_is_asked_about_without_a_word_for_it(plugin: PluginUnderTest) -> None:
    class Sick(FakeServices):
        async def encode_text(self, texts: Sequence[str]) -> FloatArray:
            weights = load_file(WEIGHTS)["weights"]
            return np.tile(weights[:-1, 1] - weights[:-1, 0], (len(texts), 1))

    services = Sick()
    plugin.ask("remember that I count my steps again", intent="remember", answers=["no"], services=services)
    assert services.facts == {}
    told = plugin.ask("my name is Ada and I count my steps again", intent="remember", services=services)
    assert services.facts == {"name": "Ada"}
    assert "nothing about health" in told.text


def test_anything_is_kept_when_asked_for_and_found_again(plugin: PluginUnderTest) -> None:
    services = Harmless()
    plugin.ask("remember that my shoe size is 43", intent="remember", services=services)
    plugin.ask("remember that I parked the car on level three", intent="remember", services=services)
    size = plugin.fall_back("what's my shoe size", services=services)
    assert size is not None
    assert size.text == "Your shoe size is 43."
    car = plugin.fall_back("what did I tell you about my car", services=services)
    assert car is not None
    assert car.text == "You parked the car on level three."
    assert plugin.fall_back("what's my order number", services=services) is None


@pytest.mark.parametrize("said", ["forget that", "forget my name", "forget everything about me", "忘掉我的名字"])
def test_what_is_to_be_forgotten_is_read(said: str) -> None:
    assert matches_forget(said)


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ("my name is Oluwaseun but everyone says Seun", {"name": "Seun", "full name": "Oluwaseun"}),
        ("我叫张建国，大家都叫我老张", {"name": "老张", "full name": "张建国"}),
        ("i live in leeds, just so you know", {"home": "leeds"}),
        ("actually we moved, it's york now", {"home": "york"}),
        ("搬了，现在是苏州", {"home": "苏州"}),
        ("hi I'm Priya btw", {"name": "Priya"}),
        ("hi I'm British", {}),
        ("hi I'm back", {}),
        ("搬了，现在是累死了", {}),
        ("my name is Bob but everyone is late", {}),
    ],
)
def test_what_is_told_in_passing(said: str, facts: dict[str, str]) -> None:
    assert {fact.key: fact.value for fact in read_telling(said)} == facts


def test_what_was_told_is_taken_back_or_put_right() -> None:
    told = [Exchange("call me Doc", "…", "memory.remember", "answer", {"remembered": ["name"]})]
    assert forgets_told("actually no, forget that", told)
    assert forgets_told("算了，忘了吧", told)
    assert not forgets_told("forget that", [Exchange("hi", "…", "fallback.greet", "answer")])
    assert read_correction("说错了，是大维，维护的维") == ("大维", "")
    assert read_correction("是的") == ("", "")


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("我住哪儿这事儿你给我忘了吧", "home"),
        ("forget where i live will you", "home"),
        ("forget where my sister lives", "sister.home"),
    ],
)
def test_what_is_to_be_forgotten_is_named_by_its_question(said: str, key: str) -> None:
    found = read_forgetting(said)
    assert found is not None
    assert found.key == key


def test_asking_to_remember_behind_what_is_told() -> None:
    assert read_request("i'm allergic to nuts, can you remember that") == "i'm allergic to nuts"
    assert read_request("我对虾过敏，你记一下") == "我对虾过敏"
    assert read_request("i can't remember that") == ""
