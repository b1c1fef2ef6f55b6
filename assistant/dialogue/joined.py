"""Two requests that were said without a break: "five minute timer and what's 30% off 85"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from assistant.dialogue.decided import Decided, certain, with_words
from assistant.dialogue.model_decisions import ModelDecisions
from assistant.plugins.api import Intent
from assistant.types import Turn
from assistant.understanding.negation import declines
from assistant.understanding.requests import Request, joints
from assistant.understanding.tokens import words_of

__all__ = ["joined"]

SURE = 0.75
"""confidence from which the model is believed about a part, where the other part surely means something else"""
MOST_JOINTS = 6
"""places at which a turn is tried to be cut"""


async def joined(
    turn: Turn,
    exact: str,
    meaning: Callable[[Turn], Awaitable[str]],
    models: ModelDecisions,
    intents: Sequence[Intent],
    requests: Sequence[Request],
) -> tuple[Decided, ...]:
    """The two requests of a turn that no clause tells apart, in order; () for any other turn.

    Whoever wants a person wants nothing else. What only tells something before them is left out.

    Each part means something else, one surely, and one of them changes nothing.

    Args:
        turn: what the user did.
        exact: what it surely means as a whole; "" for nothing.
        meaning: finds what words surely mean; "" for nothing.
        models: says what a part means where nothing else does.
        intents: of all plugins.
        requests: that its clauses tell apart; mere courtesies are in none.
    """
    if len(requests) != 1:
        return ()
    by_name = {intent.name: intent for intent in intents}
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
            made = (await models.part(parts[names.index("")])).decision
            sure = made.outcome == "answer" and made.confidence >= SURE
            names = [name or (made.intent if sure else "") for name in names]
        if not all(names) or names[0] == names[1] or (exact and exact not in names):
            continue
        first, second = (by_name[name] for name in names)
        # An order and a complaint about it are for their plugin to take together.
        together = first.plugin == second.plugin and second.may_act
        if not (first.may_act and second.may_act) and not together:
            pairs = zip(names, parts, strict=True)
            return tuple(Decided(certain(name, "example", part), part, part) for name, part in pairs)
    return ()
