"""The voice loop. Read this file first: each chunk of sound advances one of five states."""

from __future__ import annotations

import asyncio

from assistant.events import UtteranceIgnored, WakeWordHeard
from assistant.types import FloatArray
from assistant.voice.conversation import AFTER_WAKE, Conversation, State
from assistant.voice.front_end import HOPELESS, TOO_LATE, Chunk
from assistant.voice.utterance import BEFORE_SPEECH, Utterance, WakeCandidate

__all__ = ["State", "VoiceLoop"]

BEFORE_HIT = 0.15
"""seconds before a wake hit that belong to the utterance, for who speaks without a breath; with more of the word
Whisper transcribes it, sometimes as nothing else"""
DEAF = 2.0
"""seconds without a chunk after which the microphone counts as silent"""


class VoiceLoop(Conversation):
    """Listens, answers aloud, and lets itself be interrupted."""

    async def run(self) -> None:
        """Runs until the source ends. What goes wrong on the way becomes an event."""
        self._verification.on_verdict = self._on_wake
        watching = asyncio.create_task(self._watch_microphone(), name="watch the microphone")
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
        busy = self.state in ("thinking", "speaking")
        spot = busy or (self._utterance is not None and self._utterance.why == "interruption")
        found = self._front_end.process(chunk, activity=activity, spot=spot, latest=latest)
        if found.stale or found.after_gap:
            self._own_words.doubt(self.clock.now)
        self._verification.keep(found)
        if found.wake is not None and not self._in_a_sentence():
            self._verification.start(found.wake)
            return
        if found.stop and spot:
            self._stop_heard()
        elif self.state == "idle":
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

    def _in_a_sentence(self) -> bool:
        """Returns whether a request is being spoken, so that a wake word is part of it."""
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
        echoes = speaking and self._own_words.echoes(self.clock.now)
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

    def _stop_heard(self) -> None:
        """Falls silent at a stop word, and hears what may follow it: "stop the timer"."""
        self._ringing.stop()
        if self.state in ("thinking", "speaking"):
            self._interrupt("stop")
            self._begin("stop", self.clock.now - BEFORE_SPEECH, begun=True)
        elif self._utterance is not None:  # it was silent from the word's first sound on
            self._utterance.why = "stop"

    def _lost_sound(self) -> None:
        self._front_end.gap()
        self._own_words.doubt(self.clock.now)

    async def _watch_microphone(self) -> None:
        """Ends listening even when no sound comes in at all."""
        gap = False
        while self.clock.live:
            await asyncio.sleep(DEAF / 2)
            silent = self.clock.wall() - self.clock.heard_at > DEAF
            if silent and not gap:
                self._lost_sound()
            gap = silent
            if silent:
                self._deaf(DEAF / 2)

    def _deaf(self, seconds: float) -> None:
        """No sound has come in for so many seconds."""
        utterance = self._utterance
        if utterance is not None and self.state in ("listening", "follow_up"):
            reason = utterance.end.process(None, seconds)
            if reason is not None:
                self._end(utterance, reason)
