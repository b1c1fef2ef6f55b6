"""Two requests that were said without a break: "five minute timer and what's 30% off 85"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from assistant.dialogue.decided import Decided, certain, with_words
from assistant.dialogue.model_decisions import ModelDecisions
from assistant.plugins.api import Intent
from assistant.types import Turn
from assistant.understanding.requests import joints
from assistant.understanding.types import Act

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
    acts_of: Callable[[Intent], frozenset[Act]],
) -> tuple[Decided, ...]:
    """The two requests of a turn that no clause tells apart, in order; () for any other turn.

    Whoever wants a person wants nothing else.

    Each part means something else, one surely, and one of them changes nothing.

    Args:
        turn: what the user did.
        exact: what it surely means as a whole; "" for nothing.
        meaning: finds what words surely mean; "" for nothing.
        models: says what a part means where nothing else does.
        intents: of all plugins.
        acts_of: the acts in which an intent's examples ask for it; what is mere courtesy is no request.
    """
    by_name = {intent.name: intent for intent in intents}
    for pieces in joints(turn.utterance)[:MOST_JOINTS]:
        parts = [with_words(turn, words) for words in pieces]
        names = [await meaning(part) for part in parts]
        if person := next((name for name in names if name and by_name[name].directs == "human"), ""):
            return (Decided(certain(person, "command", turn), turn, turn),)  # 转人工，别跟我绕圈子
        if not any(names) or any(
            by_name[name].directs or "social" in acts_of(by_name[name]) for name in filter(None, names)
        ):
            continue
        if not all(names):
            made = (await models.part(parts[names.index("")])).decision
            sure = made.outcome == "answer" and made.confidence >= SURE
            names = [name or (made.intent if sure else "") for name in names]
        if not all(names) or names[0] == names[1] or (exact and exact not in names):
            continue
        acting = sum(by_name[name].may_act for name in names)
        # What changes something and belongs to one plugin is its own to take apart: an order with a complaint about it.
        if acting == 0 or (acting == 1 and by_name[names[0]].plugin != by_name[names[1]].plugin):
            pairs = zip(names, parts, strict=True)
            return tuple(Decided(certain(name, "example", part), part, part) for name, part in pairs)
    return ()
