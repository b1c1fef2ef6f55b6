"""Why a turn was decided as it was: words, parts of pictures and moments of sound, weighed and drawn."""

from assistant.explanation.contrast import Decide, explained_intent, log_odds
from assistant.explanation.explaining import explain
from assistant.explanation.findings import Explanation, Heat, Moment, Passage, Word

__all__ = [
    "Decide",
    "Explanation",
    "Heat",
    "Moment",
    "Passage",
    "Word",
    "explain",
    "explained_intent",
    "log_odds",
]
