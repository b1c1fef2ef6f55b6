"""Decides when to hand over to a person: after anger, or after three attempts in a row that did not help."""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from assistant import Dialogue, Handler, Reply, Services, Turn

from .naming import asks_beside_refusal
from .ordering import price_of, whereabouts
from .orders import find_orders
from .people import REMEMBERED, ask_contact, late_orders, summary_of
from .visits import Visit, visit
from .warranty import check_warranty
from .wording import language_of, say
from .words import asks_about, declines, heard, only_supposes

__all__ = ["PATIENCE", "angry", "hand_over", "served"]

PATIENCE = 3
"""attempts in a row that did not help before a person is fetched"""
ANGRY = 0.8
"""probability of anger in the voice from which a person is fetched"""

ANGER = re.compile(
    r"\b(?:furious|outrag\w+|ridiculous|unacceptable|disgust\w*|disgrace\w*|fed up|sick (?:and tired )?of|pissed|"
    r"rip[- ]?off|ripped off|scam(?:mers?)?|useless|incompetent|liars?|lied to|bullshit|wtf|joke of a|"
    r"worst (?:service|shop|company|store)|terrible (?:service|company)|are you kidding|how many times (?:do|must)|"
    r"waste of (?:my )?(?:time|money)|never (?:buy|order|shop)\w* (?:here|from you))\b"
    r"|气死|太差劲|垃圾|骗子|骗人|忍无可忍|太过分|受够了|恶心|气愤|愤怒|火大|什么破|烂透|差评",
    re.IGNORECASE,
)
SHOUTED = re.compile(r"(?:\b[A-Z]{3,}\b[\s,]*){3,}|(?:\b[A-Z]{2,}\b[\s,]*){4,}|!{3,}|！{2,}")

BESIDE = ("plain_price", "wants_content", "wants_warranty")
"""what is asked for beside a refusal, which is then met as well"""
Served = Callable[..., Awaitable[Reply | str]]


def angry(turn: Turn) -> bool:
    """Returns whether a turn sounds angry, by its words, its capitals or the voice."""
    words = turn.utterance
    return bool(ANGER.search(words) or SHOUTED.search(words)) or turn.tone.get("anger", 0.0) >= ANGRY


def served(handler: Served, about: Served | None = None) -> Handler:
    """Wraps a handler, so that anger or the third failed attempt brings a person with a summary.

    Args:
        handler: serves the customer.
        about: answers questions about what the handler does, so that a question never begins it.
    """

    @functools.wraps(handler)
    async def desk(turn: Turn, dialogue: Dialogue, services: Services, **slots: Any) -> Reply | str:
        thanks = heard("thanks_for", turn.utterance)
        if about is not None and (thanks or asks_about(turn.utterance) or only_supposes(turn.utterance)):
            told = await about(turn=turn, dialogue=dialogue, services=services, **slots)
            return _welcome(told, turn) if thanks else told
        if about is not None and declines(turn.utterance):
            return await _left_alone(turn, dialogue, services)
        if angry(turn):
            return await hand_over(await visit(turn, dialogue, services), "anger")
        answer = await handler(turn=turn, dialogue=dialogue, services=services, **slots)
        reply = Reply(answer) if isinstance(answer, str) else answer
        at = await visit(turn, dialogue, services)
        if about is None and any(asks_beside_refusal(turn.utterance, kind) for kind in BESIDE):
            lead = at.say("left_all_alone")
            reply = replace(reply, text=f"{lead}\n{reply.text}", speech=f"{lead} {reply.spoken}")
        if isinstance(number := reply.data.get("order"), str) and number:
            reply = reply.about(at.say("the_order", number=number))
        if reply.data.get("helped", True):
            await dialogue.once("helped", lambda: at.shop.helped(turn.session))
            return reply
        attempts = await dialogue.once("attempt", lambda: at.shop.failed(at.key("attempt"), turn.session))
        return reply if attempts < PATIENCE else await hand_over(at, "attempts")

    return desk


def _welcome(told: Reply | str, turn: Turn) -> Reply:
    """Answers thanks for something the desk did: a short phrase and the state of the matter."""
    reply, lead = Reply(told) if isinstance(told, str) else told, say("welcome", language_of(turn.utterance))
    return replace(reply, text=f"{lead} {reply.text}", speech=f"{lead} {reply.spoken}")


async def _left_alone(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Says what stays as it is when the customer declines, and its state when they ask for it."""
    at = await visit(turn, dialogue, services)
    named = find_orders(turn.utterance, at.orders)
    lines = [at.say("left_alone", orders=at.listed(named)) if named else at.say("left_all_alone")]
    wants = functools.partial(heard, text=turn.utterance)
    lines += [whereabouts(at, each) for each in named if wants("wants_status") and not wants("wants_warranty")]
    lines += [price_of(at, each) for each in named if wants("wants_price")]
    lines += [
        at.say("order_holds", number=each.number, items=each.named(at.language))
        for each in named
        if wants("wants_content")
    ]
    if named and wants("wants_warranty"):
        covered = await check_warranty(turn, dialogue, services, named[0].number)
        lines.append(covered if isinstance(covered, str) else covered.text)
    return Reply("\n".join(lines), data={"changed": False})


async def hand_over(at: Visit, why: str) -> Reply:
    """Open a ticket with a summary at once, then ask how the customer can be reached.

    Args:
        at: the visit.
        why: "anger" or "attempts", for the person who takes over.
    """
    earlier = await at.services.conversation(at.turn.session, REMEMBERED)
    summary = summary_of(at.turn.utterance, earlier)
    found = find_orders(f"{at.turn.utterance} {' '.join(each.text for each in earlier)}", at.orders)
    number = found[0].number if len(found) == 1 else ""
    # The ticket comes first: a customer who hangs up now is called back all the same if the shop knows them.
    ticket = await at.dialogue.once(
        "handover",
        lambda: at.shop.open_ticket(at.key("handover"), f"handed over: {why}", number, summary, "", at.today),
    )
    asked = find_orders(at.turn.utterance, at.orders)
    status = whereabouts(at, asked[0]) if len(asked) == 1 and why == "anger" else late_orders(at, summary)
    told = at.say("gap").join(filter(None, (at.say(f"handover_{why}", ticket=ticket), status)))
    contact, first = await ask_contact(at, told, ticket)
    await at.dialogue.once("helped", lambda: at.shop.helped(at.turn.session))
    text = at.say("person_done" if contact else "person_no_contact", ticket=ticket, contact=contact)
    text = f"{first}\n{text}" if first else text
    return Reply(text, data={"ticket": ticket, "handed_over": why, "summary": summary})
