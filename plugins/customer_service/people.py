"""Handing over to a person, when the customer asks for one or has a complaint."""

from __future__ import annotations

import re

from assistant import Dialogue, Reply, Services, Turn

from .counter import Visit, visit
from .orders import find_orders

__all__ = ["ask_contact", "complaint", "talk_to_person"]

ANGRY = 0.8
"""probability of anger in the voice from which the clerk says sorry first"""
BARE_REQUEST = re.compile(
    r"\b(i|want|would|like|to|talk|speak|with|a|an|the|real|human|person|agent|someone|somebody|please|can|let|me|get|your|"
    r"manager|representative|employee|staff|member|customer|service|support|connect|transfer|now|need|is|there|"
    r"make|file|submit|lodge|have|complain|complaint|complaints|about|my|register|raise|formal)\b"
    r"|我|要|想|找|转|人工|客服|请|经理|真人|跟|说|话|帮|让|你们|来|投诉|有|个|一|[\s.,!?。，！？']",
    re.IGNORECASE,
)
CONTACT = re.compile(r"[^\s@,，]+@[^\s@,，]+\.\w+|\+?\d[\d\s()/-]{4,}\d")
CONTACT_ATTEMPTS = 2


async def talk_to_person(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Hand the matter to a person, who calls back."""
    at = await visit(turn, dialogue, services)
    words = await _matter(at, "person_what_about")
    contact = await ask_contact(at, "")
    ticket = await _ticket(at, "call back", words, f"contact: {contact}")
    sorry = at.say("person_sorry") + " " if turn.tone.get("anger", 0.0) >= ANGRY else ""
    return Reply(
        sorry + at.say("person_done", ticket=ticket, contact=contact),
        speech=at.say("person_done_speech", contact=contact),
        data={"ticket": ticket, "contact": contact},
    )


async def complaint(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Note a complaint word for word, and have a person answer it."""
    at = await visit(turn, dialogue, services)
    words = await _matter(at, "complaint_what")
    ticket = await _ticket(at, "complaint", words, "")
    contact = await ask_contact(at, at.say("complaint_noted", ticket=ticket))
    await _ticket(at, "contact", contact, f"belongs to {ticket}")
    return Reply(
        at.say("complaint_done", ticket=ticket, contact=contact),
        speech=at.say("complaint_done_speech", ticket=ticket),
        data={"ticket": ticket, "contact": contact},
    )


async def _matter(at: Visit, question: str) -> str:
    """What it is about, asked for when the request says no more than that there is something."""
    words = at.turn.utterance
    if len(BARE_REQUEST.sub("", words)) >= 8:
        return words
    answer: str = await at.dialogue.ask(at.say(question))
    return f"{words} – {answer}"


async def _ticket(at: Visit, kind: str, words: str, details: str) -> str:
    found = find_orders(words, at.orders)
    number = found[0].number if len(found) == 1 else ""
    return await at.dialogue.once(
        f"ticket:{kind}", lambda: at.shop.open_ticket(at.key(kind), kind, number, words, details, at.today)
    )


async def ask_contact(at: Visit, lead: str) -> str:
    """The e-mail address or telephone number of the customer; what was answered when it holds neither, twice asked.

    Args:
        at: the visit.
        lead: a sentence to say first.
    """
    if found := CONTACT.search(at.turn.utterance):
        return found[0].strip()
    question = " ".join(filter(None, (lead, at.say("person_contact"))))
    for _ in range(CONTACT_ATTEMPTS):
        answer: str = await at.dialogue.ask(question, speech=at.say("person_contact"))
        if found := CONTACT.search(answer):
            return found[0].strip()
        question = at.say("person_contact_again")
    return answer.strip()[:200]
