"""From words to a spoken reply."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from assistant.errors import AssistantError
from assistant.types import AudioClip, Reply, Transcript, Turn
from assistant.voice.announcing import Announcer
from assistant.voice.clock import SourceClock
from assistant.voice.interfaces import VoiceBackend
from assistant.voice.speaking import Speaker
from assistant.voice.utterance import Milestones

__all__ = ["Answering", "InterruptedReply"]

logger = logging.getLogger(__name__)

TOO_LATE = "Sorry, that took too long. Please try again."
WENT_WRONG = "Sorry, something went wrong here."


@dataclass(frozen=True)
class InterruptedReply:
    """A reply, or what is left of it."""

    turn: str
    """the turn it answers; "" for none"""
    reply: Reply
    said: int = 0
    """sentences that were said already"""


class Answering:
    """Has turns answered and replies spoken, and keeps the times.

    Args:
        house: the assistant.
        speaker: the voice.
        clock: the two clocks.
        announce: tells of replies; its conversation is the one that is answered in.
        deadline: seconds a turn may take; what comes later is not spoken.
        live: whether the loudspeaker's clock is the wall's; otherwise it is the sound's.
    """

    def __init__(
        self,
        house: VoiceBackend,
        speaker: Speaker,
        clock: SourceClock,
        announce: Announcer,
        deadline: float,
        live: bool,
    ) -> None:
        self._house, self._speaker, self._clock, self._announce = house, speaker, clock, announce
        self._deadline, self._live = deadline, live
        self._saying: tuple[str, Milestones | None] = ("", None)
        self._what: InterruptedReply | None = None
        self._aside: set[asyncio.Task[None]] = set()

    @property
    def turn(self) -> str:
        """The id of the turn that is answered or said now; "" when none is."""
        return self._saying[0]

    async def answer(self, clip: AudioClip, transcript: Transcript) -> tuple[str, Reply]:
        """The reply to a spoken turn, with the turn's id; what goes wrong is said kindly."""
        turn = Turn(session=self._announce.session, audio=clip, transcript=transcript)
        self._saying = (turn.id, None)
        try:
            async with asyncio.timeout(self._deadline):
                return turn.id, (await self._house.respond(turn)).reply
        except TimeoutError:
            return turn.id, self.sorry(TOO_LATE)
        except Exception as error:
            return turn.id, self.failed(error)
        finally:
            self._saying = ("", None)

    def failed(self, error: Exception) -> Reply:
        """An error in words."""
        if isinstance(error, AssistantError):
            return self.sorry(str(error))
        logger.error("a spoken turn failed", exc_info=error)
        return self.sorry(WENT_WRONG)

    def sorry(self, text: str) -> Reply:
        """Something went wrong: a notice, and the same said aloud, unless it is for the eye (paths and commands)."""
        self._announce.notice(text)
        return Reply(text, WENT_WRONG if any(sign in text for sign in "/`") else text)

    async def say(self, what: InterruptedReply, times: Milestones | None = None) -> bool:
        """Speak a reply, or the rest of one.

        Returns:
            False when it was cut short.
        """
        turn, text = what.turn, what.reply.spoken
        if not text.strip():
            return True
        self._saying, self._what = (turn, times), what
        self._announce.speaking(turn, text)
        try:
            finished = await self._speaker.say(text, self._made, skip=what.said)
        except Exception as error:  # no voice, or the loudspeaker is gone: the reply can still be read
            self.failed(error)
            return True
        finally:
            self._saying = ("", None)
        if finished:
            self._announce.spoken(turn)
        return finished

    def rest(self) -> InterruptedReply | None:
        """What is left of the reply that is being said: from the sentence on that was not heard to its end."""
        if self._what is None:
            return None
        return InterruptedReply(self._what.turn, self._what.reply, self._what.said + self._speaker.said)

    def _made(self) -> None:
        if self._saying[1] is not None:
            self._saying[1].voice = self._clock.wall()

    def first_sound(self, at: float) -> None:
        """The loudspeaker lets the first sample out at `at` on its clock."""
        turn, times = self._saying
        if times is None:
            return
        times.first_sound = at if self._live else self._clock.wall()
        latency = times.latency_ms()
        self._announce.first_sound(turn, latency)
        self._spawn(self._house.keep_latency(turn, latency), "keep the latency")

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def close(self) -> None:
        """Finish what is being stored."""
        await asyncio.gather(*self._aside, return_exceptions=True)
        self._speaker.close()
