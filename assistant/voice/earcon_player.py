"""Tones at the doorways: "go ahead" after the wake word, and a low one when an answer failed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from assistant.bus import Bus
from assistant.errors import AssistantError
from assistant.events import Event, ListeningStarted, TurnFailed, UtteranceIgnored
from assistant.outputs.earcons import Chime, chime
from assistant.outputs.loudspeaker import Loudspeaker
from assistant.types import AudioClip

__all__ = ["EarconPlayer"]

logger = logging.getLogger(__name__)


class EarconPlayer:
    """Plays a tone when something begins or fails; a loudspeaker that is missing costs the tone, no more.

    The echo guard is not told of them: they are far too short and soft to be taken for speech, and what the user
    says in the same moment must not be touched.

    Args:
        device: the loudspeaker.
        bus: what happens.
    """

    def __init__(self, device: str, bus: Bus) -> None:
        self._speaker = Loudspeaker(device)
        self._playing: asyncio.Task[None] | None = None
        bus.listen(self._heard)

    def _heard(self, event: Event) -> None:
        if isinstance(event, ListeningStarted) and event.why in ("wake", "push"):
            self.play("wake")
        elif isinstance(event, UtteranceIgnored) and event.reason == "nothing said":
            self.play("done")
        elif isinstance(event, TurnFailed):
            self.play("error")

    def play(self, kind: Chime) -> None:
        """Play a tone, unless one is being played."""
        if self._playing is None or self._playing.done():
            self._playing = asyncio.create_task(self._play(chime(kind)), name=f"chime {kind}")

    async def _play(self, clip: AudioClip) -> None:
        async def one() -> AsyncIterator[AudioClip]:
            yield clip

        try:
            await self._speaker.say(one())
        except AssistantError as error:
            logger.info("no chime: %s", error)

    async def close(self) -> None:
        """Fall silent."""
        self._speaker.stop()
        if self._playing is not None:
            await asyncio.gather(self._playing, return_exceptions=True)
