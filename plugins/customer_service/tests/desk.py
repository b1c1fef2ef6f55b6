"""The desk on the test bench: its handlers with a demo shop that is kept from visit to visit."""

import asyncio
import time
from datetime import date
from pathlib import Path
from typing import Any

from assistant import Exchange, Picture, Reply, Turn
from assistant.testing import FakeDialogue, FakeServices
from plugins.customer_service import ACTING, ANSWERING
from plugins.customer_service.changes import undo_change
from plugins.customer_service.handover import served
from plugins.customer_service.orders import Order
from plugins.customer_service.people import complaint, talk_to_person, ticket_status
from plugins.customer_service.store import Store

TODAY = date(2026, 3, 10)
"""a Tuesday"""
NOON = time.mktime((2026, 3, 10, 12, 0, 0, 0, 0, -1))
OPTIONS = {"adapter": "", "url": "", "policies": ""}


class Desk:
    """One customer at the desk of a fresh demo shop, who is remembered from visit to visit."""

    def __init__(self, folder: Path) -> None:
        self.services = FakeServices(data_dir=folder, options=OPTIONS)
        self.store = Store(f"sqlite:///{folder}/store.sqlite3", TODAY)
        handlers = [*(served(each) for each in ANSWERING), *(served(each, about) for each, about in ACTING.items())]
        handlers += [complaint, talk_to_person, ticket_status, undo_change]
        self._handlers: dict[str, Any] = {each.__name__: each for each in handlers}

    def visit(self, intent: str, text: str, *answers: str | Picture) -> str:
        """Runs a visit and returns the desk's last text: its answer, or the question left after the given answers."""
        dialogue = FakeDialogue(answers)
        turn = Turn(session="test", text=text, at=NOON)
        try:
            said = asyncio.run(self._handlers[intent](turn=turn, dialogue=dialogue, services=self.services))
            reply = said.text if isinstance(said, Reply) else said
        except AssertionError:
            reply = dialogue.asked[-1]
        self.services.said = [*self.services.said, Exchange(text, reply, f"customer_service.{intent}", "answer")]
        return reply

    def order(self, number: str) -> Order:
        """An order as the shop has it now."""
        return next(order for order in self.store.orders("") if order.number == number)

    def cancelled(self) -> set[str]:
        """The numbers of the cancelled orders, without the one that was when the shop opened."""
        return {order.number for order in self.store.orders("") if order.status == "cancelled"} - {"A1005"}

    def returning(self) -> set[str]:
        """The things that are on their way back."""
        return {item.name for order in self.store.orders("") for item in order.items if item.returned}
