"""Encoders: text, pictures and what is written in pictures, to vectors and words.

Creating them is cheap: weights and libraries load at the first use, or by `load`.
"""

from __future__ import annotations

from assistant.contracts import Encoder
from assistant.encoders.cache import CachedClassifier, CachedEncoder, EncodingCache
from assistant.encoders.language import detect_language
from assistant.encoders.multilingual import MultilingualEncoder
from assistant.encoders.ocr import TextReader
from assistant.encoders.text import BertEncoder
from assistant.encoders.vision import VisionEncoder
from assistant.settings import Settings

__all__ = [
    "BertEncoder",
    "CachedClassifier",
    "CachedEncoder",
    "EncodingCache",
    "MultilingualEncoder",
    "TextReader",
    "VisionEncoder",
    "create_encoders",
    "create_text_reader",
    "detect_language",
]


def create_encoders(settings: Settings, cache: EncodingCache | None = None) -> list[Encoder]:
    """The encoders that the settings name: "bert", "use", and the vision encoder. Nothing is loaded yet.

    Args:
        settings: all settings.
        cache: where encodings are kept; by default a new one of the size set.
    """
    threads, max_tokens = settings.inference.threads, settings.text.max_tokens
    kept = cache if cache is not None else EncodingCache(settings.inference.cache_entries)
    return [
        CachedEncoder(BertEncoder(settings.text.model, max_tokens=max_tokens, threads=threads), kept),
        CachedEncoder(MultilingualEncoder(max_tokens=max_tokens, threads=threads), kept),
        CachedClassifier(VisionEncoder(settings.vision.model, threads=threads), kept),
    ]


def create_text_reader(settings: Settings) -> TextReader:
    """Reads text in pictures; nothing is loaded yet."""
    return TextReader(settings.inference.threads)
