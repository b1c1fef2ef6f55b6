"""The voice loop. Read this file first: each chunk of sound advances one of five states."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
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
    WakeWordHeard,
)
from assistant.settings import Settings
from assistant.speech.endpointing import AdaptiveEndpointing, EndReason, SpeechStart
from assistant.types import AudioClip, FloatArray
from assistant.voice.acceptance import OWN_WORDS, TALKS_TO_ITSELF, Acceptance
from assistant.voice.announcing import Announcer
from assistant.voice.answering import Answering, InterruptedReply
from assistant.voice.barge_in import BargeIn
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.front_end import HOPELESS, TOO_LATE, AudioFrontEnd, Chunk
from assistant.voice.interfaces import EchoGuard, Player, Source, Voice, VoiceActivity, VoiceBackend, WakeWords
from assistant.voice.microphone_watch import watch_microphone
from assistant.voice.own_words import OwnWords
from assistant.voice.ringing import Ringing
from assistant.voice.speaking import Speaker
from assistant.voice.streaming_recognition import ONLY_WAKE_WORD, StreamingRecognition
from assistant.voice.utterance import BEFORE_SPEECH, Utterance
from assistant.voice.wake_verification import WakeCandidate, WakeVerification

__all__ = ["State", "VoiceLoop"]

State = Literal["idle", "listening", "thinking", "speaking", "follow_up"]

BEFORE_HIT = 0.15
"""seconds before a wake hit that belong to the utterance, for who speaks without a breath; with more of the word
Whisper writes it down and, now and then, nothing else"""
AFTER_WAKE = 0.3
"""seconds after a wake hit that may still be its end, or the room's echo of the assistant's own voice"""


class VoiceLoop:
    """Listens, answers aloud, and lets itself be interrupted.

    Args:
        echo: removes the assistant's voice from the microphone's sound; None where both cannot meet.
        flow: given for a recording read faster than real time: it waits while something is computed, so that nothing
            is dropped and nothing comes too late.
    """

    def __init__(
        self,
        source: Source,
        backend: VoiceBackend,
        player: Player,
        voice: Voice,
        activity: VoiceActivity,
        bus: Bus,
        settings: Settings,
        *,
        wake: WakeWords | None = None,
        wake_words: Collection[str] = (),
        echo: EchoGuard | None = None,
        session: str = "voice",
        clock: SourceClock | None = None,
        flow: FlowControl | None = None,
    ) -> None:
        self.session = session
        self.state: State = "idle"
        self.on_chunk: Callable[[FloatArray], object] = lambda chunk: None
        """gets every chunk as it came: a recorder's place"""
        self._live, self._flow = flow is None, flow or FlowControl()
        self.clock = clock or SourceClock(live=self._live)
        self._source, self._backend, self._settings = source, backend, settings.voice
        self._announce = announce = Announcer(bus, session, self.clock)
        wake = wake if self._settings.mode == "wake" else None
        self._front_end = AudioFrontEnd(source, activity, wake, echo, self.clock, bus)
        verifier = backend if settings.voice.wake_check or settings.voice.only_enrolled else None
        self._verification = WakeVerification(verifier, self._front_end, self.clock, self._flow, self._on_wake)
        self._own = OwnWords()
        self._speaker = Speaker(voice, player, self._flow, self._own)
        self._answering = Answering(backend, self._speaker, self.clock, announce, settings.voice.deadline)
        player.on_first_sound = self._answering.first_sound
        player.on_played = self._played
        endpointing = AdaptiveEndpointing(self._settings.silence)
        self._recognition = StreamingRecognition(
            backend, announce, self._settings, wake_words, endpointing, self.clock, self._flow
        )
        self._barge_in = BargeIn(
            self._recognition, endpointing, self.clock, self._front_end.sound, settings.voice.longest
        )
        self._acceptance = Acceptance(
            self._recognition, self._verification, self._own, self._front_end.sound, self.clock
        )
        self._speech_start = SpeechStart()
        self._utterance: Utterance | None = None
        self._turn: asyncio.Task[None] | None = None
        self._interrupted: InterruptedReply | None = None
        """what is left of the reply that was interrupted last"""
        self._ringing = Ringing()
        self._failing = False

    async def run(self) -> None:
        """Runs until the source ends. What goes wrong on the way becomes an event."""
        watching = asyncio.create_task(
            watch_microphone(self.clock, self._lost_sound, self._deaf), name="watch the microphone"
        )
        if self._settings.warm_up == "start":
            self._warm_up()
        self._turn = asyncio.create_task(self._resume_question(), name="repeat an open question")
        try:
            async for chunk in self._source:
                self.on_chunk(chunk)
                self._process_safely(chunk)
                await (asyncio.sleep(0) if self._live else self._flow.free())
        finally:
            watching.cancel()
            tasks = [*self._cancel_turn(), *self._verification.drop()]
            self._drop()
            await asyncio.gather(watching, *tasks, return_exceptions=True)
            await self._answering.close()

    @property
    def resting(self) -> bool:
        """Whether nothing is under way: a recording may end now."""
        return self.state == "idle" and not self._verification.waiting and (self._turn is None or self._turn.done())

    def push(self) -> None:
        """Starts listening: the key to talk was pressed."""
        self._interrupt("push")
        self._begin("push", self.clock.now - 0.1)

    def release(self) -> None:
        """Ends the utterance: the key to talk was released."""
        if self._utterance is not None and self.state in ("listening", "follow_up"):
            self._end(self._utterance, "released")

    def announce(self, event: Announced) -> None:
        """Says something unasked: at once, after the sentence that is spoken now, or when the user has finished."""
        self._ringing.add(event)
        if self.state in ("idle", "follow_up"):
            self._ring()
        elif self.state == "speaking":
            asyncio.get_running_loop().call_later(self._speaker.sentence_left, self._break_in)

    def stop(self) -> None:
        """Falls silent, and drops what is under way."""
        self._ringing.stop()
        self._interrupt("stop")
        self._rest()

    def gap(self) -> None:
        """Drops half an utterance: sound was lost, or comes from another device now."""
        self._lost_sound()
        self._verification.drop()
        if self.state in ("listening", "follow_up"):
            self._ignore("sound was lost")

    def process(self, chunk: FloatArray) -> None:
        """Processes the next chunk; quick, and never waits."""
        always = self._settings.mode == "always"
        activity = always or self.state != "idle" or self._verification.waiting
        latest = HOPELESS if self.state in ("idle", "listening") else TOO_LATE
        found = self._front_end.process(chunk, activity=activity, latest=latest)
        if found.stale:
            self._own.doubt(self.clock.now)
        self._verification.keep(found)
        if found.wake is not None and not self._in_a_sentence():
            self._verification.start(found.wake)
            return
        if self.state == "idle":
            if always and self._speech_start.process(found.speech, found.seconds):
                self._begin("speech", self.clock.now - BEFORE_SPEECH, begun=True)
        elif self.state in ("thinking", "speaking"):
            self._process_barge_in(found)
        elif self._utterance is not None:
            self._listen(self._utterance, found, self.clock.now)

    def _process_safely(self, chunk: FloatArray) -> None:
        try:
            self.process(chunk)
        except Exception as error:  # a bad chunk, or a part that is broken: the next chunk may work
            if not self._failing:
                self._answering.failed(error)
            self._failing = True
        else:
            self._failing = False

    def _played(self, samples: FloatArray, at: float) -> None:
        """The loudspeaker has played these samples, at `at` on its clock."""
        self._speaker.played(len(samples) / 16_000)
        second = self._front_end.played(samples, at)
        self._own.played(second, second + len(samples) / 16_000)

    def _in_a_sentence(self) -> bool:
        """Whether a request is being spoken, so that a wake word is part of it."""
        listening = self._utterance if self.state == "listening" else None
        return listening is not None and listening.end.spoke and listening.why in ("wake", "push")

    def _on_wake(self, candidate: WakeCandidate) -> None:
        if candidate.rejection:
            self._announce(UtteranceIgnored, reason=candidate.rejection)
            return
        if self._in_a_sentence():
            return
        hit = candidate.hit
        self._announce(WakeWordHeard, word=hit.word, probability=hit.probability, second=candidate.second)
        self._interrupt("wake")
        utterance = self._begin("wake", candidate.second - BEFORE_HIT, grace=AFTER_WAKE, floor=candidate.floor)
        utterance.candidate = candidate
        for at, chunk in candidate.since:
            if self._utterance is utterance:
                self._listen(utterance, chunk, at)
        candidate.since.clear()

    def _listen(self, utterance: Utterance, chunk: Chunk, at: float) -> None:
        reason = utterance.end.process(chunk.speech_above(utterance.floor), chunk.seconds)
        utterance.follow(self._front_end.sound, at)
        if utterance.end.spoke:
            self._become("listening")
        if reason is not None:
            self._end(utterance, reason)

    def _process_barge_in(self, chunk: Chunk) -> None:
        answered, speaking = self._utterance, self.state == "speaking"
        echoes = speaking and self._own.echoes(self.clock.now)
        interruptible = speaking and self._settings.barge_in and not echoes
        happened = self._barge_in.process(chunk, answered, interruptible=interruptible, echoes=echoes)
        if happened == "resumed" and answered is not None:
            self._interrupt("resumed")
            rest = self._begin("resumed", answered.start, begun=True, floor=answered.floor)
            rest.before, rest.resumed_at, rest.speech_start = answered.words, self.clock.now, answered.speech_start
        elif happened == "speech":
            self._interrupt("speech")
            self._begin("interruption", self.clock.now - BEFORE_SPEECH, begun=True)
        elif happened == "stop":
            self.stop()

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
        ignored = verdict.ignored
        if ignored == ONLY_WAKE_WORD and utterance.why == "wake":  # the request comes after a breath
            self._begin("wake", self.clock.now)
            return None
        if not ignored or ignored == "stop":
            self._ringing.stop()
        if not ignored:
            return InterruptedReply(*await self._answering.answer(verdict.clip, verdict.transcript))
        return self._without_answer(utterance, ignored, verdict.transcript.text)

    def _without_answer(self, utterance: Utterance, ignored: str, text: str) -> InterruptedReply | None:
        """What follows an utterance that was no request: the rest of the reply that it interrupted, if there is one."""
        left = utterance.end.patience_left
        interrupted = self._interrupted if utterance.why in ("interruption", "resumed") else None
        self._ignore(ignored)
        if ignored == TALKS_TO_ITSELF:
            self._announce.notice("I hear my own voice again and again, so I am silent now until I am called.")
        elif ignored == OWN_WORDS:
            self._announce.notice(f"I heard my own words, and leave them: “{text}”")
            if utterance.why == "follow_up":
                self._begin("follow_up", self.clock.now, patience=left)
        return interrupted if ignored not in ("stop", TALKS_TO_ITSELF) else None

    async def _resume_question(self) -> None:
        """Repeats a question that was open before a restart."""
        reply = None
        with self._flow(), suppress(AssistantError):  # an unreadable database is reported at the first turn
            reply = await self._backend.open_question(self.session)
        if reply is not None and self.state == "idle":
            await self._speak(InterruptedReply("", reply), None)

    def _break_in(self) -> None:
        """Says what waits between two sentences of a reply."""
        if self.state == "speaking" and self._ringing:
            rest = self._answering.rest()
            self._speaker.stop()
            self._cancel_turn()
            self._ring(rest)

    def _ring(self, rest: InterruptedReply | None = None) -> None:
        """Says what waits, and then the rest of the reply that it broke into."""
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
        elif finished and reply.reply.follow_up and self._settings.follow_up > 0:
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
        kept = by == "speech" or (by == "resumed" and self.state == "speaking")
        self._interrupted = self._answering.rest() if kept else None
        self._speaker.stop()
        self._cancel_turn()
        self._announce(SpeakingInterrupted, turn=turn, by=by)

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

    def _lost_sound(self) -> None:
        self._front_end.gap()
        self._own.doubt(self.clock.now)

    def _deaf(self, seconds: float) -> None:
        """No sound has come in for so many seconds."""
        utterance = self._utterance
        if utterance is not None and self.state in ("listening", "follow_up"):
            reason = utterance.end.process(None, seconds)
            if reason is not None:
                self._end(utterance, reason)
