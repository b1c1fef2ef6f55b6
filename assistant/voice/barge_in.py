"""Barge-in: speech while the assistant thinks or speaks is the rest of the sentence, an interruption, or only talk."""

from __future__ import annotations

from typing import Literal

from assistant.speech.endpointing import AdaptiveEndpointing, SpeechStart
from assistant.voice.clock import SourceClock
from assistant.voice.front_end import Chunk, SoundBuffer
from assistant.voice.streaming_recognition import StreamingRecognition
from assistant.voice.utterance import BEFORE_SPEECH, Utterance

__all__ = ["BargeIn"]

BEGUN = 0.19
"""seconds of speech that interrupt a reply; it goes on where it was if they were no words for the assistant"""
BREATH = 1.0
"""seconds within which a speaker who goes on continues the same sentence"""


class BargeIn:
    """Detects speech while an answer is under way; a spoken turn lasts `longest` seconds, both parts included."""

    def __init__(
        self,
        recognition: StreamingRecognition,
        endpointing: AdaptiveEndpointing,
        clock: SourceClock,
        sound: SoundBuffer,
        longest: float,
    ) -> None:
        self._recognition, self._endpointing, self._clock, self._sound = recognition, endpointing, clock, sound
        self._longest = longest
        self._speech_start = SpeechStart(BEGUN)
        self._background: Utterance | None = None

    def process(
        self, chunk: Chunk, answered: Utterance | None, *, interruptible: bool, echoes: bool = False
    ) -> Literal["resumed", "speech", "stop"] | None:
        """Processes the next chunk while `answered` is being answered; unless `interruptible`, only "stop" interrupts.

        Where the assistant `echoes`, what follows a request may be the answer's own sound, and no rest of the request.

        Returns:
            "resumed": the speaker had not finished. "speech": an interruption. "stop": a wish for silence. None: go on.
        """
        if self._background is not None:
            return self._follow_background(self._background, chunk)
        speech = chunk.speech_above(answered.floor if answered else -100.0)
        if not self._speech_start.process(speech, chunk.seconds, chunk.doubted):
            return None
        now = self._clock.now
        pause = now - self._speech_start.seconds - answered.speech_end if answered else BREATH + 1
        if answered is not None and pause <= BREATH and not echoes and now - answered.start < self._longest:
            self._endpointing.paused(pause, cut_off=True)
            return "resumed"
        if interruptible:
            return "speech"
        self._speech_start.reset()
        self._background = self._recognition.open("overheard", now - BEFORE_SPEECH, begun=True)
        return None

    def reset(self) -> None:
        """Forgets speech that has begun."""
        self._speech_start.reset()
        if self._background is not None:
            self._background.partials.close()
            self._background = None

    def _follow_background(self, utterance: Utterance, chunk: Chunk) -> Literal["stop"] | None:
        reason = utterance.end.process(chunk.speech, chunk.seconds)
        utterance.follow(self._sound, self._clock.now)
        if self._recognition.says_stop(utterance.words):
            return "stop"
        if reason is not None and not utterance.partials.busy:
            self.reset()
        return None
