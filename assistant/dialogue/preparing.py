"""Prepares for the first turn: reads lexicons, compiles patterns, reads examples."""

from __future__ import annotations

from assistant.dialogue.deciding import Decider
from assistant.language import detect_language
from assistant.understanding.consent import read_consent
from assistant.understanding.entities.finding import find_entities
from assistant.understanding.model import ClauseReader

__all__ = ["prepare"]

SENTENCES = ("and the second one tomorrow at 9, please", "还有明天九点的第二个")
"""they hold what most turns are searched for"""


def prepare(decider: Decider, reader: ClauseReader) -> None:
    """Prepare for a first turn in English or Chinese; blocks for a tenth of a second."""
    decider.learn()
    for words in SENTENCES:
        reader.read(words)
        read_consent(words)
        find_entities(words, detect_language(words))
