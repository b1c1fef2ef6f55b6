"""Why a turn was decided as it was: words, parts of pictures and moments of sound, weighed and drawn."""

from assistant.explanation.explaining import explain
from assistant.explanation.findings import Explanation, Heat, Moment, Passage, Word

__all__ = ["Explanation", "Heat", "Moment", "Passage", "Word", "explain"]
