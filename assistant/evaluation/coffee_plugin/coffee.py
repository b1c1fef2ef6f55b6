"""A plugin that takes coffee orders, written from the intent and slots of Picovoice's speech-to-intent benchmark.

It exists to be measured: ``assistant evaluate orders``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from assistant import hookimpl
from assistant.plugins.api import Register

__all__ = ["SLOTS", "order_drink"]

Roast = Literal["light roast", "medium roast", "dark roast"]
Size = Literal["small", "medium", "large", "eight ounce", "twelve ounce", "sixteen ounce", "twenty ounce"]
Shots = Literal["single shot", "double shot", "triple shot"]
DRINKS = ("americano", "cappuccino", "coffee", "drip coffee", "espresso", "house coffee", "iced coffee", "iced mocha")
AMOUNTS = ("", "some ", "a bit of ", "a little bit of ", "lots of ", "a lot of ")
SUGARS = ("sugar", "brown sugar", "sweetener")
MILKS = ("milk", "skim milk", "whole milk", "almond milk", "soy milk", "cream")
if TYPE_CHECKING:
    Drink: TypeAlias = str
    Sugar: TypeAlias = str
    Milk: TypeAlias = str
else:
    Drink = Literal[(*DRINKS, "latte", "mocha")]
    Sugar = Literal[tuple(amount + kind for kind in SUGARS for amount in AMOUNTS)]
    Milk = Literal[tuple(amount + kind for kind in MILKS for amount in AMOUNTS)]

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
