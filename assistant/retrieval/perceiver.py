"""How plugins' collections read, look and listen: with the models that run already, on their own thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assistant.encoders.runner import ModelRunner
from assistant.errors import ModelUnavailable
from assistant.fusion import SharedSpace
from assistant.fusion.projection import ANCHOR
from assistant.fusion.shipped import read_sums
from assistant.settings import Settings
from assistant.types import AudioClip, FloatArray, Picture, content_hash

if TYPE_CHECKING:
    from assistant.retrieval.library.perceiving import Perception

__all__ = ["MULTILINGUAL", "HousePerceiver", "reading_version"]

MULTILINGUAL = "use"
"""the text encoder whose vectors compare across languages"""


def reading_version() -> str:
    """Changes with the sentence encoders and with the map between them."""
    return content_hash(ANCHOR, MULTILINGUAL, read_sums()["projection.safetensors"])


class HousePerceiver:
    """`assistant.retrieval.Perceiver` over the assistant's senses.

    Args:
        senses: ears and eyes.
        settings: limits.
    """

    def __init__(self, senses: ModelRunner, settings: Settings) -> None:
        self._senses = senses
        self._settings = settings
        self._reading: Perception | None = None

    @property
    def version(self) -> str:
        """The encoders, and the maps into the shared space."""
        return content_hash(*sorted(self._senses.encoders), reading_version())

    @property
    def reading(self) -> str:
        """The sentence encoders, and the map between them."""
        return reading_version()

    async def read(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Texts in the shared space (n, 384) and in the multilingual one (n, 512)."""
        return await self._senses.call(self._perception.encode, texts)

    async def look(self, picture: Picture) -> FloatArray:
        """A picture in the shared space, (384,).

        Raises:
            ModelUnavailable: no image encoder in use shares a space with words, or its weights are missing.
        """
        space, missing = self._perception.space, list[str]()
        seen = [each for each in await self._senses.look([picture], missing) if each.encoder in space.encoders]
        if missing or not seen:
            raise ModelUnavailable(missing[0] if missing else "No image encoder that shares a space with words.")
        vector: FloatArray = space.project_pooled(seen[0].encoder, seen[0].pooled[None])[0]
        return vector

    async def listen(self, clip: AudioClip) -> str:
        """What is said in a clip."""
        return (await self._senses.transcribe(clip)).text

    def weights(self, text: str) -> Mapping[str, float]:
        """The sentence encoder that reads the question's language best leads."""
        from assistant.retrieval.library.perceiving import weights_of

        return weights_of(text)

    @property
    def _perception(self) -> Perception:
        from assistant.retrieval.library.perceiving import Perception

        if self._reading is None:
            senses = self._senses
            self._reading = Perception(senses.encoders, senses.listener, senses.reader, self._settings, SharedSpace())
        return self._reading
