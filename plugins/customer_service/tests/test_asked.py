"""Questions about orders: what they ask for and of which, by themselves and after an answer."""

from pathlib import Path

import pytest

from assistant import Exchange
from plugins.customer_service.asked import asked_after, asked_for
from plugins.customer_service.tests.desk import Desk

TWO = "Order A1002 (coffee grinder) is being packed. Order A1007 (coffee mugs and tea towels) is being packed."


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("whats still on its way", "track_order"),
        ("把没送到的都列给我", "track_order"),
        ("anything i've bought that's over 80 quid", "list_orders"),
        ("am I too late to return it", "return_item"),
        *(
            (text, "")
            for text in ("which bus is on its way", "他还没到", "remind me of my orders", "has my mum arrived")
        ),
    ],
)
def test_a_question_names_an_aspect_and_orders(text: str, intent: str) -> None:
    assert asked_for(text) == intent


@pytest.mark.parametrize(
    ("last", "text", "intent"),
    [
        ("track_order", "and which of them is late", "track_order"),
        ("track_order", "那还能退不", "return_item"),
        ("track_order", "and what did that set me back", "order_total"),
        ("refund_status", "when will i have it at the latest", "refund_status"),
        ("order_total", "how long can I still send it back", "return_item"),
        *(("track_order", text, "") for text in ("what about my back", "return it", "what time is it", "cancel it")),
    ],
)
def test_a_question_goes_on(last: str, text: str, intent: str) -> None:
    assert asked_after(text, [Exchange("", TWO, f"customer_service.{last}", "answer")]) == intent


@pytest.mark.parametrize(
    ("first", "then", "named", "left"),
    [
        (("order_total", "how much have I spent with you in total"), "without the laptop I mean", "A1003", "A1009 –"),
        (("track_order", "where are A1001 and A1008"), "which of them is late", "A1008", "A1001"),
        (("list_orders", "list my orders over 80 euros"), "which of those can still go back", "A1003", "A1004"),
        (("order_total", "what did the grinder cost"), "and with the towels", "A1007", "A1003"),
    ],
)
def test_only_what_was_shown_is_looked_at(desk: Desk, first: tuple[str, str], then: str, named: str, left: str) -> None:
    desk.visit(*first)
    intent = asked_after(then, desk.services.said)
    told = desk.visit(intent, then)
    assert named in told
    assert left not in told
