"""Questions about rules get the rule; how an own order stands, and everything else, is left alone."""

import tomllib
from pathlib import Path

import pytest

from plugins.customer_service.rules import asks_for_other, asks_rule, bought_elsewhere, rules_in, supposes
from plugins.customer_service.tests.desk import Desk

ROOM = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("how long would the refund take", "refund_time"),
        ("退货以后一般几天能收到退款", "refund_time"),
        ("when does one get the money after returning something", "refund_time"),
        ("钱一般多久能退回来", "refund_time"),
        ("how do I get it back to you, do I pay postage", "return_how"),
        ("运费谁出", "return_postage"),
        ("who pays for postage if i return something", "return_postage"),
        ("who has to pay for the label when returning something", "return_postage"),
        ("how long do I have to decide", "return_period"),
        ("until when can one send things back", "return_period"),
        ("买了东西多久之内可以退", "return_period"),
        ("until when can an order be cancelled", "cancel_until"),
        ("what time do you close", "opening_hours"),
        ("how late are you open on saturdays", "opening_hours"),
        ("你们几点下班", "opening_hours"),
        ("一般下单几天能到", "delivery_time"),
        ("can one return things bought on sale", "sale_items"),
        ("退了货以后钱什么时候到", "refund_time"),
    ],
)
def test_a_rule_is_asked_for(question: str, rule: str) -> None:
    assert asks_rule(question)
    assert rule in rules_in(question)


@pytest.mark.parametrize(
    "text",
    [
        *("where is my refund", "when does my refund for the headphones come"),
        *("has the money for A1006 been paid back yet", "我的退款什么时候到", "A1006的退款怎么还没到"),
        *("return the headphones", "when did Napoleon return from Elba", "when does Halley's comet return"),
        *("how do I return two values in python", "how long does my money last", "who pays for dinner"),
        *("when does the post office open", "楼下超市几点关门", "how late can I cancel my gym membership"),
        *("when do I have to take back the car", "when is my order coming"),
        *("do you have any idea where the next branch of my bank is", "微信怎么加好友", "how do I install this app"),
    ],
)
def test_nothing_else_is_taken_for_a_rule(text: str) -> None:
    assert not asks_rule(text)


@pytest.mark.parametrize("room", ["clock", "education", "everyday", "library", "medical_triage", "memory", "pictures"])
def test_no_example_of_another_plugin_is_taken_for_a_rule(room: str) -> None:
    file = ROOM.parent / room / "examples.toml"
    texts = [text for entry in _entries(file) for group in entry.values() if isinstance(group, list) for text in group]
    assert [text for text in texts if isinstance(text, str) and asks_rule(text)] == []


def _entries(file: Path) -> list[dict[str, object]]:
    if not file.is_file():
        return []
    return [entry for entry in tomllib.loads(file.read_text("utf-8")).values() if isinstance(entry, dict)]


@pytest.mark.parametrize(
    "question", ["do you have a shop in Berlin where I can try shoes on", "do you do gift wrapping", "你们有实体店吗"]
)
def test_what_the_pages_do_not_hold_is_said_plainly(question: str, tmp_path: Path) -> None:
    assert asks_rule(question)
    said = Desk(tmp_path).visit("policy_question", question)
    assert "talk to a person" in said or "转人工" in said


@pytest.mark.parametrize(
    "text",
    [
        "my colleague wants to send back his keyboard, how does that work",
        "a friend of mine would like to cancel her order, can she",
        "我朋友想退他买的鞋，怎么弄",
        "where is my girlfriend's parcel",
        "我老公的快递到哪了",
    ],
)
def test_the_order_of_somebody_else_is_not_looked_into(text: str, tmp_path: Path) -> None:
    assert asks_for_other(text)
    desk = Desk(tmp_path)
    said = desk.visit("policy_question", text)
    assert "only your own orders" in said or "只能看到您自己的订单" in said
    assert not desk.cancelled()
    assert not desk.returning()
    assert "A100" not in said


@pytest.mark.parametrize(
    "text",
    [
        "I don't know any number, my husband ordered it",
        "it's a present for my sister, where is it",
        "my wife hates it, I want to return it",
        "my brother said it is broken",
        "我媳妇说还是要，别取消了",
        "my sister has a cold, can she take aspirin",
    ],
)
def test_ones_own_matter_is_not_that_of_somebody_else(text: str) -> None:
    assert not asks_for_other(text)


def test_while_a_cancellation_waits_the_rule_is_told_for_that_order(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.visit("cancel_order", "please cancel order A1002")
    said = desk.visit("policy_question", "how long would the refund take")
    assert "A1002" in said
    assert "€49.00" in said
    assert "5 working days" in said
    assert "A1006" not in said
    assert not desk.cancelled()


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("what would happen to my money if I sent it back", "within 5 working days"),
        ("what would I get if I cancelled the grinder", "€49.00"),
        ("if I returned the headphones would I get the full price", "€129.00"),
        ("suppose I cancelled the mugs tomorrow, would that still work", "can cancel it free of charge"),
        ("what if the hose never shows up", "you get a new one or your money back"),
        ("要是我把耳机退了会怎样", "€129.00"),
        ("我要是现在取消杯子，会扣钱吗", "免费取消"),
        ("假如包裹丢了你们赔吗", "补发或退款"),
    ],
)
def test_what_would_come_of_it_is_told_and_nothing_is_done(tmp_path: Path, question: str, told: str) -> None:
    desk = Desk(tmp_path)
    assert supposes(question)
    assert told in desk.visit("policy_question", question)
    assert not desk.cancelled()
    assert not desk.returning()


@pytest.mark.parametrize(
    "words",
    [
        "cancel it if it hasn't shipped",
        "could you cancel the grinder if it's not too late",
        "如果还没发货就帮我取消",
        "remind me to cancel the gym if I don't go",
    ],
)
def test_a_condition_on_a_request_asks_for_no_rule(words: str) -> None:
    assert not supposes(words)


@pytest.mark.parametrize("words", ["suppose I send the headphones back", "imagine I returned the laptop"])
def test_supposing_begins_no_return(tmp_path: Path, words: str) -> None:
    assert "has not been sent back" in Desk(tmp_path).visit("return_item", words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("我女儿在别家店买的书包坏了能退吗", "别家店买的东西"),
        ("can I return a bag I bought somewhere else", "another shop"),
        ("I returned one at another shop, how does it work here", "within 30 days"),
    ],
)
def test_what_was_bought_elsewhere_is_no_order_of_ours(tmp_path: Path, words: str, told: str) -> None:
    assert bought_elsewhere(words)
    said = Desk(tmp_path).visit("policy_question", words)
    assert told in said
    assert "A1006" not in said


def test_thanks_for_what_was_done_say_how_it_stands(tmp_path: Path) -> None:
    said = Desk(tmp_path).visit("cancel_order", "thanks for cancelling A1005 the other day")
    assert said.startswith("You're welcome. Order A1005 (desk lamp) was already cancelled")
