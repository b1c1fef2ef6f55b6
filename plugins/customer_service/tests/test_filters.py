"""Filters on lists of orders and on sums. Today is Tuesday, 10 March 2026."""

from pathlib import Path

import pytest

from plugins.customer_service.tests.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("list my orders from last week", "A1001"),
        ("what did I order in february", "A1008 A1009 A1005 A1006"),
        ("what did I order this month", "A1007 A1002 A1001 A1003"),
        ("what did I buy in the last ten days", "A1007 A1002 A1001 A1003"),
        ("which orders did I place on a Friday", "A1008"),
        ("what did I order yesterday", "A1002"),
        ("what orders did I place before 20 February", "A1006 A1004"),
        ("orders since Saturday", "A1007 A1002 A1001"),
        ("show orders over 100 euros", "A1003 A1009"),
        ("show me orders under forty euros", "A1008 A1005"),
        ("which orders were between 30 and 45 euros", "A1007 A1008 A1005"),
        ("everything that is not delivered", "A1007 A1002 A1001 A1008"),
        ("which of my orders have been delivered", "A1003 A1009 A1004"),
        ("show only the cancelled ones", "A1005"),
        ("which orders are late", "A1008"),
        ("list everything that is still on its way", "A1001 A1008"),
        ("what has not been sent yet", "A1007 A1002"),
        ("what was my most expensive order", "A1009"),
        ("what was my cheapest order", "A1005"),
        ("show me the two most expensive orders", "A1009 A1003"),
        ("orders over 50 euros that are not delivered yet", "A1001"),
        ("上周的订单", "A1001"),
        ("我二月份买了什么", "A1008 A1009 A1005 A1006"),
        ("超过100欧元的订单有哪些", "A1003 A1009"),
        ("还没送到的订单有哪些", "A1007 A1002 A1001 A1008"),
        ("哪些订单晚到了？", "A1008"),
        ("最贵的订单是哪个", "A1009"),
        ("what did I order between the 24th and the 27th", "A1008 A1009 A1005"),
        ("orders after march 1", "A1007 A1002 A1001"),
        ("everything since the 7th", "A1007 A1002 A1001"),
        ("show me anything under fifty quid", "A1007 A1002 A1008 A1005"),
        ("orders of around 50 euros", "A1002"),
        ("二十四号到二十七号买的东西", "A1008 A1009 A1005"),
        ("三月一号以后的订单", "A1007 A1002 A1001"),
        ("七号以前下的单", "A1003 A1008 A1009 A1005 A1006 A1004"),
        ("四十欧以下的订单", "A1007 A1008 A1005"),
        ("一百块以上的订单有哪些", "A1003 A1009"),
        ("四十到七十欧之间的订单", "A1007 A1002 A1006"),
        ("五十块左右的订单", "A1002"),
    ],
)
def test_a_list_is_filtered_and_says_by_what(desk: Desk, text: str, numbers: str) -> None:
    lines = desk.visit("list_orders", text).splitlines()
    shown = [line.split()[0] for line in lines[1:]]
    assert sorted(shown) == sorted(numbers.split())
    assert "9" in lines[0]
    assert "(" in lines[0] or "（" in lines[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what did I order in june 2021", "None of your 9 orders fits (placed from Tuesday, 1 June 2021"),
        ("show orders over 5000 euros", "None of your 9 orders fits (over €5,000.00)"),
        ("which orders are over 100 dollars", "can't filter by “over 100 dollars”"),
        ("what is in A7777", "I find no order A7777"),
        ("去年六月我买了什么", "没有符合的"),
        ("what is in A1002", "That is:\n  A1002"),
    ],
)
def test_what_cannot_be_filtered_is_said(desk: Desk, text: str, said: str) -> None:
    assert said in desk.visit("list_orders", text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("what is the total of all my orders", "9 orders, €1,444.20"),
        (
            "how much did I spend in february",
            "Saturday, 28 February, €1,057.30",
        ),
        ("how much did I pay for A1001 and A1008 together", "2 orders, €119.80"),
        ("how much did order A1002 cost", "€49.00"),
        ("how much did I spend last week", "€79.90"),
        ("how much have I spent altogether", "€1,345.70 remains"),
        ("我一共花了多少钱", "一共€1,444.20"),
        ("A1001和A1008加起来多少钱", "一共€119.80"),
    ],
)
def test_sums_are_of_what_was_asked(desk: Desk, text: str, amount: str) -> None:
    assert amount in desk.visit("order_total", text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("where is the order I placed on Saturday", "A1001"),
        ("where is my order from yesterday", "A1002"),
        ("where is the order I made two weeks ago", "A1005"),
        ("status of everything that has not arrived", "A1008"),
        ("昨天下的订单到哪里了", "A1002"),
    ],
)
def test_an_order_is_tracked_by_its_day_or_state(desk: Desk, text: str, number: str) -> None:
    assert number in desk.visit("track_order", text)


def test_a_day_of_waiting_is_no_filter(desk: Desk) -> None:
    assert "Which order" in desk.visit("track_order", "my delivery should have been here yesterday, where is it")
