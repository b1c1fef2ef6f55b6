"""From a transcript to a spoken reply."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace

from assistant.errors import AssistantError
from assistant.events import FirstSound, SpeakingFinished, SpeakingStarted
from assistant.types import AudioClip, Reply, Transcript, Turn
from assistant.voice.clock import Announcer, SourceClock
from assistant.voice.interfaces import VoiceBackend
from assistant.voice.speaking import ComingReply, Speaker
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
    spoken: int = 0
    """sentences that were spoken already"""
    into: float = 0.0
    """seconds of the next one that were spoken too"""
    coming: ComingReply | None = None
    """where the rest of it comes from while it is still being made"""

    @property
    def whole(self) -> Reply:
        """The reply so far."""
        return self.coming.reply if self.coming is not None else self.reply


class Answering:
    """Has turns answered and replies spoken, and measures the latency; after `deadline` seconds no reply is spoken."""

    def __init__(
        self,
        backend: VoiceBackend,
        speaker: Speaker,
        clock: SourceClock,
        announce: Announcer,
        deadline: float,
    ) -> None:
        self._backend, self._speaker, self._clock, self._announce = backend, speaker, clock, announce
        self._deadline = deadline
        self._current: tuple[str, Milestones | None] = ("", None)
        self._reply: InterruptedReply | None = None
        self._storing: set[asyncio.Task[None]] = set()
        self._kept: ComingReply | None = None
        """goes on being made, as the rest of it may still be spoken"""

    @property
    def turn(self) -> str:
        """The id of the turn that is answered or spoken now; "" for none."""
        return self._current[0]

    async def answer(self, clip: AudioClip, transcript: Transcript) -> InterruptedReply:
        """Answers a spoken turn; the reply is an apology after an error, and may still be coming."""
        self.drop()
        turn = Turn(session=self._announce.session, audio=clip, transcript=transcript)
        self._current = (turn.id, None)
        coming = ComingReply(self._announce.bus, turn, self._backend.respond(turn))
        begun = False
        try:
            async with asyncio.timeout(self._deadline):
                await coming.begun()
            begun = True
            return InterruptedReply(turn.id, coming.reply, coming=None if coming.done else coming)
        except TimeoutError:
            return InterruptedReply(turn.id, self._apology(TOO_LATE))
        except Exception as error:
            return InterruptedReply(turn.id, self.failed(error))
        finally:
            if not begun:
                coming.cancel()
            self._current = ("", None)

    def drop(self) -> None:
        """Makes no more of a reply whose rest was kept; it will not be spoken."""
        if self._kept is not None:
            self._kept.cancel()
        self._kept = None

    def failed(self, error: Exception) -> Reply:
        """Turns an error into a notice and an apology."""
        if isinstance(error, AssistantError):
            return self._apology(str(error))
        logger.error("a spoken turn failed", exc_info=error)
        return self._apology(WENT_WRONG)

    def _apology(self, text: str) -> Reply:
        """Publishes a notice and returns it as a reply, or a plain apology for paths and commands."""
        self._announce.notice(text)
        return Reply(text, WENT_WRONG if any(sign in text for sign in "/`") else text)

    async def speak(
        self, reply: InterruptedReply, times: Milestones | None = None, chime: AudioClip | None = None
    ) -> bool:
        """Speaks a reply, or the rest of one, after a chime if there is one; False when it was cut short."""
        turn, text, coming = reply.turn, reply.reply.spoken, reply.coming
        if not text.strip() and coming is None:
            return True
        self._current, self._reply, self._kept = (turn, times), reply, None
        self._announce(SpeakingStarted, turn=turn, text=text)
        try:
            finished = await self._speaker.speak(coming or text, self._synthesized, reply.spoken, chime, reply.into)
        except Exception as error:  # no voice, or the loudspeaker is gone: the reply can still be read
            self.failed(error)
            return True
        finally:
            self._current = ("", None)
            if coming is not None and coming is not self._kept:
                coming.cancel()
        if finished:
            self._announce(SpeakingFinished, turn=turn)
        return finished

    def rest(self) -> InterruptedReply | None:
        """The rest of the reply being spoken, from the first sentence that was not heard to its end."""
        if self._reply is None:
            return None
        into = self._speaker.into + (0.0 if self._speaker.spoken else self._reply.into)
        left = replace(self._reply, spoken=self._reply.spoken + self._speaker.spoken, into=into)
        self._kept = left.coming
        return left

    def _synthesized(self) -> None:
        if self._current[1] is not None:
            self._current[1].voice = self._clock.wall()

    def first_sound(self, at: float) -> None:
        """Publishes and stores the latency: the loudspeaker plays the first sample at `at` on its clock."""
        turn, times = self._current
        if times is None:
            return
        times.first_sound = at if self._clock.live else self._clock.wall()
        latency = times.latency_ms()
        self._announce(FirstSound, turn=turn, latency_ms=latency)
        storing = asyncio.create_task(self._backend.keep_latency(turn, latency), name="store the latency")
        self._storing.add(storing)
        storing.add_done_callback(self._storing.discard)

    async def close(self) -> None:
        """Waits until every latency is stored."""
        self.drop()
        await asyncio.gather(*self._storing, return_exceptions=True)
        self._speaker.close()
