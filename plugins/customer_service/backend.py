"""The interface between the service desk and a shop: one class with these methods, named in the settings.

::

    [plugins.options.customer_service]
    adapter = "my_shop.desk:MyShop"      # called with the plugin's data folder and the value of `url`

`store.Store`, the demo shop in SQLite or PostgreSQL, is the model to copy. A shop that has `Store.note_change` and
`Store.undo` too can take back the last change; without them the desk says that a person must.
"""

from __future__ import annotations

import importlib
from datetime import date
from pathlib import Path
from typing import Any, Protocol, cast

from assistant import PluginError, Services

from .orders import Order
from .store import Store

__all__ = ["Backend", "open_backend"]


class Backend(Protocol):
    """A shop. Every change carries a key, or is the same when done twice: repeating it changes nothing."""

    def orders(self, customer: str) -> list[Order]:
        """Returns the orders of the speaking customer, newest first.

        Args:
            customer: the conversation's name; the assistant knows no other identity.
        """
        ...

    def cancel(self, number: str, today: date) -> dict[str, Any]:
        """Cancels the items that have not left and starts their refund: {"done": bool, "cents": refunded}."""
        ...

    def change_quantity(self, number: str, item: str, quantity: int, today: date) -> dict[str, Any]:
        """Sets the quantity of an item; 0 removes it: {"done": bool, "cents": the order's new price}."""
        ...

    def change_address(self, number: str, address: str) -> bool:
        """Changes the delivery address; False if it has left already."""
        ...

    def change_day(self, number: str, day: date) -> bool:
        """Changes the delivery day; False if it has left already."""
        ...

    def start_return(self, key: str, order: str, item: str, reason: str, today: date) -> str:
        """Records a return and returns its number; a second one of the same item is the first."""
        ...

    def open_ticket(self, key: str, kind: str, order: str, words: str, details: str, today: date) -> str:
        """Open a ticket for a person; its number."""
        ...

    def keep_receipt(self, key: str, company: str, day: str, total: str) -> str:
        """Keep a receipt; its number."""
        ...

    def failed(self, key: str, customer: str) -> int:
        """Records a failed attempt; returns how many there were in a row."""
        ...

    def helped(self, customer: str) -> None:
        """Records that a customer was helped."""
        ...


def open_backend(services: Services, today: date) -> Backend:
    """The shop that the settings name; the demo shop in the plugin's folder by default.

    Raises:
        PluginError: the adapter cannot be imported or opened.
    """
    adapter, url = str(services.options["adapter"]), str(services.options["url"])
    if not adapter:
        return Store(url or f"sqlite:///{services.data_dir / 'store.sqlite3'}", today, fill=not url)
    module, _, name = adapter.partition(":")
    try:
        made = getattr(importlib.import_module(module), name)(Path(services.data_dir), url)
    except Exception as error:  # whatever a shop's own class raises is reported in one line
        raise PluginError("customer_service", f"the adapter {adapter} cannot be opened: {error}") from error
    return cast("Backend", made)
