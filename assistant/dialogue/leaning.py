"""Chooses between the decision in the context of the turn before and the decision on the words alone."""

from __future__ import annotations

from dataclasses import replace

from assistant.types import Decision

__all__ = ["surer"]

ANSWERS, ACTS, TOLD = 0.5, 0.75, 0.8
"""probability from which words that lean on the turn before are answered, something is done, or a mere statement is
taken for either: in cross-validation about four in five of such answers and acts were right"""
NOTHING = 0.6
"""probability that words mean nothing, from which no more is made of them"""
OFFERED = 0.2
"""probability from which a meaning is one of two that are asked about"""


def surer(alone: Decision, in_context: Decision, *, acts: bool, tells: bool = False) -> Decision:
    """Returns the decision to use.

    Args:
        alone: on the words alone.
        in_context: with the turn before in view.
        acts: whether the intent of the second changes something.
        tells: whether the words ask for nothing by their form.
    """
    least = TOLD if tells else ACTS if acts else ANSWERS
    if in_context.outcome == "answer" and in_context.confidence >= least:
        return alone if alone.outcome == "answer" and alone.confidence >= in_context.confidence else in_context
    if in_context.outcome == "out_of_scope" and in_context.confidence >= NOTHING and alone.outcome != "answer":
        return in_context
    options = tuple(each.intent for each in in_context.candidates if each.confidence >= OFFERED)[:2]
    if alone.outcome == "clarify" and len(options) > 1:
        return replace(alone, intent=options[0], options=options)
    return alone
