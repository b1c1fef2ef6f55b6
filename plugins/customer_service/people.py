"""Handing over to a person."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant import Dialogue, Reply, Services, Turn

from .counter import visit
from .orders import find_orders
from .wording import language_of, say

__all__ = ["offer_person", "talk_to_person"]

ANGRY = 0.8
"""probability of anger in the voice from which the clerk says sorry first, and offers a person"""
BARE_REQUEST = re.compile(
    r"\b(i|want|would|like|to|talk|speak|with|a|an|the|real|human|person|agent|someone|somebody|please|can|let|me|get|your|"
    r"manager|representative|employee|staff|member|customer|service|support|connect|transfer|now|need|is|there)\b"
    r"|我|要|想|找|转|人工|客服|请|经理|真人|跟|说话|帮|让|你们|来|[\s.,!?。，！？']",
    re.IGNORECASE,
)


async def talk_to_person(turn: Turn, dialogue: Dialogue, services: Services) -> str:
    """Hand the matter to a person, who calls back."""
    at = await visit(turn, dialogue, services)
    words = turn.utterance
    if len(BARE_REQUEST.sub("", words)) < 8:
        words = await dialogue.ask(at.say("person_what_about"))
    contact = _contact(await dialogue.ask(at.say("person_contact")))
    found = find_orders(f"{turn.utterance} {words}", at.orders)
    number = found[0].number if len(found) == 1 else ""
    ticket = await dialogue.once(
        "ticket",
        lambda: at.shop.open_ticket(at.key("person"), "call back", number, words, f"contact: {contact}", at.today),
    )
    sorry = at.say("person_sorry") + " " if turn.tone.get("anger", 0.0) >= ANGRY else ""
    return sorry + at.say("person_done", ticket=ticket, contact=contact)


def offer_person(turn: Turn, reply: Reply) -> Reply | None:
    """Offer a person to somebody who sounds angry, below the answer."""
    here = reply.intent.startswith("customer_service.") and not reply.intent.endswith(".talk_to_person")
    if not here or reply.follow_up or turn.tone.get("anger", 0.0) < ANGRY:
        return None
    return replace(reply, text=f"{reply.text}\n{say('person_offer', language_of(turn.utterance))}")


def _contact(answer: str) -> str:
    """The e-mail address or telephone number in an answer; the answer itself when it holds none."""
    found = re.search(r"[^\s@,，]+@[^\s@,，]+\.\w+|\+?\d[\d\s()/-]{4,}\d", answer)
    return found[0] if found else answer.strip()
