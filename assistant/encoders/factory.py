"""Creates the encoders that the settings name. Weights and libraries load at the first use, or by `load`."""

from __future__ import annotations

from pathlib import Path

from assistant.encoders.cache import CachedClassifier, CachedEncoder, EncodingCache
from assistant.encoders.encoder import Encoder
from assistant.encoders.hub_vision import HubVisionEncoder
from assistant.encoders.image_statistics import StatisticsEncoder
from assistant.encoders.multilingual import MultilingualEncoder
from assistant.encoders.ocr import TextReader
from assistant.encoders.text import FINER, USUAL, BertEncoder
from assistant.encoders.vision import VisionEncoder
from assistant.settings import Settings

__all__ = ["create_encoders", "create_text_reader"]


def create_encoders(settings: Settings, cache: EncodingCache | None = None) -> list[Encoder]:
    """The encoders that the settings name, each remembering what it encoded. Nothing is loaded yet.

    They are "bert" and "use" for text, then the vision encoder and "image-statistics" for pictures. With the text model
    "mpnet-base" an encoder of that name reads before "bert", which stays: pictures and the library live in its space.

    Args:
        settings: all settings.
        cache: where encodings are kept; by default a new one of the size set.
    """
    threads, max_tokens = settings.inference.threads, settings.text.max_tokens
    model, finer = settings.text.model, list[Encoder]()
    kept = cache if cache is not None else EncodingCache(settings.inference.cache_entries)
    if model == FINER:
        finer = [CachedEncoder(BertEncoder(FINER, max_tokens=max_tokens, threads=threads, name=FINER), kept)]
        model = USUAL
    return [
        *finer,
        CachedEncoder(BertEncoder(model, max_tokens=max_tokens, threads=threads), kept),
        CachedEncoder(MultilingualEncoder(max_tokens=max_tokens, threads=threads), kept),
        _vision_encoder(settings.vision.model, threads, kept),
        CachedEncoder(StatisticsEncoder(), kept),
    ]


def create_text_reader(settings: Settings) -> TextReader:
    """Reads text in pictures; nothing is loaded yet."""
    return TextReader(settings.inference.threads)


def _vision_encoder(model: str, threads: int, cache: EncodingCache) -> Encoder:
    kind, _, rest = model.partition(":")
    if kind == "hub" or (kind == "dir" and (Path(rest).expanduser() / "config.json").exists()):
        return CachedEncoder(HubVisionEncoder(model, threads=threads), cache)
    return CachedClassifier(VisionEncoder(model, threads=threads), cache)
