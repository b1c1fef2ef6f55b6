"""Splits two requests without a break: "five minute timer and what's 30% off 85"."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from assistant.dialogue.decided import Decided, certain, with_words
from assistant.dialogue.model_decisions import ModelDecisions
from assistant.plugins.api import Intent
from assistant.types import Turn
from assistant.understanding.negation import declines
from assistant.understanding.request_forms import joints, without_lead
from assistant.understanding.requests import Request
from assistant.understanding.tokens import words_of

__all__ = ["joined"]

SURE = 0.75
"""confidence from which the model is believed about a part, where the other part surely means something else"""
FEWEST_BYTES = 8
"""bytes of words that may ask for something of their own: "call mum" """
MOST_JOINTS = 6
"""places at which a turn is tried to be cut"""


async def joined(
    turn: Turn,
    exact: str,
    meaning: Callable[[Turn], Awaitable[str]],
    models: ModelDecisions,
    intents: Sequence[Intent],
    requests: Sequence[Request],
    asks: Callable[[str], bool],
) -> tuple[Decided, ...]:
    """Returns the two requests of a turn that the clause reader does not separate; () for any other turn.

    A request for a person is the only one. Statements before the requests are left out.

    Each part means something else, one surely, and one changes nothing or they are for two plugins; or the first asks
    for what nothing serves, "call mum and add milk to my list", and is not to be dropped in silence.

    Args:
        turn: what the user did.
        exact: what it surely means as a whole; "" for nothing.
        meaning: finds what words surely mean; "" for nothing.
        models: says what a part means where nothing else does.
        intents: of all plugins.
        requests: that its clauses tell apart; mere courtesies are in none.
        asks: whether words alone ask for something to be done.
    """
    by_name = {intent.name: intent for intent in intents}
    if exact and _two_tasks(requests):
        before, behind = (with_words(turn, without_lead(request.text)) for request in requests)
        if await meaning(behind) == exact and not await meaning(before):
            return await _with_unserved(before, behind, by_name[exact], models, asks)
    if len(requests) != 1:
        return ()
    for pieces in [cut for words in (turn.utterance, requests[0].lead.text) for cut in joints(words)[:MOST_JOINTS]]:
        parts = [with_words(turn, words) for words in pieces]
        names = [await meaning(part) for part in parts]
        if person := next((name for name in names if name and by_name[name].directs == "human"), ""):
            return (Decided(certain(person, "command", turn), turn, turn),)  # 转人工，别跟我绕圈子
        polite = any(part.utterance not in requests[0].text for part in parts)
        if any(declines([word.text for word in words_of(words)]) for words in pieces):
            continue
        if polite or not any(names) or any(by_name[name].directs for name in names if name):
            continue
        if not all(names):
            if names[1] == exact != "":
                two = await _with_unserved(parts[0], parts[1], by_name[exact], models, asks)
                if two:
                    return two
            made = (await models.part(parts[names.index("")])).decision
            sure = made.outcome == "answer" and made.confidence >= SURE
            names = [name or (made.intent if sure else "") for name in names]
        if not all(names) or names[0] == names[1] or (exact and exact not in names):
            continue
        first, second = (by_name[name] for name in names)
        # An order and a complaint about it are for their plugin to take together.
        together = first.plugin == second.plugin and second.may_act
        both_act = first.plugin != second.plugin and not _COLON.search(pieces[0]) and asks(pieces[1])
        apart = not (first.may_act and second.may_act) or both_act
        if apart and not together:
            rest = [Request(pieces[0], (replace(requests[0].lead, text=pieces[0]),))]
            earlier = await joined(parts[0], names[0], meaning, models, intents, rest, asks)
            known = [
                Decided(certain(name, "example", part), part, part) for name, part in zip(names, parts, strict=True)
            ]
            return (*(earlier or known[:1]), known[1])
    return ()


def _two_tasks(requests: Sequence[Request]) -> bool:
    """Returns whether a turn asks for two things, the second of which does not repair the first."""
    mended = any(clause.act == "correction" for request in requests for clause in request.clauses)
    return len(requests) == 2 and requests[0].lead.act == "request" and not mended


_COLON = re.compile(r"[:：](?!\d)")
"""begins a text to be kept, whatever that asks for: "note: ring mum, set a timer" """
_MENDS = re.compile(r"\W*(?:(?:no|sorry|wait|actually|i mean)\b|不对|不是|错了|说错)", re.IGNORECASE)


async def _with_unserved(
    first: Turn, second: Turn, wanted: Intent, models: ModelDecisions, asks: Callable[[str], bool]
) -> tuple[Decided, ...]:
    """Returns the sure second request behind one that no intent serves; () if the first requests nothing."""
    words = first.utterance
    if len(words.encode()) < FEWEST_BYTES or not asks(words):
        return ()
    if _POINTS.search(second.utterance) or _MENDS.match(second.utterance):
        return ()
    starts = {words_of(example)[0].text.casefold() for example in wanted.examples}
    begins, goes_on = (words_of(each)[0].text.casefold() in starts for each in (words, second.utterance))
    if not goes_on and (begins or joints(second.utterance)):
        return ()  # "put butter, bread and tea on my list" goes on counting
    unknown = await models.part(first)
    likeliest = unknown.decision.candidates[0].intent if unknown.decision.candidates else ""
    if unknown.decision.outcome != "out_of_scope" or likeliest.partition(".")[0] == wanted.plugin:
        return ()  # "add milk, eggs and bread to my list" is one request
    return (unknown, Decided(certain(wanted.name, "example", second), second, second))


_POINTS = re.compile(r"\b(?:it|them|that|this|those|these|both|all)\b|[它那这都]", re.IGNORECASE)
