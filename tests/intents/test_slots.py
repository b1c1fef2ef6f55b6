"""Slot values, read off the words of a request."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest

from assistant.intents.choices import match_choice, read_yes_no
from assistant.intents.numbers import find_numbers, read_number
from assistant.intents.slots import expected_words, extract_slots, missing_slots, slot_question
from assistant.plugins.api import Handler, Intent
from assistant.plugins.registration import Collector

MONDAY = date(2026, 11, 23)


def roll_die(sides: int = 6) -> str:
    """Roll one die."""
    return ""


def track(order: str, day: date | None = None, express: bool = False) -> str:
    """Track an order.

    Args:
        order: the order number on the receipt. It has eight digits.
        day: 您是哪天下的单?
    """
    return ""


def weather(city: str, when: date | None = None) -> str:
    """Tell the weather."""
    return ""


def pizza(size: Literal["small", "large", "extra_large"], count: int, price: float | None = None) -> str:
    """Order a pizza."""
    return ""


def read_intent(plugin: str, handler: Handler, examples: list[str]) -> Intent:
    return Collector(plugin, Path()).intent(handler, examples=examples)


DICE = Collector("dice", Path()).intent(
    roll_die, examples=["roll a die", "throw a {sides} sided die", "掷一个{sides}面的骰子"]
)
SHOP = Collector("shop", Path()).intent(
    track, examples=["where is my order {order}", "track {order}", "订单{order}到哪里了"]
)
SKY = Collector("sky", Path()).intent(
    weather, examples=["what is the weather in {city}", "will it rain in {city} {when}", "weather {city}"]
)
FOOD = read_intent("food", pizza, ["order {count} {size} pizzas", "a {size} pizza please"])


@pytest.mark.parametrize(
    ("intent", "said", "slots"),
    [
        (DICE, "throw a 20 sided die", {"sides": 20}),
        (DICE, "Throw a twenty-sided die, please!", {"sides": 20}),
        (DICE, "could you roll a die with 12 sides", {"sides": 12}),
        (DICE, "throw me a one hundred sided one", {"sides": 100}),
        (DICE, "掷一个二十面的骰子", {"sides": 20}),
        (DICE, "帮我掷一个12面的骰子吧", {"sides": 12}),
        (DICE, "roll a die", {}),
        (DICE, "roll one die", {}),
        (DICE, "roll 2 dice", {}),
        (DICE, "", {}),
        (SHOP, "where is my order A-1042?", {"order": "A-1042"}),
        (SHOP, "Where's my order number 40021 from yesterday", {"order": "40021", "day": date(2026, 11, 22)}),
        (SHOP, "I bought it on 2026-11-20 and it is not here", {"day": date(2026, 11, 20)}),
        (SHOP, "has #77812 been sent? with express", {"order": "77812", "express": True}),
        (SHOP, "track ORD_991 without express", {"order": "ORD_991", "express": False}),
        (SHOP, "订单88231到哪里了", {"order": "88231"}),
        (SHOP, "track it", {}),
        (SHOP, "where is my order", {}),
        (SKY, "what's the weather in New York?", {"city": "New York"}),
        (SKY, "What is the weather in New York tomorrow", {"city": "New York", "when": date(2026, 11, 24)}),
        (SKY, "will it rain in Paris next Friday", {"city": "Paris", "when": date(2026, 12, 4)}),
        (FOOD, "order three extra large pizzas", {"count": 3, "size": "extra_large"}),
        (FOOD, "2 pizzas, the smal ones", {"count": 2, "size": "small"}),
        (FOOD, "a large pizza please", {"size": "large"}),
        (FOOD, "small or large?", {}),
    ],
)
def test_slots_are_read_off_what_was_said(intent: Any, said: str, slots: dict[str, Any]) -> None:
    assert extract_slots(intent, said, MONDAY) == slots


def test_required_slots_without_a_value_are_asked_for() -> None:
    assert [slot.name for slot in missing_slots(FOOD, {"count": 0})] == ["size"]
    assert [slot_question(SHOP, slot) for slot in SHOP.slots] == [
        "What is the order number on the receipt?",
        "您是哪天下的单?",
        "The express: yes or no?",
    ]
    assert slot_question(FOOD, FOOD.slots[0]) == "What is the size: small, large or extra large?"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("twenty-one", [21]),
        ("two hundred and five thousand", [205_000]),
        ("a dozen eggs and 1,200.50 euros", [12, 1200.5]),
        ("-4 degrees, not 3.5", [-4, 3.5]),
        ("一百零五", [105]),
        ("两千三百", [2300]),
        ("三万零二十", [30_020]),
        ("十", [10]),
        ("二零二六", [2026]),
        ("三点五", [3.5]),
        ("order A-1042 of B7", []),
        ("someone often weighs a ton", []),
    ],
)
def test_numbers_are_read_in_digits_and_words(text: str, values: list[float]) -> None:
    assert [mention.value for mention in find_numbers(text)] == values
    for mention in find_numbers(text):
        assert read_number(text[mention.start : mention.end]) == mention.value


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("yes please", True),
        ("why not", True),
        ("no problem", True),
        ("Sure, go ahead", True),
        ("no thanks", False),
        ("that's not right", False),
        ("please don't", False),
        ("好的", True),
        ("没问题", True),
        ("有", None),
        ("不要", False),
        ("没有", False),
        ("不好", False),
        ("I don't know", None),
        ("不知道", None),
        ("blue", None),
    ],
)
def test_yes_and_no_are_told_apart(text: str, meant: bool | None) -> None:
    assert read_yes_no(text) is meant


def test_choice_is_the_one_that_is_mentioned() -> None:
    sizes = ["small", "large", "extra_large"]
    assert match_choice("the extra-large one", sizes) == "extra_large"
    assert match_choice("lrage please", ["small", "large"]) == "large"
    assert match_choice("small or large", sizes) is None
    assert match_choice("whatever", sizes) is None
    assert match_choice("要大份的", ["大份", "小份"]) == "大份"


def coffee(
    drink: Literal["coffee", "iced coffee", "mocha"],
    size: Literal["small", "medium", "twelve ounce", "sixteen ounce"] | None = None,
    roast: Literal["light roast", "medium roast"] | None = None,
    milk: Literal["milk", "a bit of milk", "lots of skim milk"] | None = None,
    sugar: Literal["sugar", "a bit of sugar", "lots of sugar"] | None = None,
) -> str:
    """Order a coffee."""
    return ""


COFFEE = Collector("cafe", Path()).intent(
    coffee, examples=["a {size} {drink}", "a {roast} {drink} with {milk} and {sugar}"]
)


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        ("a medium roast mocha", {"drink": "mocha", "roast": "medium roast"}),
        ("a medium, medium-roast mocha", {"drink": "mocha", "roast": "medium roast", "size": "medium"}),
        ("an ice coffee please", {"drink": "iced coffee"}),
        ("a 12 oz coffee", {"drink": "coffee", "size": "twelve ounce"}),
        ("a 16oz coffee", {"drink": "coffee", "size": "sixteen ounce"}),
        ("a twelve ounce coffee", {"drink": "coffee", "size": "twelve ounce"}),
        ("a 60 ounce coffee", {"drink": "coffee"}),
        ("coffee with a bit of sugar", {"drink": "coffee", "sugar": "a bit of sugar"}),
        ("coffee and lots of sugar", {"drink": "coffee", "sugar": "lots of sugar"}),
        ("a coffee with lots of skin milk", {"drink": "coffee", "milk": "lots of skim milk"}),
        ("a light rose coffee", {"drink": "coffee", "roast": "light roast"}),
    ],
)
def test_choices_of_several_slots_are_read_together(said: str, slots: dict[str, str]) -> None:
    assert extract_slots(COFFEE, said) == slots


def test_the_ears_expect_the_words_of_all_choices_once() -> None:
    words = expected_words([COFFEE])
    said = " ".join(words).split()
    assert {"mocha", "iced", "skim", "roast", "sixteen"} <= set(said)
    assert "a bit of milk" in words
    assert "a bit of sugar" not in words
    assert len(expected_words([COFFEE], most=3)) <= 3
    assert expected_words([]) == ()
