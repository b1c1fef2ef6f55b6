"""Tests the entities of a text: numbers, amounts, ranges, and all kinds together."""

from __future__ import annotations

import time as clock
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assistant.understanding.entities import AmountRange, Money, Recurrence, find_entities
from tests.understanding.finding import NOW, found

BUSY = (
    "cancel order A1002 on Friday at 8pm and refund €49.00, twenty five percent of 1,250.00 dollars, call +49 30"
    " 1234567 or mail bob@example.com, 5 Elm Street, Springfield 12345, in 2 hours, 前天 三点半"
)


def money(amount: str, currency: str) -> tuple[str, Money]:
    return "money", Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("twenty-one", [21]),
        ("two hundred and five thousand", [205_000]),
        ("a dozen eggs and 1,200.50 euros", [12]),
        ("-4 degrees, not 3.5", [-4, 3.5]),
        ("from ten and twenty apples", [10, 20]),
        ("three point one four", [3.14]),
        ("it was nineteen eighty four people", [1984]),
        ("throw a one hundred sided die", [100]),
        ("1.5 million people", [1_500_000]),
        ("a hundred and one dogs", [101]),
        ("my blood pressure is 200/120", [200, 120]),
        ("open from 9 to 5", [9, 5]),
        ("in the 1990s", []),
        ("my temperature is 39,5", [39.5]),
        ("it weighs 20mg or 5 km", [20, 5]),
        ("一百零五个", [105]),
        ("两千三百", [2300]),
        ("三万零二十", [30_020]),
        ("我要十个", [10]),
        ("三点五倍", [3.5]),
        ("3.5万人", [35_000]),
        ("两百五", [250]),
        ("１２个", [12]),
        ("٣٥ شخص", [35]),
        ("२५ लोग", [25]),
        ("帮我查一下，万一不行", []),
        ("someone often weighs a ton", []),
        ("I want that one, not the other one", []),
        ("hundreds of people", []),
    ],
)
def test_numbers_are_read_in_digits_of_any_script_and_in_words(text: str, values: list[float]) -> None:
    assert [value for kind, value in found(text) if kind == "number"] == values


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("de", "einundzwanzig Leute", 21),
        ("de", "zweihundert Stück", 200),
        ("fr", "quatre-vingt-dix-sept personnes", 97),
        ("fr", "deux cents", 200),
        ("es", "treinta y cinco personas", 35),
        ("it", "ventuno persone", 21),
        ("pt", "quarenta e dois", 42),
        ("nl", "vijfenveertig mensen", 45),
    ],
)
def test_number_words_of_other_languages_are_read(language: str, text: str, value: int) -> None:
    assert found(text, language) == [("number", value)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("€49.00", [money("49.00", "EUR")]),
        ("1,26,000.00 rupees", [money("126000.00", "INR")]),
        ("CHF 1'250.00", [money("1250.00", "CHF")]),
        ("1.111,67 €", [money("1111.67", "EUR")]),
        ("1 234,56 €", [money("1234.56", "EUR")]),
        ("₹ 500", [money("500", "INR")]),
        ("二百块", [money("200", "CNY")]),
        ("一千两百元", [money("1200", "CNY")]),
        ("1万5千元", [money("15000", "CNY")]),
        ("五十欧元", [money("50", "EUR")]),
        ("¥99 的那个", [money("99", "CNY")]),
        ("¥9900", [money("9900", "JPY")]),
        ("fifty bucks", [money("50", "USD")]),
        ("5 quid", [money("5", "GBP")]),
        ("three dollars and fifty cents", [money("3.50", "USD")]),
        ("3块5", [money("3.5", "CNY")]),
        ("1.5 million dollars", [money("1500000", "USD")]),
        ("$2k", [money("2000", "USD")]),
        ("USD 1,000", [money("1000", "USD")]),
        ("50 cents", [money("0.5", "")]),
    ],
)
def test_amounts_are_read_with_any_grouping_and_currency(text: str, expected: list[Any]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "low", "high", "currency", "inside", "outside"),
    [
        ("orders over 100 euros", "100", None, "EUR", "100.01", "100"),
        ("at least 50 dollars", "50", None, "USD", "50", "49.99"),
        ("anything under £20", None, "20", "GBP", "19.99", "20"),
        ("no more than fifty bucks", None, "50", "USD", "50", "51"),
        ("between 10 and 20", "10", "20", "", "20", "21"),
        ("between $10 and $20", "10", "20", "USD", "10", "9"),
        ("$5-10", "5", "10", "USD", "7", "11"),
        ("10€ - 20€", "10", "20", "EUR", "20", "9"),
        ("10 to 20 euros", "10", "20", "EUR", "15", "25"),
        ("30 dollars or more", "30", None, "USD", "30", "29"),
        ("cheaper than ten euros", None, "10", "EUR", "9", "10"),
        ("超过一百元的订单", "100", None, "CNY", "101", "100"),
        ("五百元以下", None, "500", "CNY", "500", "501"),
        ("一百到二百元", "100", "200", "CNY", "150", "250"),
        ("不超过30欧元", None, "30", "EUR", "30", "31"),
    ],
)
def test_limits_become_ranges(text: str, low: Any, high: Any, currency: str, inside: str, outside: str) -> None:
    ((kind, value),) = found(text)
    assert kind == "money_range"
    assert isinstance(value, AmountRange)
    assert (value.low, value.high) == (low and Decimal(low), high and Decimal(high))
    assert value.currency == currency
    assert value.holds(Decimal(inside))
    assert not value.holds(Decimal(outside))


@pytest.mark.parametrize("text", ["over 3 hours", "more than 5 days", "under 20%", "over 30 degrees", "至少3天"])
def test_limits_on_other_things_are_no_amounts(text: str) -> None:
    assert "money_range" not in [kind for kind, _ in found(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("half past seven", ("time", time(7, 30))),
        ("8pm", ("time", time(20))),
        ("8:05 a.m.", ("time", time(8, 5))),
        ("quarter to nine", ("time", time(8, 45))),
        ("ten past six", ("time", time(6, 10))),
        ("seven o'clock in the evening", ("time", time(19))),
        ("12 am", ("time", time(0))),
        ("at noon", ("time", time(12))),
        ("中午一点", ("time", time(13))),
        ("中午十一点", ("time", time(11))),
        ("中午十二点", ("time", time(12))),
        ("早上两点", ("time", time(2))),
        ("下午三点半", ("time", time(15, 30))),
        ("早上八点一刻", ("time", time(8, 15))),
        ("晚上10点", ("time", time(22))),
        ("15:45", ("time", time(15, 45))),
        ("on Friday at 8", ("datetime", datetime(2026, 11, 27, 8))),
        ("tomorrow at half past nine", ("datetime", datetime(2026, 11, 24, 9, 30))),
        ("at 5pm on Wednesday", ("datetime", datetime(2026, 11, 25, 17))),
        ("tomorrow evening at 8", ("datetime", datetime(2026, 11, 24, 20))),
        ("at half past eight tomorrow evening", ("datetime", datetime(2026, 11, 24, 20, 30))),
        ("at 8 tomorrow morning", ("datetime", datetime(2026, 11, 24, 8))),
        ("2026-11-20 15:00", ("datetime", datetime(2026, 11, 20, 15))),
        ("明天下午三点", ("datetime", datetime(2026, 11, 24, 15))),
        ("an hour and a half", ("duration", timedelta(minutes=90))),
        ("two and a quarter hours", ("duration", timedelta(minutes=135))),
        ("half an hour", ("duration", timedelta(minutes=30))),
        ("2h30", ("duration", timedelta(minutes=150))),
        ("2 hours 30 minutes", ("duration", timedelta(minutes=150))),
        ("two and a half hours", ("duration", timedelta(minutes=150))),
        ("ninety seconds", ("duration", timedelta(seconds=90))),
        ("3 weeks", ("duration", timedelta(days=21))),
        ("半小时", ("duration", timedelta(minutes=30))),
        ("两个半小时", ("duration", timedelta(minutes=150))),
        ("三天", ("duration", timedelta(days=3))),
        ("一个半小时", ("duration", timedelta(minutes=90))),
        ("15 %", ("percentage", 15)),
        ("fifteen percent", ("percentage", 15)),
        ("百分之十五", ("percentage", 15)),
        ("12.5%", ("percentage", 12.5)),
        ("every Monday", ("recurrence", Recurrence("week", 1, (0,)))),
        ("every other day", ("recurrence", Recurrence("day", 2))),
        ("on a Friday", ("recurrence", Recurrence("week", 1, (4,)))),
        ("每周一", ("recurrence", Recurrence("week", 1, (0,)))),
        ("每天", ("recurrence", Recurrence("day"))),
        ("weekly", ("recurrence", Recurrence("week"))),
        ("what time is it in tokyo", ("timezone", "Asia/Tokyo")),
        ("东京现在几点", ("timezone", "Asia/Tokyo")),
        ("UTC+2", ("timezone", "UTC+02:00")),
        ("13800138000", ("phone", "13800138000")),
        ("call +49 30 1234567", ("phone", "+49301234567")),
        ("my phone is 555-0199", ("phone", "5550199")),
        ("(415) 555-0123", ("phone", "4155550123")),
        ("Bob@Example.com", ("email", "bob@example.com")),
        ("bob dot smith at example dot com", ("email", "bob.smith@example.com")),
        ("5 Elm Street, Springfield 12345", ("address", "5 Elm Street, Springfield 12345")),
        ("10 Downing Street, London SW1A 2AA", ("address", "10 Downing Street, London SW1A 2AA")),
        ("send it to 221b Baker Street", ("address", "221b Baker Street")),
        ("Hauptstraße 12, 10115 Berlin", ("address", "Hauptstraße 12, 10115 Berlin")),
        ("12 rue de la Paix, 75002 Paris", ("address", "12 rue de la Paix, 75002 Paris")),
        ("送到北京市海淀区中关村大街27号", ("address", "北京市海淀区中关村大街27号")),
        ("cancel A1002", ("identifier", "A1002")),
        ("A１００２", ("identifier", "A1002")),
        ("ticket RMA-204", ("identifier", "RMA-204")),
        ("the second item", ("ordinal", 2)),
        ("第二天", ("ordinal", 2)),
        ("order number 1002", ("identifier", "1002")),
        ("订单号是一零零二", ("identifier", "1002")),
        ("第三个", ("ordinal", 3)),
    ],
)
def test_other_kinds_are_read(text: str, expected: tuple[str, Any]) -> None:
    assert found(text) == [expected]


def test_everything_in_one_sentence_is_found_once() -> None:
    kinds = [kind for kind, _ in found(BUSY)]
    assert kinds == [
        *("identifier", "datetime", "money", "percentage", "money", "phone", "email", "address", "duration", "datetime")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "?!",
        "\x00",
        "\ud800",
        "½ ² ① 五",
        "İİİ 5",
        "🦓" * 50,
        "9" * 400,
        "1e999 $",
        "99:99",
        "0月0日",
        "13月40日",
    ],
)
def test_odd_texts_do_no_harm(text: str) -> None:
    found(text)


@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "1,", "123,", "one ", "三", "十", "a.", "a@", "5 a b c ", "+1 ", "$1 ", "上海市区", "monday ", "word "],
)
def test_long_texts_of_one_kind_are_read_in_time(piece: str) -> None:
    text = ("5 " + piece * 20_000)[:20_000]
    began = clock.thread_time()
    find_entities(text, now=NOW)
    assert clock.thread_time() - began < 9, "grows faster than the text"


@pytest.mark.bench
def test_entities_are_found_fast() -> None:
    def milliseconds(text: str, times: int) -> float:
        find_entities(text, now=NOW)
        began = clock.process_time()
        for _ in range(times):
            find_entities(text, now=NOW)
        return (clock.process_time() - began) / times * 1000

    assert milliseconds("the quick brown fox would like to know where its favourite lamp went " * 3, 500) < 0.3
    assert milliseconds("请告诉我我的包裹到底在什么地方，因为我已经等得很着急了" * 7, 200) < 0.3
    assert milliseconds(BUSY, 100) < 2
    assert milliseconds((BUSY * 150)[:20_000], 2) < 150
