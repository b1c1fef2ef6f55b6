"""Measures how much likelier an intent is than all others together, the number that every attribution explains."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from assistant.types import OUT_OF_SCOPE, Decision, Encoding

__all__ = ["Decide", "explained_intent", "log_odds"]

Decide = Callable[[Sequence[Encoding]], Decision]
"""the whole way from encodings to a decision: pooling, head, picture opinion, attention, fusion"""

LEAST = 1e-6
"""confidence of an intent that is not even among the candidates"""


def explained_intent(decision: Decision) -> str:
    """The intent to explain: the decision's own, or the nearest where none fits; "" when there is none."""
    if decision.intent != OUT_OF_SCOPE:
        return decision.intent
    return decision.candidates[0].intent if decision.candidates else ""


def log_odds(decision: Decision, intent: str) -> float:
    """Nats by which an intent is likelier than all others together.

    The probability of being in scope multiplies every candidate and so cancels out; with one
    candidate only, it is what remains.
    """
    own = LEAST + sum(c.confidence for c in decision.candidates if c.intent == intent)
    others = sum(c.confidence for c in decision.candidates if c.intent != intent)
    if len(decision.candidates) < 2:
        others = max(1.0 - own, 0.0)
    return math.log(own) - math.log(LEAST + others)
