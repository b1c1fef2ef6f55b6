import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant import Exchange, Picture, Turn
from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from assistant.types import Candidate, Decision, FloatArray
from plugins.fallback.declining import decline, declined_surely

KNOWN = [
    ("customer_service.track_order", "Say where an order is.", ("where is my order", "我的包裹到哪里了")),
    ("education.quiz_me", "Ask a few questions.", ("quiz me", "考考我")),
    ("fallback.greet", "Greet back.", ("hello", "你好")),
]


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


def test_courtesies_come_back_in_the_users_language(plugin: PluginUnderTest) -> None:
    assert plugin.ask("thank you", intent="thanks").text == "You're welcome."
    assert plugin.ask("谢谢", intent="thanks").text == "不客气。"
    assert "Good night" in plugin.ask("good night", intent="goodbye").text


def test_help_shows_examples_of_every_area_and_all_of_one(plugin: PluginUnderTest) -> None:
    known = [*KNOWN, *((f"education.more_{number}", f"Do thing {number}.", (f"do {number}",)) for number in range(9))]
    one = plugin.ask("help with education", intent="help", services=FakeServices(known=known)).text
    assert "Do thing 8." in one
    assert "Customer service" not in one
    assert plugin.ask("help", intent="help", services=FakeServices(known=known)).text.count("\n") == 3
    text = plugin.ask("what can you do", intent="help", services=FakeServices(known=KNOWN)).text
    assert "Customer service" in text
    assert "“quiz me”" in text
    assert "考考我" in plugin.ask("你能做什么", intent="help", services=FakeServices(known=KNOWN)).text


@pytest.mark.parametrize("said", ["help", "help me", "what can you do", "帮助", "help with track order"])
def test_help_shows_no_internal_names(plugin: PluginUnderTest, said: str) -> None:
    known = [*KNOWN, ("education.define_term", "Define a term.", ("define {term}", "{term}的定义是什么"))]
    text = plugin.ask(said, intent="help", services=FakeServices(known=known)).text
    assert "order" in text or "包裹" in text
    assert not re.search(r"[{}]|track_order|quiz_me|define_term|track order", text)


@pytest.mark.parametrize("said", ["Help!", "help help!", "HELP!!", "帮帮我！"])
def test_a_call_for_help_asks_whether_it_is_an_emergency(plugin: PluginUnderTest, said: str) -> None:
    yes = plugin.ask(said, intent="help", answers=["yes"], services=FakeServices(known=KNOWN)).text
    assert "112" in yes
    assert "120" in yes
    no = plugin.ask(said, intent="help", answers=["no"], services=FakeServices(known=KNOWN)).text
    assert "112" not in no
    assert "quiz" in no or "考考我" in no


class Alike(FakeServices):
    """Knows sentences that hold a word of an order for alike, and all others for unlike."""

    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        orders = [any(word in text for word in ("order", "parcel", "包裹")) for text in texts]
        return np.array([[1.0, 0.0] if each else [0.0, 1.0] for each in orders], dtype=np.float32)


def test_what_is_near_is_offered(plugin: PluginUnderTest) -> None:
    reply = plugin.fall_back("my parcel walked off", services=Alike(known=KNOWN[:1]))
    assert reply is not None
    assert reply.text == (
        "I'm sorry, I don't know how to help with “my parcel walked off”. "
        "The nearest I can do: say where an order is (e.g. “where is my order”)."
    )
    assert "where is my order" in reply.speech


def test_what_is_not_near_is_not_offered(plugin: PluginUnderTest) -> None:
    reply = plugin.fall_back("set a timer for ten minutes", services=Alike(known=KNOWN[:1]))
    assert reply is not None
    assert "“set a timer for ten minutes”" in reply.text
    assert "the duration (“ten minutes”)" in reply.text
    assert "near" not in reply.text


def test_at_most_two_things_are_offered(plugin: PluginUnderTest) -> None:
    many = [(f"shop.order_{n}", f"Order {n}.", (f"order number {n}",)) for n in range(6)]
    reply = plugin.fall_back("my parcel walked off", services=Alike(known=many))
    assert reply is not None
    assert reply.text.count("e.g.") == 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("帮我粉刷一下围墙", "抱歉，“粉刷一下围墙”这件事我还不会。"),
        ("明天早上七点叫我起床", "时间（“明天早上七点”）"),
        ("please, could you paint my fence?", "help with “paint my fence”."),
        ("a" * 500, "…”"),
        ("???", "I could not make out what you want."),
    ],
)
def test_unknown_is_told_with_its_own_words(plugin: PluginUnderTest, said: str, told: str) -> None:
    reply = plugin.fall_back(said, services=FakeServices(known=[]))
    assert reply is not None
    assert told in reply.text
    assert not re.search(r"[\u4e00-\u9fff][,.;:!?]|[,.;:!?][\u4e00-\u9fff]", reply.text)


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
    assert "not a person" in plugin.ask("are you a robot", intent="about_me").text
    assert "不是真人" in plugin.ask("你是谁", intent="about_me").text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("will I need my raincoat tonight", "weather"),
        ("明早会下雨吗", "天气"),
        ("put some Bach on, play the cello suites", "music"),
        ("来首爵士乐", "音乐"),
        ("ring grandma", "calls"),
        ("给房东打个电话", "打电话"),
        ("whatsapp Mia that we're late", "messages"),
        ("给小王发条微信", "微信"),
        ("call us a cab", "ride"),
        ("dim the bedroom lights", "devices"),
        ("把卧室空调调低一点", "设备"),
        ("订两张去成都的机票", "订票"),
        ("what's the share price of Siemens", "prices"),
        ("今天的头条是什么", "新闻"),
    ],
)
def test_what_cannot_be_done_is_declined_in_one_sentence(plugin: PluginUnderTest, said: str, told: str) -> None:
    reply = plugin.fall_back(said, services=FakeServices(known=KNOWN))
    assert reply is not None
    assert told in reply.text
    assert "e.g." not in reply.text


@pytest.mark.parametrize(
    "said",
    [
        "my parcel got wet in the rain",
        "remind me to take an umbrella tomorrow",
        "add a raincoat to my list",
        "call an ambulance",
        "I want to return the jacket",
        "提醒我明天带伞",
        "我的包裹淋雨了",
    ],
)
def test_what_others_serve_is_not_declined(said: str) -> None:
    assert decline(Turn(text=said)) is None


def test_a_plugin_of_the_users_own_that_may_be_meant_comes_first() -> None:
    turn = Turn(text="will it rain tomorrow")
    shipped, own = Candidate("clock.tell_time", 0.3), Candidate("rainfall.forecast", 0.3)
    unsure = Decision("clock.tell_time", 0.3, "clarify", candidates=(shipped,))
    assert declined_surely(turn, unsure) is not None
    assert declined_surely(turn, replace(unsure, candidates=(shipped, own))) is None
    assert declined_surely(turn, replace(unsure, confidence=0.9, outcome="answer")) is None
