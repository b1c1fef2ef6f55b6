"""Answers questions about the warranty of a bought item."""

from __future__ import annotations

import calendar
from datetime import date

from assistant import Dialogue, Reply, Services, Turn

from .naming import without_declined, words_of
from .orders import written_day
from .visits import choose_item, choose_order, visit

__all__ = ["check_warranty", "months_after"]


async def check_warranty(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Check the warranty of something you bought."""
    at = await visit(turn, dialogue, services)
    words = without_declined(words_of(turn.utterance, order, item))
    chosen = await choose_order(at, words, lambda o: o.status in ("delivered", "returned"))
    if chosen is None:
        return at.failed("no_order_chosen")
    values: dict[str, object] = {"number": chosen.number, "items": chosen.named(at.language)}
    if not chosen.delivered:
        return at.say("warranty_not_delivered", **values)
    thing = await choose_item(at, words, chosen, question="warranty_which_item")
    until = months_after(date.fromisoformat(chosen.delivered), thing.warranty_months)
    values |= {"item": thing.named(at.language), "day": written_day(until.isoformat(), at.language), "year": until.year}
    covered = until >= at.today
    return Reply(
        at.say("warranty_covered" if covered else "warranty_over", **values),
        speech=at.say("warranty_covered_speech" if covered else "warranty_over_speech", **values),
        data={"order": chosen.number, "item": thing.name, "until": until.isoformat(), "covered": covered},
    )


def months_after(day: date, months: int) -> date:
    """The same day some months later; the month's last one where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
