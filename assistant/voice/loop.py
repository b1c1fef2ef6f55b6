"""The voice loop. Read this file first: a chunk of sound comes in, and one of five things is being done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, Literal

from assistant.bus import Bus
from assistant.errors import AssistantError
from assistant.settings import Settings
from assistant.speech.endpointing import AdaptiveEndpointing, EndReason, SpeechStart
from assistant.types import FloatArray
from assistant.voice.announcing import Announcer
from assistant.voice.answering import Answering, InterruptedReply
from assistant.voice.barge_in import BEFORE_ONSET, BargeIn
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.front_end import AudioFrontEnd, Chunk
from assistant.voice.interfaces import EchoGuard, Player, Source, Voice, VoiceActivity, VoiceBackend, WakeWords
from assistant.voice.speaking import Speaker
from assistant.voice.streaming_recognition import ONLY_WAKE_WORD, StreamingRecognition
from assistant.voice.utterance import Utterance, Utterances
from assistant.voice.wake_verification import WakeCandidate, WakeVerification

__all__ = ["State", "VoiceLoop"]

State = Literal["idle", "listening", "thinking", "speaking", "follow_up"]

BEFORE_HIT = 0.15
"""seconds before a wake word was noticed that are listened to, for who speaks without a breath; with more of the word
Whisper writes it down and, now and then, nothing else"""
AFTER_WAKE = 0.3
"""seconds after a wake word was noticed that may still be its end, or the room's echo of our own voice"""
DEAF = 2.0
"""seconds without a chunk after which the microphone counts as silent"""


class VoiceLoop:
    """Listens, answers aloud, and lets itself be interrupted.

    Args:
        source: chunks of 512 samples at 16 kHz.
        house: the assistant.
        player: where replies sound.
        voice: makes sound of words.
        activity: tells speech from everything else.
        bus: told of every milestone.
        settings: section `voice` is read.
        wake: wake words; needed in the mode "wake".
        wake_words: their names, to take them out of transcripts.
        echo: takes our own voice out of what is heard; None where both cannot meet.
        session: the conversation.
        clock: the sound's clock.
        hold: given for a source without a clock of its own (a recording read faster than real time): it waits
            while something is computed, so that nothing is dropped and nothing comes too late.
    """

    def __init__(
        self,
        source: Source,
        house: VoiceBackend,
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
        hold: FlowControl | None = None,
    ) -> None:
        self.session = session
        self.state: State = "idle"
        self.clock = clock or SourceClock(live=hold is None)
        self._source, self._house, self._settings = source, house, settings.voice
        self._announce = Announcer(bus, session, self.clock)
        self._live, self._hold = hold is None, hold or FlowControl()
        listens = wake if self._settings.mode == "wake" else None
        self._ears = AudioFrontEnd(source, activity, listens, echo, self.clock, bus)
        doubter = house if self._settings.wake_check or self._settings.only_enrolled else None
        self._opinion = WakeVerification(doubter, self._ears, self.clock, self._hold, self._woken)
        self._speaker = Speaker(voice, player, self._hold)
        deadline = self._settings.deadline
        self._answering = Answering(house, self._speaker, self.clock, self._announce, deadline, self._live)
        self._understanding = StreamingRecognition(house, self._announce, settings.voice, wake_words, self._hold)
        player.on_first_sound = self._answering.first_sound
        player.on_played = self._played
        pace = AdaptiveEndpointing(self._settings.silence)
        understanding = self._understanding
        self._utterances = Utterances(self._settings, pace, understanding.hear, understanding.partly, self.clock)
        self._overhearing = BargeIn(self._utterances, pace, self.clock, self._ears.sound, self._settings.longest)
        self._onset = SpeechStart()
        self._utterance: Utterance | None = None
        self._turn: asyncio.Task[None] | None = None
        self._cut: InterruptedReply | None = None
        """what is left of the reply that was interrupted last"""
        self._troubled = False
        self.heard: Callable[[FloatArray], object] = lambda chunk: None
        """told of every chunk as it came: a recorder's place"""

    async def run(self) -> None:
        """Listen until the source ends. What goes wrong on the way becomes an event."""
        watching = asyncio.create_task(self._watch(), name="watch the microphone")
        if self._settings.warm_up == "start":
            self._warm_up()
        self._turn = asyncio.create_task(self._take_up(), name="take up an open question")
        try:
            async for chunk in self._source:
                self.heard(chunk)
                self._hear_safely(chunk)
                await (asyncio.sleep(0) if self._live else self._hold.free())
        finally:
            watching.cancel()
            tasks = [*self._cancel_turn(), *self._opinion.drop()]
            self._drop()
            await asyncio.gather(watching, *tasks, return_exceptions=True)
            await self._answering.close()

    # What others may ask of it

    @property
    def resting(self) -> bool:
        """Whether nothing is under way: a recording may end now."""
        return self.state == "idle" and not self._opinion.waiting and (self._turn is None or self._turn.done())

    def push(self) -> None:
        """Somebody pressed the key to talk."""
        self._interrupt("push")
        self._begin("push", self.clock.now - 0.1)

    def release(self) -> None:
        """Somebody let go of the key to talk."""
        if self._utterance is not None and self.state in ("listening", "follow_up"):
            self._end(self._utterance, "released")

    def stop(self) -> None:
        """Fall silent, and forget what is under way."""
        self._interrupt("stop")
        self._rest()

    def gap(self) -> None:
        """Sound was lost, or comes from another device now: half a sentence leads to nothing."""
        self._ears.gap()
        self._opinion.drop()
        if self.state in ("listening", "follow_up"):
            self._ignore("sound was lost")

    # A chunk

    def hear(self, chunk: FloatArray) -> None:
        """Take the next chunk; quick, and never waits."""
        always = self._settings.mode == "always"
        heard = self._ears.hear(chunk, activity=always or self.state != "idle" or self._opinion.waiting)
        self._opinion.keep(heard)
        if heard.wake is not None and not self._in_a_sentence():
            self._opinion.ask(heard.wake)
            return
        if self.state == "idle":
            if always and self._onset.hear(heard.speech, heard.seconds):
                self._begin("speech", self.clock.now - BEFORE_ONSET, begun=True)
        elif self.state in ("thinking", "speaking"):
            self._overhear(heard)
        elif self._utterance is not None:
            self._listen(self._utterance, heard, self.clock.now)

    def _hear_safely(self, chunk: FloatArray) -> None:
        try:
            self.hear(chunk)
        except Exception as error:  # one bad chunk, or a part that is broken: the next may be heard
            if not self._troubled:
                self._answering.failed(error)
            self._troubled = True
        else:
            self._troubled = False

    def _played(self, samples: FloatArray, at: float) -> None:
        """The loudspeaker has let these samples out, at `at` on its clock."""
        self._speaker.played(len(samples) / 16_000)
        (self._ears.played_live if self._live else self._ears.played)(samples, at)

    def _in_a_sentence(self) -> bool:
        """Whether somebody is speaking to us already, so that a wake word is part of what they say."""
        listening = self._utterance if self.state == "listening" else None
        return listening is not None and listening.end.heard and listening.why in ("wake", "push")

    def _woken(self, candidate: WakeCandidate) -> None:
        """A wake word was said, or so it seems."""
        if candidate.doubt:
            self._announce.ignored(candidate.doubt)
            return
        if self._in_a_sentence():
            return
        self._announce.wake_word(candidate.hit.word, candidate.hit.probability, candidate.second)
        self._interrupt("wake")
        self._begin("wake", candidate.second - BEFORE_HIT, grace=AFTER_WAKE, floor=candidate.floor)
        utterance = self._utterance
        assert utterance is not None
        utterance.candidate = candidate
        for at, heard in candidate.since:
            if self._utterance is utterance:
                self._listen(utterance, heard, at)
        candidate.since.clear()

    def _listen(self, utterance: Utterance, heard: Chunk, at: float) -> None:
        reason = utterance.end.hear(heard.near(utterance.floor), heard.seconds)
        utterance.follow(self._ears.sound, at)
        if utterance.end.heard:
            self._become("listening")
        if reason is not None:
            self._end(utterance, reason)

    def _overhear(self, heard: Chunk) -> None:
        """Somebody may speak while we think or speak."""
        answered = self._utterance
        interruptible = self.state == "speaking" and self._settings.barge_in
        happened = self._overhearing.hear(heard, answered, interruptible=interruptible)
        if happened == "resumed" and answered is not None:
            self._interrupt("resumed")
            self._begin("resumed", answered.start, begun=True, floor=answered.floor)
        elif happened == "speech":
            self._interrupt("speech")
            self._begin("interruption", self.clock.now - BEFORE_ONSET, begun=True)
        elif happened == "stop":
            self.stop()

    # From one thing to the next

    def _begin(self, why: str, start: float, **how: Any) -> None:
        self._drop()
        utterance = self._utterance = self._utterances.open(why, start, **how)
        self._ears.sound.keep_from = utterance.start
        self._warm_up()
        self._become("follow_up" if why == "follow_up" else "listening")
        self._announce.listening(why, utterance.start)

    def _end(self, utterance: Utterance, reason: EndReason) -> None:
        times = utterance.times
        times.endpoint = self.clock.wall()
        times.speech_end = self.clock.wall_of(utterance.speech_end)
        self._announce.speech_ended(reason, utterance.speech_end)
        if not utterance.end.heard:
            self._ignore(reason)
            return
        self._overhearing.reset()
        self._become("thinking")
        self._turn = asyncio.create_task(self._answer(utterance, reason), name="answer what was said")

    async def _answer(self, utterance: Utterance, reason: EndReason) -> None:
        try:
            with self._hold():
                found = await self._think(utterance, reason)
        except Exception as error:  # nothing that goes wrong may leave us thinking for ever
            found = InterruptedReply("", self._answering.failed(error))
        if found is not None:
            utterance.times.reply = self.clock.wall()
            await self._speak(found, utterance)

    async def _think(self, utterance: Utterance, reason: EndReason) -> InterruptedReply | None:
        """What is to be said to an utterance; None when that has led to something else."""
        heard = await utterance.heard(self._ears.sound, self.clock.now)
        utterance.times.transcript = self.clock.wall()
        transcript = self._understanding.apply_policy(heard)
        ignored = await self._understanding.rejected(utterance, transcript, reason)
        if utterance.candidate is not None:
            ignored = await self._opinion.again(utterance.candidate) or ignored
        if ignored == ONLY_WAKE_WORD and utterance.why == "wake":  # the request comes after a breath
            self._begin("wake", self.clock.now)
            return None
        if not ignored:
            return InterruptedReply(*await self._answering.answer(heard.clip, transcript))
        cut = self._cut if utterance.why == "interruption" and ignored != "stop" else None
        self._ignore(ignored)
        return cut  # nobody had anything to say: we go on where we were interrupted

    async def _take_up(self) -> None:
        """After a restart: ask again what was left open."""
        reply = None
        with self._hold(), suppress(AssistantError):  # a database that cannot be read is told at the first turn
            reply = await self._house.open_question(self.session)
        if reply is not None and self.state == "idle":
            await self._speak(InterruptedReply("", reply), None)

    async def _speak(self, what: InterruptedReply, utterance: Utterance | None) -> None:
        self._become("speaking")
        finished = await self._answering.say(what, utterance.times if utterance else None)
        if asyncio.current_task() is not self._turn:
            return  # interrupted: somebody else decides what comes next
        if finished and what.reply.follow_up and self._settings.follow_up > 0:
            self._begin("follow_up", self.clock.now, grace=AFTER_WAKE, patience=self._settings.follow_up)
        else:
            self._rest()

    def _warm_up(self) -> None:
        self._house.warm_up()
        self._speaker.warm_up()

    def _ignore(self, reason: str) -> None:
        self._announce.ignored(reason)
        self._rest()

    def _interrupt(self, by: str) -> None:
        """Stop thinking or speaking: what was being answered is stale."""
        if self.state not in ("thinking", "speaking"):
            return
        turn = self._answering.turn
        self._cut = self._answering.rest() if by == "speech" else None
        self._speaker.stop()
        self._cancel_turn()
        self._announce.interrupted(turn, by)

    def _cancel_turn(self) -> list[asyncio.Task[None]]:
        turn, self._turn = self._turn, None
        if turn is None or turn is asyncio.current_task():
            return []
        turn.cancel()
        return [turn]

    def _rest(self) -> None:
        self._drop()
        self._ears.sound.keep_from = None
        if self.state != "idle":
            self._house.rest()
        self._become("idle")

    def _drop(self) -> None:
        if self._utterance is not None:
            self._utterance.partials.close()
        self._utterance = None
        self._onset.reset()
        self._overhearing.reset()

    def _become(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self._announce.state(state)

    async def _watch(self) -> None:
        """When no sound comes in at all, listening must end nevertheless."""
        gap = False
        while self._live:
            await asyncio.sleep(DEAF / 2)
            silent = self.clock.wall() - self.clock.heard_at > DEAF
            if silent and not gap:
                self._ears.gap()
            gap = silent
            utterance = self._utterance
            if silent and utterance is not None and self.state in ("listening", "follow_up"):
                reason = utterance.end.wait(DEAF / 2)
                if reason is not None:
                    self._end(utterance, reason)
