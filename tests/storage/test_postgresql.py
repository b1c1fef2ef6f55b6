"""Sessions and the demo shop in a real PostgreSQL, where there is one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from PIL import Image

from assistant.storage import Database, DialogueLog, History
from assistant.types import Decision, Picture, Reply, Turn, TurnResult


@pytest.fixture
def databases(postgres: str) -> Iterator[tuple[Database, Database]]:
    """The same database as two processes open it."""
    both = Database(postgres), Database(postgres)
    yield both
    for each in both:
        each.close()


def test_sessions_are_kept_as_in_sqlite(databases: tuple[Database, Database]) -> None:
    history = History(databases[0])
    turn = Turn(session="退货", text="退货 A1007 🙂", images=(Picture(Image.new("RGB", (8, 8))),))
    history.begin(turn)
    decision = Decision("shop.return_item", 0.9, "answer", contributions={"text": 1.0})
    history.finish(TurnResult(turn, decision, Reply("Done."), {"total": 12.5}))
    [stored] = History(databases[1]).turns("退货")
    assert (stored.text, stored.status, stored.reply) == ("退货 A1007 🙂", "answered", "Done.")
    assert stored.latency_ms == {"total": 12.5}


def test_dialogues_go_on_where_they_were(databases: tuple[Database, Database]) -> None:
    log = DialogueLog(databases[0])
    dialogue = log.open("return", "shop.return_item", {"turn": {}, "slots": {}})
    log.append(dialogue, "asked", {"text": "Why?"})
    again = DialogueLog(databases[1])
    assert [record.id for record in again.pending("return")] == [dialogue]
    assert again.events(dialogue) == [("asked", {"text": "Why?"})]
    again.close(dialogue, "answered")
    assert log.pending("return") == []


def test_the_shop_does_each_thing_once(postgres: str) -> None:
    from plugins.customer_service.store import Store

    today = date(2026, 3, 10)
    shop = Store(postgres, today)
    assert shop.fill(today) == len(shop.orders("me"))
    assert shop.cancel("A1007", today) == shop.cancel("A1007", today) == {"done": True, "cents": 4000}
    assert {order.number: order.refund for order in shop.orders("me")}["A1007"] is not None
    with ThreadPoolExecutor(4) as pool:  # the same request from four processes at once
        numbers = list(pool.map(lambda _: shop.open_ticket("k", "damage", "A1001", "x", "", today), range(4)))
        returns = list(pool.map(lambda n: shop.start_return(f"r{n}", "A1004", "phone case", "x", today), range(4)))
    assert len(set(numbers)) == len(set(returns)) == len(shop.tickets()) == 1
