"""Says whether a clause lets an intent act that changes something.

An acting intent runs only on a request of the user's own, in the affirmative, for now. Everything else that sounds like
it (a question about the action, a report, a refusal, a wish for later, somebody else's affair) is answered, not done.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from assistant.understanding.types import Act, Clause

__all__ = ["Obstacle", "obstacle_to_acting"]

Obstacle = Literal["asked", "refused", "another", "past", "later", "supposed", "told"]
"""Why a clause does not let an intent act: it asks about the action, refuses it, is about another person's affair, what
is over, a later time or a case that is only supposed, or tells something without asking for anything."""


def obstacle_to_acting(
    clause: Clause, acts_of_examples: Collection[Act] = frozenset[Act]({"request"})
) -> Obstacle | None:
    """Returns why a clause does not let an intent act; None when it does.

    Args:
        clause: what was said.
        acts_of_examples: the acts in which the intent is asked for. An intent whose examples are statements ("my parcel
            never came") may be asked for by a statement.
    """
    if clause.act == "question" and "question" not in acts_of_examples:
        return "asked"
    if clause.act in ("no", "hedge"):
        return "refused"
    if clause.whose == "another":
        return "another"
    if (clause.act == "request" and clause.polarity == "negative") or clause.scope == "nothing":
        return "refused"
    if clause.time != "now" and not (clause.time == "past" and clause.act == "statement"):
        return clause.time
    if clause.act == "statement" and "statement" not in acts_of_examples:
        return "told"
    return None
