"""The smallest useful plugin, as the guide shows it."""

from __future__ import annotations

import re

import pytest

from assistant.settings import shipped_dir
from assistant.testing import FakeDialogue, FakeServices, load_plugin

DICE = shipped_dir("plugins") / "dice.py"


def test_dice_rolls_within_its_sides() -> None:
    plugin = load_plugin(DICE)
    rolls = [int(re.findall(r"\d+", plugin.ask("throw a 2 sided die").text)[0]) for _ in range(20)]
    assert set(rolls) <= {1, 2}
    assert plugin.ask("roll a die", sides=1).text == "You rolled 1."
    assert (plugin.info.title, plugin.info.summary, plugin.failures) == ("Dice", "Rolls a die.", [])


def test_fakes_fail_loudly_when_the_test_forgot_something() -> None:
    plugin = load_plugin(DICE)
    with pytest.raises(KeyError, match=r"there are dice\.roll_die"):
        plugin.ask("x", intent="roll")

    async def question() -> None:
        await FakeDialogue(["maybe"]).ask("How many?", kind=int)

    with pytest.raises(AssertionError, match=r"'maybe' is not an answer to 'How many\?': I need one whole number"):
        question().send(None)
    assert FakeServices().intents() == []
