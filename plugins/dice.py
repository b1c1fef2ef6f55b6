"""Rolls a die."""

import random

from assistant import hookimpl


def roll_die(sides: int = 6) -> str:
    """Roll one die and say what came up."""
    return f"You rolled {random.randint(1, sides)}."


@hookimpl
def register_intents(register):
    register(roll_die, examples=["roll a die", "throw a {sides} sided die"], acts=False)
