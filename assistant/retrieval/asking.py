"""From a question to a query: its words, a picture or a recording encoded, and how much each ranking counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from assistant.encoders.encoder import unit
from assistant.encoders.models import Models, PictureEmbedding
from assistant.errors import TextError
from assistant.language import detect_language
from assistant.retrieval.items import Query
from assistant.types import AudioClip, FloatArray, Picture

__all__ = ["join_query", "make_query", "ranking_weights"]

ENGLISH = {"shared": 1.0, "meaning": 0.3, "words": 0.1}
FOREIGN = {"shared": 0.3, "meaning": 1.0, "words": 0.1}
PICTURED = {"shared": 1.0, "meaning": 1.0, "words": 0.3}
"""weight of each ranking: the sentence encoder that reads the question's language best leads (chosen on training
questions of BANKING77 and training pictures of Flickr8k), and all have theirs when the question is a picture"""
SHORT, KEYWORD = 3, 0.3
"""words up to which a question is a name or a keyword rather than a sentence, and the weight of its words then"""


def make_query(models: Models, text: str = "", picture: Picture | None = None, clip: AudioClip | None = None) -> Query:
    """A query from words, a picture or a recording (or several: their meanings are added); see `join_query`."""
    said = models.recognize(clip, keep=False)[0].text if clip is not None else ""
    words = " ".join(part for part in (text.strip(), said) if part)
    asked = [PictureEmbedding(*(rows[0] for rows in models.embed_texts([words])))] if words else []
    asked += [models.describe_picture(picture)] if picture is not None else []
    names = " ".join(asked[-1].names) if asked else ""
    meanings = [each.meaning for each in asked if each.meaning is not None]
    return join_query(words, [each.shared for each in asked], meanings, names)


def join_query(words: str, shared: Sequence[FloatArray], meanings: Sequence[FloatArray], names: str = "") -> Query:
    """One query out of words and vectors of all that is asked; without words, the full-text search reads `names`.

    Raises `TextError` when there is nothing to look for.
    """
    if not shared:
        raise TextError("There is nothing to search for: no words, no picture, and no speech in the recording")
    meaning = unit(np.sum(meanings, axis=0)) if len(meanings) else None
    return Query(words or names, unit(np.sum(shared, axis=0)), meaning, ranking_weights(words))


def ranking_weights(words: str) -> Mapping[str, float]:
    """Weight of each ranking for a question in these words; "" for a picture alone."""
    if not words:
        return PICTURED
    weights = ENGLISH if detect_language(words) == "en" else FOREIGN
    return weights | {"words": KEYWORD} if len(words.split()) <= SHORT else weights
