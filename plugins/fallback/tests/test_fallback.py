import time
from pathlib import Path

import pytest
from PIL import Image

from assistant import Exchange, Picture, Turn
from assistant.testing import FakeServices, PluginUnderTest, load_plugin

KNOWN = [
    ("customer_service.track_order", "Say where an order is.", ("where is my order", "我的包裹到哪里了")),
    ("education.quiz_me", "Ask a few questions.", ("quiz me", "考考我")),
    ("fallback.greet", "Greet back.", ("hello", "你好")),
]
TUESDAY = time.mktime((2026, 3, 10, 14, 5, 0, 0, 0, -1))


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what time is it", "14:05"),
        ("what's the date", "Today is Tuesday, 10 March 2026."),
        ("is it Tuesday today", "Yes, today is Tuesday"),
        ("is it Friday", "No, today is Tuesday"),
        ("现在几点了", "现在是2026年3月10日星期二14:05。"),
        ("今天星期三吗", "不是"),
    ],
)
def test_clock(plugin: PluginUnderTest, text: str, said: str) -> None:
    assert said in plugin.ask(turn=Turn(text=text, at=TUESDAY), intent="current_time").text


def test_courtesies_come_back_in_the_users_language(plugin: PluginUnderTest) -> None:
    assert plugin.ask("thank you", intent="thanks").text == "You're welcome."
    assert plugin.ask("谢谢", intent="thanks").text == "不客气。"
    assert "Good night" in plugin.ask("good night", intent="goodbye").text


def test_help_lists_every_intent_with_an_example(plugin: PluginUnderTest) -> None:
    text = plugin.ask("what can you do", intent="help", services=FakeServices(known=KNOWN)).text
    assert "customer service" in text
    assert "“quiz me”" in text
    assert "“考考我”" in plugin.ask("你能做什么", intent="help", services=FakeServices(known=KNOWN)).text


def test_unknown_is_admitted_with_the_nearest_ability_first(plugin: PluginUnderTest) -> None:
    reply = plugin.fall_back("where is my umbrella", services=FakeServices(known=KNOWN))
    assert reply is not None
    assert reply.text.startswith("I'm sorry")
    assert reply.text.index("track order") > 0
    assert "greet" not in reply.text
    assert "where is my order" in reply.speech


def test_unknown_in_chinese(plugin: PluginUnderTest) -> None:
    reply = plugin.fall_back("帮我订一张机票", services=FakeServices(known=KNOWN))
    assert reply is not None
    assert reply.text.startswith("抱歉")


def test_picture_alone_asks_what_to_do_with_it(plugin: PluginUnderTest) -> None:
    reply = plugin.fall_back(turn=Turn(images=(Picture(Image.new("RGB", (8, 8))),)), services=FakeServices(known=KNOWN))
    assert reply is not None
    assert "picture" in reply.text


def test_the_third_turn_that_nobody_understands_offers_a_person(plugin: PluginUnderTest) -> None:
    known = [*KNOWN, ("customer_service.talk_to_person", "Hand over.", ("human please", "转人工"))]
    lost = Exchange("blah", "I'm sorry", "out_of_scope", "out_of_scope")
    for said, offered in (
        ([lost], False),
        ([lost, lost], True),
        ([lost, Exchange("hi", "hello", "x.y", "answer")], False),
    ):
        reply = plugin.fall_back("fly me to the moon", services=FakeServices(known=known, said=said))
        assert reply is not None
        assert ("seem to be stuck" in reply.text) is offered


@pytest.mark.parametrize(
    ("text", "said"), [("never mind", "All right."), ("None of them.", "All right."), ("算了", "好的。")]
)
def test_whoever_wants_nothing_is_offered_nothing(plugin: PluginUnderTest, text: str, said: str) -> None:
    reply = plugin.fall_back(text, services=FakeServices(known=KNOWN))
    assert reply is not None
    assert reply.text.startswith(said)
    assert "nearest" not in reply.text


def test_the_last_answer_is_said_again(plugin: PluginUnderTest) -> None:
    services = FakeServices(said=[Exchange("where is my order", "It comes tomorrow.")])
    assert plugin.ask("say that again", intent="say_again", services=services).text == "It comes tomorrow."
    assert "not said anything" in plugin.ask("say that again", intent="say_again", services=FakeServices()).text


def test_it_says_that_it_is_no_person(plugin: PluginUnderTest) -> None:
    assert "no person" in plugin.ask("are you a robot", intent="about_me").text
    assert "不是真人" in plugin.ask("你是谁", intent="about_me").text
