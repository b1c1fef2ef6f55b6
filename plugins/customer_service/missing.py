"""Handles parcels that never came, came incomplete, or with something else in them."""

from __future__ import annotations

import re

from assistant import Dialogue, Reply, Services, Turn

from .cancelling import cancel_order
from .damage import report_damage
from .filters import is_late
from .naming import words_of
from .ordering import whereabouts
from .orders import find_orders, items_in, written_day
from .visits import choose_order, visit
from .words import heard

__all__ = ["looks_different", "report_missing"]

LONGEST = 160
"""characters of such a complaint"""
WRONG = re.compile(r"\bwrong\b|\binstead\b|\belse\b|\bdifferent\b|not what|错|不是我", re.IGNORECASE)
PART = re.compile(r"\b(?:one|half|part|some|piece|only|incomplete|empty)\b|\bis missing\b|少|缺|空", re.IGNORECASE)


async def report_missing(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Report a parcel that never came, or came incomplete or wrong."""
    if heard("no_longer", turn.utterance) and not heard("undelivered", turn.utterance):
        return await cancel_order(turn, dialogue, services, order, item)  # 杯子不要了 reports nothing; it asks first
    if heard("faulty", turn.utterance) and not heard("undelivered", turn.utterance):
        return await report_damage(turn, dialogue, services, order, item)  # "I got them, the left side is dead"
    at = await visit(turn, dialogue, services)
    words = words_of(turn.utterance, order, item)
    if not find_orders(words, at.orders) and at.recent and len(at.recent[0]) == 1:
        words += f" {at.recent[0][0]}"  # "my neighbours don't have it": what was just talked about
    chosen = await choose_order(
        at, words, lambda o: o.status == "delivered" or is_late(o, at.today), question="missing_which_order"
    )
    if chosen is None:
        return at.failed("no_order_chosen")
    if chosen.status != "delivered" and not is_late(chosen, at.today):
        return Reply(whereabouts(at, chosen), speech=whereabouts(at, chosen, brief=True))
    what = "wrong" if WRONG.search(words) or looks_different(words) else "part" if PART.search(words) else "parcel"
    named = items_in(words, chosen.items) or chosen.items
    values = {
        "number": chosen.number,
        "items": at.say("and").join(each.named(at.language) for each in named),
        "carrier": chosen.carrier,
        "day": written_day(chosen.delivered or chosen.due, at.language),
    }
    about = f"{chosen.tracking}: " + ", ".join(each.name for each in named)
    # Told twice in one conversation, it is one matter.
    ticket = await dialogue.once(
        "ticket:missing",
        lambda: at.shop.open_ticket(
            f"{turn.session}:missing:{chosen.number}:{what}",
            f"missing: {what}",
            chosen.number,
            words.strip(),
            about,
            at.today,
        ),
    )
    return Reply(
        at.say(f"missing_{what}", ticket=ticket, **values),
        speech=at.say("missing_speech", ticket=ticket),
        data={"ticket": ticket, "order": chosen.number, "missing": what},
    )


def looks_different(words: str) -> bool:
    """Returns whether the text says that the delivered item differs from its picture."""
    return bool(heard("looks_different", words) and heard("got_thing", words)) and len(words) <= LONGEST
