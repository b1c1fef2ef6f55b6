"""A plugin that takes coffee orders, written from the intent and slots of Picovoice's speech-to-intent benchmark.

It exists to be measured: ``assistant evaluate orders``.
"""

from __future__ import annotations

from typing import Literal

from assistant import hookimpl
from assistant.plugins.api import Register

__all__ = ["SLOTS", "order_drink"]

Drink = Literal[
    "americano",
    "cappuccino",
    "coffee",
    "drip coffee",
    "espresso",
    "house coffee",
    "iced coffee",
    "iced mocha",
    "latte",
    "mocha",
]
Roast = Literal["light roast", "medium roast", "dark roast"]
Size = Literal["small", "medium", "large", "eight ounce", "twelve ounce", "sixteen ounce", "twenty ounce"]
Shots = Literal["single shot", "double shot", "triple shot"]
Sugar = Literal[
    "sugar",
    "some sugar",
    "a bit of sugar",
    "a little bit of sugar",
    "lots of sugar",
    "a lot of sugar",
    "brown sugar",
    "some brown sugar",
    "a bit of brown sugar",
    "a little bit of brown sugar",
    "lots of brown sugar",
    "a lot of brown sugar",
    "sweetener",
    "some sweetener",
    "a bit of sweetener",
    "a little bit of sweetener",
    "lots of sweetener",
    "a lot of sweetener",
]
Milk = Literal[
    "milk",
    "some milk",
    "a bit of milk",
    "a little bit of milk",
    "lots of milk",
    "a lot of milk",
    "skim milk",
    "some skim milk",
    "a bit of skim milk",
    "a little bit of skim milk",
    "lots of skim milk",
    "a lot of skim milk",
    "whole milk",
    "some whole milk",
    "a bit of whole milk",
    "a little bit of whole milk",
    "lots of whole milk",
    "a lot of whole milk",
    "almond milk",
    "some almond milk",
    "a bit of almond milk",
    "a little bit of almond milk",
    "lots of almond milk",
    "a lot of almond milk",
    "soy milk",
    "some soy milk",
    "a bit of soy milk",
    "a little bit of soy milk",
    "lots of soy milk",
    "a lot of soy milk",
    "cream",
    "some cream",
    "a bit of cream",
    "a little bit of cream",
    "lots of cream",
    "a lot of cream",
]

SLOTS = {
    "coffee_drink": "coffeeDrink",
    "milk_amount": "milkAmount",
    "number_of_shots": "numberOfShots",
    "roast": "roast",
    "size": "size",
    "sugar_amount": "sugarAmount",
}
"""our slot → the benchmark's"""

EXAMPLES = (
    "can I have a {size} {coffee_drink}",
    "get me a {roast} {coffee_drink} with {milk_amount}",
    "make me a {number_of_shots} {coffee_drink} with {sugar_amount} and {milk_amount}",
    "I'd like an {coffee_drink}",
    "brew a {size} {roast} {number_of_shots} {coffee_drink}",
    "give me a {coffee_drink} with {sugar_amount}",
    "may I have a {coffee_drink}",
    "I want a {roast} {coffee_drink}",
)


def order_drink(
    coffee_drink: Drink,
    size: Size | None = None,
    roast: Roast | None = None,
    number_of_shots: Shots | None = None,
    sugar_amount: Sugar | None = None,
    milk_amount: Milk | None = None,
) -> str:
    """Order a coffee."""
    wishes = (size, roast, number_of_shots, coffee_drink, sugar_amount, milk_amount)
    return f"Coming up: {', '.join(wish for wish in wishes if wish)}."


@hookimpl
def register_intents(register: Register) -> None:
    """One intent, as in the benchmark."""
    register(order_drink, examples=EXAMPLES)
