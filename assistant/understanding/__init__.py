"""What a turn says, clause by clause: act, polarity, time, whose, scope."""

from assistant.understanding.model import ClauseReader
from assistant.understanding.types import Clause, Understanding

__all__ = ["Clause", "ClauseReader", "Understanding"]
