"""Whether words go on from what was said of a list: "and bananas", "got the cheese", "read it"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from assistant import Exchange

from .done import done_among, without_reason
from .list_reading import Do, Wish, found_among, read_after, read_wish

__all__ = ["going_on", "list_told"]

NAMED: tuple[Do, ...] = ("tick", "remove", "change", "spare", "swap")
"""what names things that are on the list"""


def going_on(*does: Do) -> Callable[[str, Sequence[Exchange]], bool]:
    """Returns what says whether words want one of these things of the list that was spoken of before."""

    def follows(text: str, before: Sequence[Exchange]) -> bool:
        told = list(_told(before))
        if not told or read_wish(text) is not None:
            return False
        if done_among(text, _known(told)):
            return "tick" in does
        wish = read_after(text)
        if wish is None or wish.do not in does:
            return False
        if wish.do == "add" and wish.name and wish.name not in {each["list"] for each in told}:
            return False
        if wish.do in NAMED:
            return _on_it(wish, told)
        if wish.do in ("instead", "back"):
            return bool(before[-1].data.get("added"))
        # More things, and what is on it, are asked for at once, or they are asked of something else.
        return bool(list(_told(before[-1:]))) or (wish.do == "read" and bool(wish.name))

    return follows


def list_told(before: Sequence[Exchange]) -> str | None:
    """The list that was spoken of last; None for none."""
    return next((str(each["list"]) for each in _told(before)), None)


def _told(before: Sequence[Exchange]) -> Iterator[Mapping[str, Any]]:
    """What the replies about lists told, the newest first."""
    for exchange in reversed(before):
        parts = (exchange.data, *(part for part in exchange.data.get("parts", ()) if isinstance(part, Mapping)))
        yield from (part for part in parts if "list" in part)


def _known(told: Sequence[Mapping[str, Any]]) -> list[str]:
    found = (item for each in told for key in ("added", "there", "items", "left") for item in each.get(key, ()))
    return list(dict.fromkeys(found))


def _on_it(wish: Wish, told: Sequence[Mapping[str, Any]]) -> bool:
    known = _known(told)
    if wish.do == "remove":
        return without_reason(wish, known) is not None
    return all(found_among(item, known) for item in wish.items)
