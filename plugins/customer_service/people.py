"""Hands over to a person, when the customer asks for one or has a complaint."""

from __future__ import annotations

import re
from typing import Any

from assistant import Dialogue, Exchange, Reply, Services, Turn, find_entities
from assistant.understanding.consent import read_bare_answer

from .filters import is_late
from .ordering import whereabouts
from .orders import find_orders, order_numbers
from .visits import Visit, choose_order, visit
from .words import acts_in, heard, spans_of

__all__ = [
    "ask_contact",
    "complaint",
    "contact_in",
    "late_orders",
    "summary_of",
    "talk_to_person",
    "tells_of_charge",
    "ticket_status",
]

ANGRY = 0.8
"""probability of anger in the voice from which the clerk says sorry first"""
BARE_REQUEST = re.compile(
    r"\b(i|want|would|like|to|talk|speak|with|a|an|the|real|human|person|agent|someone|somebody|please|can|let|me|get|your|"
    r"manager|representative|employee|staff|member|customer|service|support|connect|transfer|now|need|is|there|"
    r"make|file|submit|lodge|have|complain|complaint|complaints|about|my|register|raise|formal|no|just|operator|being)\b"
    r"|我|要|想|找|转|人工|客服|请|经理|真人|跟|说|话|帮|让|你们|您|来|投诉|有|个|一|[\s.,!?。，！？']",
    re.IGNORECASE,
)
CONTACT = re.compile(r"[^\s@,，。]+@[^\s@,，。]+\.[a-z]{2,}|\+?\d[\d\s()/-]{5,}\d", re.IGNORECASE)
HAN_GROUPS = re.compile(r"(?<=[幺零〇一二三四五六七八九])[\s，,、-]+(?=[幺零〇一二三四五六七八九])")
"""what parts the digits of a spoken number: 幺五九 二二三三 四四五五"""
FIGURES = {"o": "0", "oh": "0", "zero": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4"}
FIGURES |= {"five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "plus": "+"}
_WORD = rf"(?:{'|'.join(FIGURES)})"
SPELLED = re.compile(rf"\b(?:{_WORD}[\s,-]+){{6,}}{_WORD}\b", re.IGNORECASE)
"""a telephone number digit by digit: "oh six six four, one two three four" """
DIGITS = range(7, 16)
"""of a telephone number"""
FILLERS = re.compile(
    r"\b(?:ok(?:ay)?|oh|well|h+m+|just|no|please|so|then|then|ah)\b|[嗯哦好那啊吧]|[\W_]", re.IGNORECASE
)
MORE = 8
"""letters, a Chinese character for two, that say more than that a person is wanted"""
MOST = 4
"""orders whose state is described"""
CONTACT_ATTEMPTS = 2
ASIDES = 4
"""questions that are answered while the contact is asked for"""
REMEMBERED = 6
"""earlier turns a summary tells of"""
TOLD = 600
"""characters of one turn's words in a summary; of a long speech the beginning and the end"""


async def talk_to_person(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Hand the matter to a person, who calls back."""
    at = await visit(turn, dialogue, services)
    # A customer who wants a person is not held up: the reason is in the conversation, or is told to the colleague.
    ticket = await _ticket(at, "call back", await _told(at) or turn.utterance, "")
    contact, told = await ask_contact(at, at.say("person_ticket", ticket=ticket), ticket)
    sorry = at.say("person_sorry") + " " if turn.tone.get("anger", 0.0) >= ANGRY else ""
    sorry = f"{told}\n{sorry}" if told else sorry
    data = {"ticket": ticket, "contact": contact}
    if not contact:
        return Reply(sorry + at.say("person_no_contact", ticket=ticket), data=data)
    return Reply(
        sorry + at.say("person_done", ticket=ticket, contact=contact),
        speech=at.say("person_done_speech", contact=contact),
        data=data,
    )


async def complaint(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Note a complaint word for word, and have a person answer it."""
    at = await visit(turn, dialogue, services)
    says_what = _says_more(turn.utterance) or tells_of_charge(turn.utterance)
    words = turn.utterance if says_what else await _complaint_words(at)
    if heard("charged_twice", words) and not find_orders(words, at.orders):
        rest = words  # "a second charge" names no second order
        for match in reversed(list(spans_of("charged_twice", words))):
            rest = rest[: match.start()] + rest[match.end() :]
        chosen = await choose_order(at, rest, lambda each: each.status != "cancelled", question="charged_which_order")
        words += f" ({chosen.number})" if chosen else ""
    ticket = await _ticket(at, "complaint", words, "")
    noted = at.say("gap").join(filter(None, (at.say("complaint_noted", ticket=ticket), late_orders(at, words))))
    contact, told = await ask_contact(at, noted, ticket, words)
    if not contact:
        text = "\n".join(filter(None, (told, at.say("complaint_no_contact", ticket=ticket))))
        return Reply(text, data={"ticket": ticket, "contact": ""})
    return Reply(
        at.say("complaint_done", ticket=ticket, contact=contact),
        speech=at.say("complaint_done_speech", ticket=ticket),
        data={"ticket": ticket, "contact": contact},
    )


def tells_of_charge(words: str) -> bool:
    """Returns whether the text complains about being charged twice."""
    return bool(heard("charged_twice", words)) and not heard("supposed", words)


async def ticket_status(turn: Turn, dialogue: Dialogue, services: Services) -> Reply | str:
    """See the numbers of your tickets."""
    at = await visit(turn, dialogue, services)
    known = getattr(at.shop, "tickets_of", None)
    tickets: list[dict[str, Any]] = known(turn.session) if known else []
    named = [at.say("an_order", number=each["number"], items=each["kind"]) for each in tickets]
    if not named:
        return at.say("tickets_none")
    return Reply(at.say("tickets_these", tickets=at.say("and").join(named)), data={"tickets": tickets})


def late_orders(at: Visit, words: str) -> str:
    """Names the late orders that a complaint may be about; "" when it names another one, or none is late."""
    named = find_orders(words, at.orders)
    late = [each for each in named or at.orders if is_late(each, at.today)]
    return at.say("complaint_late", orders=at.listed(late)) if late else ""


async def _told(at: Visit) -> str:
    """Returns the reason for a call for a person: its own words, else the conversation so far; "" if neither says."""
    if _says_more(at.turn.utterance):
        return at.turn.utterance
    earlier = await at.services.conversation(at.turn.session, REMEMBERED)
    told: str = await at.dialogue.once("matter", lambda: summary_of(at.turn.utterance, earlier) if earlier else "")
    return told


async def _complaint_words(at: Visit) -> str:
    asked, told = at.say("complaint_what"), ""
    for _ in range(CONTACT_ATTEMPTS):
        answer: str = await at.dialogue.ask(asked)
        told += f" – {answer}"
        if not contact_in(answer, at):
            break  # the channel alone is not a contact
    return at.turn.utterance + told


def _says_more(words: str) -> bool:
    """Returns whether a request says more than "I want a person" or "I have a complaint"."""
    more = BARE_REQUEST.sub("", words)
    return len(more) + sum(not letter.isascii() for letter in more) >= MORE  # 快递态度差 says as much as eight letters


async def _ticket(at: Visit, kind: str, words: str, details: str) -> str:
    found = find_orders(words, at.orders)
    number = found[0].number if len(found) == 1 else ""
    return await at.dialogue.once(
        f"ticket:{kind}", lambda: at.shop.open_ticket(at.key(kind), kind, number, words, details, at.today)
    )


async def ask_contact(at: Visit, lead: str, ticket: str, words: str = "") -> tuple[str, str]:
    """The e-mail address or telephone number of the customer, noted for a ticket; "" after two answers without one.

    Args:
        at: the visit.
        lead: a sentence to say first.
        ticket: the number of the ticket that the contact belongs to.
        words: what was said so far, in which a contact may stand already; "" for the turn's own.

    Returns:
        The contact, and what is to be said first of all to an answer that wanted something else instead; "" for none.
    """
    contact = contact_in(words or at.turn.utterance, at)
    question, attempts, more = f"{lead} {at.say('person_contact')}".strip(), 0, 0
    for _ in range(CONTACT_ATTEMPTS + ASIDES):
        if contact or attempts >= CONTACT_ATTEMPTS:
            break
        answer: str = await at.dialogue.ask(question, speech=at.say("person_contact"))
        contact = contact_in(answer, at)
        if contact:
            break
        if _lets_go(answer) or read_bare_answer(answer) == "no":
            return "", _status(at, answer)
        aside = _aside(at, answer, ticket)
        attempts += not aside
        if not aside and (
            _says_more(answer) or heard("mentions_no_photo", answer)
        ):  # what is neither belongs to the matter
            more += 1
            await _add(at, ticket, answer, more)
            question = at.say("person_contact_noted", ticket=ticket)
        else:
            question = f"{aside} {at.say('person_contact')}" if aside else at.say("person_contact_again")
    if not contact:
        return "", ""
    await at.dialogue.once(
        f"contact:{ticket}",
        lambda: at.shop.open_ticket(at.key("contact"), "contact", "", contact, f"belongs to {ticket}", at.today),
    )
    return contact, ""


def _lets_go(answer: str) -> bool:
    """Returns whether an answer gives up the matter: "whatever", "ok, forget it", 算了."""
    found = heard("lets_go", answer)
    return found is not None and not FILLERS.sub("", answer[: found.start()])


def _status(at: Visit, words: str) -> str:
    """Returns the state of the orders asked about, or of all open ones; "" if the text does not ask for it."""
    if not heard("wants_status", words):
        return ""
    recent = at.recent[0] if at.recent else ()
    shown = [each for each in at.orders if each.number in recent]
    under_way = [each for each in at.orders if each.status in ("processing", "shipped")]
    asked = find_orders(words, at.orders) or (shown if 0 < len(shown) <= MOST else []) or under_way[:MOST]
    return "\n".join(whereabouts(at, each) for each in asked)


async def _add(at: Visit, ticket: str, words: str, count: int) -> None:
    """Note what the customer adds to a ticket."""
    kind = f"more {count}"
    await at.dialogue.once(
        f"{kind}:{ticket}",
        lambda: at.shop.open_ticket(at.key(kind), "addition", "", words, f"belongs to {ticket}", at.today),
    )


def _aside(at: Visit, answer: str, ticket: str) -> str:
    """Answers a question that the customer asked instead of naming a contact; "" if there was none."""
    if find_orders(answer, at.orders) and (status := _status(at, answer)):
        return status
    if "question" not in acts_in(answer, at.say("person_contact"), 0.3):
        return ""
    if heard("why_question", answer):
        return at.say("person_why")
    return at.say("person_number", ticket=ticket) if heard("ticket_question", answer) else ""


def contact_in(text: str, at: Visit) -> str:
    """The e-mail address or telephone number that a text holds; "" for none, and for the number of an order."""
    text = SPELLED.sub(lambda run: "".join(FIGURES[word.lower()] for word in re.findall(r"[a-z]+", run[0], re.I)), text)
    for entity in find_entities(HAN_GROUPS.sub("", text).replace("，", " "), at.language):
        if entity.kind in ("email", "phone"):
            return entity.text.strip() if any(map(str.isdigit, entity.text)) else str(entity.value)
    found = CONTACT.search(text)
    if found is None or order_numbers(found[0], at.orders)[0]:
        return ""
    digits = sum(map(str.isdigit, found[0]))
    return found[0].strip() if "@" in found[0] or digits in DIGITS else ""


def summary_of(words: str, earlier: list[Exchange]) -> str:
    """Summarises the conversation for the person who takes over: what was said and answered, and the last words."""
    lines = []
    for each in earlier:
        lines += [f"Customer: {_short(each.text)}", f"Desk: {_short(each.reply)}"]
    return "\n".join([*lines, f"Customer: {_short(words)}"])


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= TOLD else f"{plain[: TOLD // 2]} … {plain[-TOLD // 2 :]}"
