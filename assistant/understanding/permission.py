"""Says whether a clause lets an intent act that changes something.

An acting intent runs only on a request of the user's own, in the affirmative, for now. Everything else that sounds like
it (a question about the action, a report, a refusal, a wish for later, another person's affair) is answered, not done.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from assistant.language import detect_language
from assistant.understanding.negation import declines
from assistant.understanding.tokens import words_of
from assistant.understanding.types import Act, Clause

__all__ = ["Obstacle", "obstacle_to_acting", "told_of_past"]

Obstacle = Literal["asked", "able", "how", "refused", "another", "later", "supposed", "told"]
"""Why a clause does not let an intent act: it asks about the action, whether it can be
had or how, refuses it, is about another person's affair, a
later time or a case that is only supposed, or tells something without asking for anything."""
_LONG_AGO = re.compile(
    r"\b(?:last (?:year|month|summer|winter|spring|autumn|christmas)|(?:years?|months?|ages) ago|back (?:in|when)"
    r"|used to|once (?:had|ordered|bought|cancell?ed|returned)|as a (?:child|kid))\b"
    r"|去年|前年|上个月|以前|小时候|当年|曾经",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\b(?:later|tomorrow|tonight|afterwards|eventually|someday|next|when|as soon as|once"
    r"|(?:on|by) (?:mon|tues|wednes|thurs|fri|satur|sun)day|in an? \w+|in \d+ \w+|at \d+)\b"
    r"|以后(?!(?:都|就|请|你)*(?:叫|喊|称呼|用|说|讲))|之后|晚点|稍后|回头|明天|后天|下周|下个月|过几天|等",
    re.IGNORECASE,
)
"""words that name a time to come; without one, a request is for now"""
LEAST_NEGATIVE = 0.5
"""confidence from which a clause that does not say what is not to be done is taken for a refusal"""


def told_of_past(text: str) -> bool:
    """Returns whether words tell of a time too long ago to ask for anything now."""
    return _LONG_AGO.search(text) is not None


def obstacle_to_acting(
    clause: Clause,
    acts_of_examples: Collection[Act] = frozenset[Act]({"request"}),
    usual: Collection[Obstacle] = (),
) -> Obstacle | None:
    """Returns why a clause does not let an intent act; None when it does.

    Args:
        clause: what was said.
        acts_of_examples: the acts in which the intent is asked for. An intent whose examples are statements ("my parcel
            never came") may be asked for by a statement.
        usual: what is no obstacle to the intent, since it is asked for so: a reminder is for a later time.
    """
    if clause.act == "question" and "question" not in acts_of_examples:
        return "asked"
    declined = declines([word.text for word in words_of(clause.text)])
    if clause.act in ("no", "hedge") or (clause.act == "stop" and declined):  # 算了不投诉了
        return "refused"
    if clause.whose == "another" and "another" not in usual:
        return "another"
    # "Report it, just say that nobody cares" negates something else; `declines` knows two languages.
    doubtful = clause.confidence < LEAST_NEGATIVE and detect_language(clause.text) in ("en", "zh")
    negative = clause.polarity == "negative" and (declined or not doubtful)
    if clause.scope == "nothing" or (negative and clause.act != "statement"):
        return "refused"
    if clause.time == "supposed":
        return "supposed"
    if clause.time == "later" and "later" not in usual and _LATER.search(clause.text):
        return "later"
    # A correction of nothing that was said asks for nothing: "I said the hose, not the shoes".
    tells = clause.act in ("statement", "correction")
    if tells and (clause.act not in acts_of_examples or told_of_past(clause.text)):
        return "told"
    return None
