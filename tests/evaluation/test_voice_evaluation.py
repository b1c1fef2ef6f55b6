"""The figures of the voice loop: what is measured, and how it is told."""

from pathlib import Path

import pytest

from assistant.evaluation.coffee_orders import INTENT, Understood, orders_report
from assistant.evaluation.coffee_plugin import coffee
from assistant.evaluation.voice import OURS, PEER, Answered, spoken_requests, voice_report
from assistant.intents.slots import extract_slots
from assistant.terminal.report import Peer
from assistant.testing import load_plugin


def test_a_spoken_request_knows_where_its_words_end() -> None:
    (request,) = spoken_requests("hey jarvis", ["Where is my order?"])
    assert 1.5 < request.wake_end < 2.5
    assert request.wake_end + 0.8 < request.speech_end < request.clip.duration - 1.4


def test_the_medians_are_compared() -> None:
    answered = {
        OURS: [Answered(ms, "roll a die") for ms in (400.0, 500.0, 900.0)],
        PEER: [Answered(ms, "roll a dice") for ms in (1500.0, 1600.0, 1700.0)],
    }
    rows = {row.metric: row for row in voice_report(answered, ["roll a die"] * 3, 1).rows}
    median = rows["end of speech to first sound, median"]
    assert (median.value, median.peer) == (500, Peer(PEER, 1600))
    assert rows["end of speech to first sound, 95th percentile"].value > 800
    assert rows["words wrong"].value == 0
    assert rows["words wrong"].peer == Peer(PEER, pytest.approx(100 / 3))
    assert rows["wake words missed"].value == 1


def test_the_coffee_plugin_reads_an_order_with_every_slot() -> None:
    plugin = load_plugin(Path(coffee.__file__))
    said = "Can I get a 16 oz dark roast triple shot ice mocha with a lot of soy milk and a bit of brown sugar?"
    slots = {coffee.SLOTS[name]: value for name, value in extract_slots(plugin.intent("order_drink"), said).items()}
    assert slots == {
        "coffeeDrink": "iced mocha",
        "milkAmount": "a lot of soy milk",
        "numberOfShots": "triple shot",
        "roast": "dark roast",
        "size": "sixteen ounce",
        "sugarAmount": "a bit of brown sugar",
    }
    assert plugin.ask("a small latte", intent="order_drink").text == "Coming up: small, latte."


def test_an_order_is_understood_exactly_or_not() -> None:
    wanted = {"coffeeDrink": "latte", "size": "small"}
    right = Understood("1.flac", "a small latte", INTENT, wanted, dict(wanted))
    invented = Understood("2.flac", "a small latte", INTENT, wanted, wanted | {"roast": "dark roast"})
    elsewhere = Understood("3.flac", "a small latte", "shop.buy", wanted, dict(wanted))
    report = orders_report((right, invented, elsewhere))
    assert report.value("intent and every slot right") == pytest.approx(100 / 3)
    assert report.value("intent right") == pytest.approx(200 / 3)
    assert [note.partition(":")[0] for note in report.notes] == ["2.flac", "3.flac"]
