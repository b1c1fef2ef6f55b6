"""From a decided turn to its explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.encoders.encoder import Encoder
from assistant.explanation.contrast import Decide, explained_intent
from assistant.explanation.covering import attribute_regions, seen_by
from assistant.explanation.findings import Explanation
from assistant.explanation.named import find_named
from assistant.explanation.sounds import place_words
from assistant.explanation.words import attribute_words
from assistant.types import Decision, Encoding, Turn

__all__ = ["explain"]

WEIGHED = ("model", "example")
"""sources of decisions whose words the model can weigh"""


def explain(
    decide: Decide, turn: Turn, encodings: Sequence[Encoding], decision: Decision, encoders: Mapping[str, Encoder]
) -> Explanation:
    """Explain a decision. Takes one run of the model per word, some milliseconds each, and a second or so per picture.

    Args:
        turn: what was decided, with its transcript.
        decision: what was decided. Only the model's own decisions have parts to weigh; what a dialogue or a
            plugin decided is returned without any.

    Raises:
        ModelUnavailable: an encoder's weights cannot be had.
    """
    intent = explained_intent(decision) if decision.source in WEIGHED else ""
    named = find_named(turn, encodings, encoders)
    if not intent:
        return Explanation(decision, intent, heats=named)
    texts = {name: encoder for name, encoder in encoders.items() if encoder.modality == "text"}
    typed = attribute_words(decide, encodings, "text", texts, intent)
    said = attribute_words(decide, encodings, "audio", texts, intent)
    moments = place_words(said, turn.transcript, turn.audio) if said and turn.transcript and turn.audio else ()
    passages = tuple(passage for passage in (typed, said) if passage is not None)
    looking = seen_by(encodings, encoders)
    shown = turn.images if looking else ()
    heats = [attribute_regions(decide, picture, looking, intent, number) for number, picture in enumerate(shown)]
    return Explanation(decision, intent, passages, (*heats, *named), moments)
