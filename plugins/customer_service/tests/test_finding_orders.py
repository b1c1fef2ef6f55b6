"""Tests which orders a request means: spoken numbers, several, all but some, one of two, and "it"."""

from pathlib import Path

import pytest

from plugins.customer_service.naming import read_named, split_exceptions
from plugins.customer_service.store import Store
from plugins.customer_service.tests.desk import TODAY, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Where's order 1 0 0 1?", "A1001"),
        ("where is order A 1001", "A1001"),
        ("where is A1 001", "A1001"),
        ("where is order one zero zero one", "A1001"),
        ("where is order A ten oh one", "A1001"),
        ("where is order a one thousand and one", "A1001"),
        ("where is A-1001", "A1001"),
        ("where is order # 1001", "A1001"),
        ("where is ORDER A１００１", "A1001"),
        ("track 10-08 please", "A1008"),
        ("my order number is one double oh three", "A1003"),
        ("order 10 03, where is it", "A1003"),
        ("A1O08 is late, where is it", "A1008"),
        ("我的订单一零零二到哪里了", "A1002"),
        ("Ａ１００８到哪里了？", "A1008"),
        ("где мой заказ A1003", "A1003"),
        ("où est ma commande A1001 ?", "A1001"),
    ],
)
def test_a_number_is_found_as_people_say_it(desk: Desk, text: str, number: str) -> None:
    assert number in desk.visit("track_order", text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("where is A2222", "A2222"),
        ("track order nine nine nine nine", "9999"),
        ("where is order B5512", "B5512"),
        ("my number is 13800138000, where is my parcel", "13800138000"),
        ("what happened to order 4711", "4711"),
        ("订单A3456到哪里了", "A3456"),
    ],
)
def test_an_unknown_number_is_read_back_and_no_other_order_stands_in(desk: Desk, text: str, number: str) -> None:
    said = desk.visit("track_order", text)
    assert number in said
    assert "A100" not in said
    assert number in desk.visit("cancel_order", text.replace("where is", "cancel"))
    assert not desk.cancelled()


@pytest.mark.parametrize(
    ("text", "kept", "spared"),
    [
        ("cancel everything except the coffee grinder", "cancel everything", "the coffee grinder"),
        ("cancel everything but the mugs", "cancel everything", "the mugs"),
        ("except for A1002, cancel all", ", cancel all", "A1002"),
        ("where is A1001, not A1002", "where is A1001,", "A1002"),
        ("取消所有订单，除了A1002", "取消所有订单，", "A1002"),
        ("除了磨豆机以外，其他都取消", "，其他都取消", "磨豆机以外"),
        ("show what is not delivered", "show what is not delivered", ""),
        ("my shoes have not arrived", "my shoes have not arrived", ""),
    ],
)
def test_exceptions_are_told_from_the_request(text: str, kept: str, spared: str) -> None:
    assert split_exceptions(text) == (kept, spared)


@pytest.mark.parametrize(
    ("text", "numbers", "left"),
    [
        ("cancel both A1002 and A1007", {"A1002", "A1007"}, set()),
        ("cancel the grinder and the mugs", {"A1002", "A1007"}, set()),
        ("cancel A1002 and the tea towels", {"A1002", "A1007"}, set()),
        ("cancel all my orders but not A1008", {"A1002", "A1007"}, {"A1008"}),
        ("cancel everything except the coffee grinder", {"A1007"}, {"A1002"}),
        ("cancel A1002 but leave out A1007", {"A1002"}, {"A1007"}),
        ("don't cancel A1007, cancel A1002", {"A1002"}, {"A1007"}),
        ("the first and the last", {"A1002", "A1007"}, set()),
        ("取消A1002和A1007", {"A1002", "A1007"}, set()),
        ("除了磨豆机，其他订单都取消", {"A1007"}, {"A1002"}),
        ("取消A1002，但不要取消A1007", {"A1002"}, {"A1007"}),
    ],
)
def test_several_orders_and_all_but_some(tmp_path: Path, text: str, numbers: set[str], left: set[str]) -> None:
    orders = Store(f"sqlite:///{tmp_path}/store.sqlite3", TODAY).orders("")
    named = read_named(text, orders, lambda order: order.status == "processing")
    assert ({o.number for o in named.orders}, {o.number for o in named.left_out}) == (numbers, left)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("cancel_order", "cancel either A1002 or A1007"),
        ("cancel_order", "cancel the grinder or the mugs, I don't mind which"),
        ("return_item", "return either the headphones or the laptop, whichever is cheaper"),
        ("return_item", "I want to send back the laptop or the headphones"),
        ("cancel_order", "取消A1002或者A1007"),
        ("track_order", "where is my coffee stuff"),
    ],
)
def test_one_of_two_is_asked_about(desk: Desk, intent: str, text: str) -> None:
    said = desk.visit(intent, text)
    assert "Which do you mean" in said or "您说的是哪个" in said
    assert not desk.cancelled()


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ("where is A1002", "cancel it", "Cancel order A1002"),
        ("where is A1007", "I don't need that one any more, cancel it", "Cancel order A1007"),
        ("磨豆机到哪里了", "取消它", "取消订单A1002"),
        ("where are A1002 and A1007", "cancel both of them", "Cancel these 2 orders"),
        ("where is A1001", "cancel my order", "Which order do you mean"),
        ("where is A1001", "cancel A1007", "Cancel order A1007"),
    ],
)
def test_it_is_what_was_talked_about(desk: Desk, first: str, then: str, said: str) -> None:
    desk.visit("track_order", first)
    assert said in desk.visit("cancel_order", then)


def test_a_late_parcel_is_meant_by_when_will_it_come(desk: Desk) -> None:
    desk.visit("track_order", "where is the garden hose")
    assert "A1008" in desk.visit("track_order", "when will it come")
    assert "A1008" in desk.visit("change_address", "send it to 5 Elm Street, Springfield 12345")


def test_a_list_that_was_shown_is_counted(desk: Desk) -> None:
    desk.visit("list_orders", "list my orders over 100 euros")
    assert "wireless headphones" in desk.visit("return_item", "return the first one")
    assert "3 orders" not in desk.visit("cancel_order", "I have 3 orders, cancel the first and the last")
