"""Tests what a request keeps, and what is withdrawn while a return or cancellation waits for confirmation."""

from pathlib import Path

import pytest

from assistant import Exchange
from plugins.customer_service.meaning import meant_by
from plugins.customer_service.tests.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("said", "going"),
    [
        ("send back the headphones and the phone case please, the laptop stays", "wireless headphones, phone case"),
        ("return the headphones and the phone case, not the laptop", "wireless headphones, phone case"),
        ("return the laptop and I'm keeping the phone case", "laptop"),
        ("return A1003 and A1009 except the laptop", "wireless headphones, phone case"),
        ("I bought a laptop and a case, send the case back", "phone case"),
        ("return the laptop, the screen flickers", "laptop"),
        ("I can't keep the headphones, return them please", "wireless headphones"),
        ("电脑那单只退手机壳，电脑留着", "phone case"),
        ("耳机、手机壳都想退，电脑不退", "wireless headphones, phone case"),
        ("耳机要退，手机壳不用", "wireless headphones"),
    ],
)
def test_a_thing_that_stays_is_not_returned(desk: Desk, said: str, going: str) -> None:
    desk.visit("return_item", said, "no reason", "yes")
    assert desk.returning() == set(going.split(", "))


@pytest.mark.parametrize(
    ("said", "cancelled"),
    [
        ("cancel whatever hasn't shipped apart from the mugs one", "A1002"),
        ("cancel everything that hasn't left yet, the grinder can come", "A1007"),
        ("I need the mugs but cancel the grinder", "A1002"),
        ("把杯子取消，磨豆机还要", "A1007"),
        ("磨豆机我还要，把杯子取消了", "A1007"),
        ("cancel the mugs. The grinder too.", "A1002 A1007"),
        ("cancel the mugs, no wait, the grinder", "A1002"),
        ("cancel everything that can be cancelled", "A1002 A1007"),
        ("能取消的都取消", "A1002 A1007"),
        ("取消杯子那单，不对，是磨豆机那单", "A1002"),
        ("cancel the grinder, sorry, and the mugs", "A1002 A1007"),
    ],
)
def test_an_order_that_stays_is_not_cancelled(desk: Desk, said: str, cancelled: str) -> None:
    desk.visit("cancel_order", said, "yes")
    assert desk.cancelled() == set(cancelled.split())


@pytest.mark.parametrize(
    "said", ["cancel A1007 but not the towels", "cancel the mugs but keep the towels", "取消A1007，茶巾留着"]
)
def test_a_part_of_an_order_is_not_cancelled_as_the_whole(desk: Desk, said: str) -> None:
    assert "A1007" in desk.visit("cancel_order", said, "yes")
    assert not desk.cancelled()


def test_what_does_not_go_along_is_told_with_the_first_question(desk: Desk) -> None:
    asked = desk.visit("return_item", "I want to return the rain jacket and the headphones, not the lamp")
    assert "A1004 (rain jacket) was delivered" in asked
    assert "Why are you returning the wireless headphones?" in asked


@pytest.mark.parametrize("answer", ["no scrap that", "actually no", "I'll keep them", "当我没说", "先不退了"])
def test_a_return_is_left_where_its_reason_is_asked(desk: Desk, answer: str) -> None:
    said = "退耳机" if not answer.isascii() else "return the headphones"
    assert desk.visit("return_item", said, answer).startswith(("Good, nothing is returned", "好的，不办理退货"))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [("no, the reason is that they crackle", "they crackle"), ("the reason should be no sound", "no sound")],
)
def test_a_reason_is_replaced(desk: Desk, answer: str, reason: str) -> None:
    asked = desk.visit("return_item", "return the headphones", "too loud", answer)
    assert reason in asked
    assert "Return the wireless headphones" in asked


def test_another_thing_takes_the_place_of_the_first_where_the_reason_is_asked(desk: Desk) -> None:
    desk.visit("return_item", "return the headphones", "scrap that, the phone case", "cracked on day one", "yes")
    assert desk.returning() == {"phone case"}


def test_a_reason_is_taken_back_and_asked_for_again(desk: Desk) -> None:
    asked = desk.visit("return_item", "return the headphones", "too loud", "no wait, forget that reason")
    assert "Why are you returning" in asked


def test_a_further_thing_that_cannot_go_back_leaves_the_return_open(desk: Desk) -> None:
    desk.visit("return_item", "return the headphones", "the rain jacket too", "too loud", "yes")
    assert desk.returning() == {"wireless headphones"}


@pytest.mark.parametrize("answer", ["yes well the other lamp one came broken", "yes and the lamp came broken"])
def test_another_matter_beside_a_yes_asks_again(desk: Desk, answer: str) -> None:
    asked = desk.visit("cancel_order", "cancel the grinder", answer)
    assert "desk lamp" in asked
    assert "Cancel order A1002" in asked
    assert not desk.cancelled()


@pytest.mark.parametrize(
    ("said", "contact"),
    [("幺三九一二三四五六七八", "13912345678"), ("打我电话吧，幺五九 二二三三 四四五五", "15922334455")],
)
def test_digits_of_a_spoken_number_are_noted_as_digits(desk: Desk, said: str, contact: str) -> None:
    assert contact in desk.visit("talk_to_person", "我要找人工", said)


def test_a_contact_before_the_complaint_is_kept(desk: Desk) -> None:
    said = "I want to complain about the hose"
    assert "what happened" in desk.visit("complaint", said, "you can get me at robin@example.org")
    assert "robin@example.org" in desk.visit("complaint", said, "you can get me at robin@example.org", "it is late")


@pytest.mark.parametrize(
    ("intent", "said", "cancelled"),
    [
        ("report_missing", "I need neither the mugs nor the towels any more", "A1007"),
        ("report_missing", "磨豆机和杯子那两单都不要了", "A1002 A1007"),
        ("cancel_order", "scrap the mugs, the grinder is to come as planned", "A1007"),
    ],
)
def test_what_is_no_longer_wanted_is_cancelled_after_a_yes(desk: Desk, intent: str, said: str, cancelled: str) -> None:
    desk.visit(intent, said)
    assert not desk.cancelled()
    desk.visit(intent, said, "yes" if said.isascii() else "可以")
    assert desk.cancelled() == set(cancelled.split())


@pytest.mark.parametrize(
    ("said", "asked"), [("return the headphones", "hm what's the deadline"), ("退耳机", "运费谁出")]
)
def test_a_question_about_the_return_is_answered_and_asked_on(desk: Desk, said: str, asked: str) -> None:
    told = desk.visit("return_item", said, asked)
    assert "€129.00" in told
    assert told.endswith(("“no reason”.", "“没有原因”。"))


@pytest.mark.parametrize("answer", ["oui", "yes", "ja bitte", "好的"])
def test_a_bare_yes_picks_no_order(desk: Desk, answer: str) -> None:
    assert "A1007" in desk.visit("cancel_order", "cancel my order", answer)
    assert not desk.cancelled()


def test_a_denied_reason_is_none(desk: Desk) -> None:
    asked = desk.visit("return_item", "I want to send back the laptop but not because it is broken")
    assert "Why are you returning the laptop" in asked


def test_a_postcode_and_a_town_complete_an_address(desk: Desk) -> None:
    said = "send the mugs order to 3 Oak Road"
    assert "3 Oak Road, 1020 Vienna" in desk.visit("change_address", said, "1020 Vienna")
    assert "13 Oak Road, 1020 Vienna" in desk.visit("change_address", said, "1020 Vienna", "sorry, 13 Oak Road")


def test_a_number_spelled_in_groups_is_whole(desk: Desk) -> None:
    said = "my phone is oh six six four, one two three four five six seven, a human please"
    assert "06641234567" in desk.visit("talk_to_person", said)


def test_who_takes_back_a_call_for_a_person_is_let_go(desk: Desk) -> None:
    assert "did not get" in desk.visit("talk_to_person", "get me a person", "actually don't")


def test_where_the_money_is_beats_where_the_order_is(desk: Desk) -> None:
    assert "€64.00" in desk.visit("track_order", "where's my backpack money")


def test_an_order_is_found_by_its_day(desk: Desk) -> None:
    assert "A1003" in desk.visit("track_order", "the order of the first of march, where is it")
    assert "A1001" in desk.visit("track_order", "三天前下的那单到哪了")


@pytest.mark.parametrize(
    ("said", "before", "intent"),
    [
        ("did that go through?", "Done: order A1002 is cancelled.", "cancel_order"),
        ("oh and did you do it", "Done: order A1002 is cancelled.", "cancel_order"),
        ("办好了吗", "订单A1002已取消。", "cancel_order"),
        ("the mugs then", "Good, order A1002 stays as it is.", "cancel_order"),
        ("how long can I still return it", "Order A1009 (laptop) was delivered.", "return_item"),
    ],
)
def test_words_go_on_from_what_the_desk_said(said: str, before: str, intent: str) -> None:
    follows = meant_by(intent)["follows"]
    assert follows is not None
    assert follows(said, [Exchange("", before, f"customer_service.{intent}", "answer")])


@pytest.mark.parametrize("said", ["remind me tomorrow of my orders", "cancel all orders over 50", "I ordered pizza"])
def test_what_asks_for_something_else_is_no_list(said: str) -> None:
    matches = meant_by("list_orders")["matches"]
    assert matches is not None
    assert not matches(said)
    assert matches("四十到七十欧之间的订单给我列一下")


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("cancel everything that can be cancelled", True),
        ("能取消的都取消", True),
        ("cancel all my timers", False),
        ("cancel all meetings that can be cancelled", False),
        ("can everything still be cancelled", False),
        ("don't cancel all that can be cancelled", False),
    ],
)
def test_whatever_can_be_cancelled_is_meant_of_orders_alone(said: str, ours: bool) -> None:
    matches = meant_by("cancel_order")["matches"]
    assert matches is not None
    assert matches(said) is ours


@pytest.mark.parametrize("said", ["so is it cancelled or not?", "ok, did that go through", "and has it been cancelled"])
def test_a_question_behind_a_filler_begins_nothing(desk: Desk, said: str) -> None:
    desk.visit("cancel_order", "cancel A1002", "no")
    assert "has not been cancelled" in desk.visit("cancel_order", said)
