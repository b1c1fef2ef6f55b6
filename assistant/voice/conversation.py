"""A spoken conversation: an utterance becomes a turn, its reply is spoken, and what interrupts it is heard."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from assistant.bus import Bus
from assistant.errors import AssistantError
from assistant.events import (
    Announced,
    ListeningStarted,
    SpeakingInterrupted,
    SpeechEnded,
    UtteranceIgnored,
    VoiceStateChanged,
)
from assistant.outputs.earcons import earcon
from assistant.settings import Settings
from assistant.speech.endpointing import AdaptiveEndpointing, EndReason, SpeechStart
from assistant.types import AudioClip, FloatArray, Reply
from assistant.voice.answering import Answering, InterruptedReply
from assistant.voice.barge_in import BargeIn
from assistant.voice.clock import SAMPLE_RATE, Announcer, FlowControl, SourceClock
from assistant.voice.front_end import AudioFrontEnd
from assistant.voice.interfaces import FrontEndParts, Player, Source, Voice, VoiceBackend
from assistant.voice.own_words import OwnWords
from assistant.voice.speaking import Speaker
from assistant.voice.streaming_recognition import Acceptance, StreamingRecognition
from assistant.voice.utterance import Utterance, WakeVerification

__all__ = ["AFTER_WAKE", "Conversation", "Ring", "Ringing", "State"]

TIMES = 5
"""times that something insistent rings, unless it is stopped"""
WAITING = 50
"""announcements that wait to be said; of more, the oldest go unsaid (they were shown)"""


@dataclass(frozen=True)
class Ring:
    """One announcement, spoken once."""

    reply: Reply
    chime: AudioClip
    left: int
    """times it rings again"""


class Ringing:
    """A queue of announcements. What is insistent comes back until `stop`."""

    def __init__(self) -> None:
        self._waiting: deque[Ring] = deque(maxlen=WAITING)
        self._current: Ring | None = None

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, event: Announced) -> None:
        """Takes an announcement."""
        reply = Reply(event.text, event.speech, data=event.data, follow_up=True)
        self._waiting.append(Ring(reply, earcon("ring"), TIMES - 1 if event.insistent else 0))

    def next(self) -> Ring | None:
        """Takes the next announcement from the queue; None if it is empty."""
        self._current = self._waiting.popleft() if self._waiting else None
        return self._current

    def over(self) -> None:
        """Ends the current announcement without an answer; an insistent one comes again."""
        ring, self._current = self._current, None
        if ring is not None and ring.left:
            self._waiting.append(Ring(ring.reply, ring.chime, ring.left - 1))

    def stop(self) -> None:
        """Ends the current one: the user said something to it."""
        self._current = None


State = Literal["idle", "listening", "thinking", "speaking", "follow_up"]

AFTER_WAKE = 0.3
"""seconds after a wake hit that may still be its end, or the room's echo of the assistant's own voice"""


REMEMBERED = 180.0
"""seconds for which the rest of a reply that was cut may be asked for"""


class Conversation:
    """Leads from one state to the next; `VoiceLoop` says when, by what it hears.

    `flow` is given for a recording read faster than real time: it waits while something is computed, so that nothing is
    dropped and nothing comes too late.
    """

    def __init__(
        self,
        source: Source,
        backend: VoiceBackend,
        player: Player,
        voice: Voice,
        parts: FrontEndParts,
        bus: Bus,
        settings: Settings,
        *,
        session: str = "voice",
        clock: SourceClock | None = None,
        flow: FlowControl | None = None,
    ) -> None:
        self._source, self._live = source, flow is None
        clock = clock or SourceClock(live=self._live)
        self._flow = flow = flow or FlowControl()
        self.session, self.clock = session, clock
        self.on_chunk: Callable[[FloatArray], object] = lambda chunk: None
        """gets every chunk as it came: a recorder's place"""
        self._failing = False
        self.state: State = "idle"
        chosen = self._settings = settings.voice
        self._backend = backend
        self._announce = announce = Announcer(bus, session, clock)
        self._front_end = AudioFrontEnd(source, parts, clock, bus)
        sound, endpointing = self._front_end.sound, AdaptiveEndpointing(chosen.silence)
        verifier = backend if chosen.wake_check or chosen.only_enrolled else None
        self._verification = WakeVerification(verifier, self._front_end, clock, flow)
        self._own_words = OwnWords()
        self._speaker = Speaker(voice, player, flow, self._own_words)
        self._answering = Answering(backend, self._speaker, clock, announce, chosen.deadline)
        player.on_first_sound, player.on_played = self._answering.first_sound, self._played
        self._recognition = StreamingRecognition(backend, announce, chosen, endpointing, clock, flow)
        self._barge_in = BargeIn(self._recognition, endpointing, clock, sound, chosen.longest)
        self._acceptance = Acceptance(self._recognition, self._verification, self._own_words, sound, clock)
        self._speech_start = SpeechStart()
        self._utterance: Utterance | None = None
        self._turn: asyncio.Task[None] | None = None
        self._interrupted: InterruptedReply | None = None
        """what is left of the reply that the utterance under way has interrupted"""
        self._cut: tuple[InterruptedReply, float] | None = None
        """what is left of the reply that was cut last, and the second at which it was"""
        self._ringing = Ringing()

    def _played(self, samples: FloatArray, at: float) -> None:
        """The loudspeaker has played these samples, at `at` on its clock."""
        seconds = len(samples) / SAMPLE_RATE
        self._speaker.played(seconds)
        second = self._front_end.played(samples, at)
        self._own_words.played(second, second + seconds)

    def announce(self, event: Announced) -> None:
        """Speaks an announcement: at once, after the current sentence, or when the user has finished."""
        self._ringing.add(event)
        if self.state in ("idle", "follow_up"):
            self._ring()
        elif self.state == "speaking":
            asyncio.get_running_loop().call_later(self._speaker.sentence_left, self._break_in)

    def _begin(self, why: str, start: float, **how: Any) -> Utterance:
        self._drop()
        utterance = self._utterance = self._recognition.open(why, start, **how)
        self._front_end.sound.keep_from = utterance.start
        self._warm_up()
        self._become("follow_up" if why == "follow_up" else "listening")
        self._announce(ListeningStarted, why=why, start=utterance.start)
        return utterance

    def _end(self, utterance: Utterance, reason: EndReason) -> None:
        utterance.times.endpoint = self.clock.wall()
        utterance.times.speech_end = self.clock.wall_of(utterance.speech_end)
        self._announce(SpeechEnded, reason=reason, speech_end=utterance.speech_end)
        if not utterance.end.spoke:
            self._ignore(reason)
            return
        self._barge_in.reset()
        self._become("thinking")
        self._turn = asyncio.create_task(self._answer(utterance, reason), name="answer an utterance")

    async def _answer(self, utterance: Utterance, reason: EndReason) -> None:
        try:
            with self._flow():
                reply = await self._think(utterance, reason)
        except Exception as error:  # no error may leave the loop thinking for ever
            reply = InterruptedReply("", self._answering.failed(error))
        if reply is not None:
            utterance.times.reply = self.clock.wall()
            await self._speak(reply, utterance)

    async def _think(self, utterance: Utterance, reason: EndReason) -> InterruptedReply | None:
        """The reply to an utterance; None when it has led to something else."""
        verdict = await self._acceptance.judge(utterance, reason)
        if verdict.only_called:  # the request comes after a breath
            self._begin("wake", self.clock.now)
            return None
        if verdict.ends_ringing:
            self._ringing.stop()
        if not verdict.ignored and verdict.goes_on and (cut := self._take_cut()) is not None:
            return cut
        if not verdict.ignored:
            return await self._answering.answer(verdict.clip, verdict.transcript)
        left = utterance.end.patience_left
        interrupted = self._interrupted if verdict.reply_goes_on else None
        if interrupted is None:
            self._answering.drop()
        self._ignore(verdict.ignored)
        if verdict.notice:
            self._announce.notice(verdict.notice)
        if verdict.still_waits:
            self._begin("follow_up", self.clock.now, patience=left)
        return interrupted  # it was not a request: the reply goes on where it was interrupted

    async def _resume_question(self) -> None:
        """Repeats a question that was open before a restart."""
        reply = None
        with self._flow(), suppress(AssistantError):  # an unreadable database is reported at the first turn
            reply = await self._backend.open_question(self.session)
        if reply is not None and self.state == "idle":
            await self._speak(InterruptedReply("", reply), None)

    def _break_in(self) -> None:
        """Speaks waiting announcements between two sentences of a reply."""
        if self.state == "speaking" and self._ringing:
            rest = self._answering.rest()
            self._speaker.stop()
            self._cancel_turn()
            self._ring(rest)

    def _ring(self, rest: InterruptedReply | None = None) -> None:
        """Speaks waiting announcements, then the rest of the reply that was interrupted."""
        if (ring := self._ringing.next()) is not None:
            self._drop()
            self._warm_up()
            saying = self._speak(InterruptedReply("", ring.reply), None, ring.chime, rest)
            self._turn = asyncio.create_task(saying, name="say something unasked")

    async def _speak(
        self,
        reply: InterruptedReply,
        utterance: Utterance | None,
        chime: AudioClip | None = None,
        rest: InterruptedReply | None = None,
    ) -> None:
        self._become("speaking")
        finished = await self._answering.speak(reply, utterance.times if utterance else None, chime)
        if asyncio.current_task() is not self._turn:
            return  # interrupted: the interruption decides what comes next
        if rest is not None and finished:
            self._ringing.over()
            await self._speak(rest, None)
        elif finished and reply.whole.follow_up and self._settings.follow_up > 0:
            self._begin("follow_up", self.clock.now, grace=AFTER_WAKE, patience=self._settings.follow_up)
        else:
            self._rest()

    def _warm_up(self) -> None:
        self._backend.warm_up()
        self._speaker.warm_up()

    def _ignore(self, reason: str) -> None:
        self._announce(UtteranceIgnored, reason=reason)
        self._rest()

    def _interrupt(self, by: str) -> None:
        """Stops thinking or speaking: the utterance being answered is stale."""
        if self.state not in ("thinking", "speaking"):
            return
        turn = self._answering.turn
        rest = self._answering.rest() if self.state == "speaking" else None
        self._interrupted = rest if by in ("speech", "resumed") else None
        self._cut = (rest, self.clock.now) if rest is not None and by != "resumed" else self._cut
        self._speaker.stop()
        self._front_end.cut()
        self._cancel_turn()
        self._announce(SpeakingInterrupted, turn=turn, by=by)

    def _take_cut(self) -> InterruptedReply | None:
        """Returns the rest of the reply that was just interrupted, once; None if that is too long ago."""
        cut, self._cut = self._cut, None
        return cut[0] if cut is not None and self.clock.now - cut[1] < REMEMBERED else None

    def _cancel_turn(self) -> list[asyncio.Task[None]]:
        turn, self._turn = self._turn, None
        if turn is None or turn is asyncio.current_task():
            return []
        turn.cancel()
        return [turn]

    def _rest(self) -> None:
        self._drop()
        self._front_end.sound.keep_from = None
        if self.state != "idle":
            self._backend.rest()
        self._become("idle")
        self._ringing.over()
        if self._ringing:
            self._ring()

    def _drop(self) -> None:
        if self._utterance is not None:
            self._utterance.partials.close()
        self._utterance = None
        self._speech_start.reset()
        self._barge_in.reset()

    def _become(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self._announce(VoiceStateChanged, state=state)
