"""Encodings kept by content, so that the same sentence or picture is encoded once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from assistant.encoders.encoder import Classifier, Encoder
from assistant.types import Encoding, FloatArray, Modality, Picture, content_hash

__all__ = ["CachedClassifier", "CachedEncoder", "EncodingCache"]

MAX_BYTES = 256 * 2**20
"""a picture's encoding takes a quarter of a mebibyte, a sentence's some ten kibibytes"""


class EncodingCache:
    """The most recently used encodings, in memory.

    Args:
        entries: most encodings kept; 0 keeps none.
        max_bytes: most memory their arrays may take.
    """

    def __init__(self, entries: int, max_bytes: int = MAX_BYTES) -> None:
        self.hits = 0
        self.misses = 0
        self.bytes = 0
        self._entries = entries
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, Encoding] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str) -> Encoding | None:
        """The encoding kept under a key, which thereby becomes the most recently used; counts a hit or a miss."""
        found = self._kept.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return found

    def put(self, key: str, encoding: Encoding) -> None:
        """Keep an encoding; the least recently used ones go when there are too many."""
        if (old := self._kept.pop(key, None)) is not None:
            self.bytes -= _size(old)
        self._kept[key] = encoding
        self.bytes += _size(encoding)
        while self._kept and (len(self._kept) > self._entries or self.bytes > self._max_bytes):
            _, dropped = self._kept.popitem(last=False)
            self.bytes -= _size(dropped)


class CachedEncoder:
    """An encoder that remembers. Same name, same space, same results.

    Args:
        inner: the encoder that does the work.
        cache: shared by all encoders: the key holds the encoder's name.
    """

    def __init__(self, inner: Encoder, cache: EncodingCache) -> None:
        self.inner = inner
        self.cache = cache
        self.name = inner.name
        self.modality: Modality = inner.modality
        self.english_only: bool = getattr(inner, "english_only", False)

    @property
    def dimension(self) -> int:
        """d of the pooled vectors."""
        return self.inner.dimension

    def load(self) -> None:
        """Load the weights now."""
        self.inner.load()

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        """Encode what is not known yet, each content once, and return all in order."""
        keys = [self._key(item) for item in inputs]
        known: dict[str, Encoding] = {}
        missing: dict[str, Any] = {}
        for key, item in zip(keys, inputs, strict=True):
            if key in known or key in missing:
                self.cache.hits += 1
            elif (found := self.cache.get(key)) is not None:
                known[key] = found
            else:
                missing[key] = item
        if missing:
            for key, encoding in zip(missing, self.inner.encode(list(missing.values())), strict=True):
                self.cache.put(key, encoding)
                known[key] = encoding
        return [known[key] for key in keys]

    def _key(self, item: Any) -> str:
        return f"{self.name}:{content_hash(item) if isinstance(item, str) else item.digest}"


class CachedClassifier(CachedEncoder):
    """A remembering encoder that also names objects.

    Args:
        inner: the encoder that does the work.
        cache: shared by all encoders.
    """

    def __init__(self, inner: Classifier, cache: EncodingCache) -> None:
        super().__init__(inner, cache)
        self._classifier = inner

    def classify(self, picture: Picture | Encoding, top: int = 5) -> list[tuple[str, float]]:
        """Names and probabilities 0 to 1, best first; a picture already encoded is not looked at again."""
        return self._classifier.classify(self._encoded(picture), top)

    def locate(self, picture: Picture | Encoding, names: Sequence[str]) -> FloatArray:
        """Locate an object in a picture; a picture already encoded is not encoded again."""
        return self._classifier.locate(self._encoded(picture), names)

    def _encoded(self, picture: Picture | Encoding) -> Encoding:
        return picture if isinstance(picture, Encoding) else self.encode([picture])[0]


def _size(encoding: Encoding) -> int:
    return encoding.tokens.nbytes + encoding.mask.nbytes + encoding.pooled.nbytes
