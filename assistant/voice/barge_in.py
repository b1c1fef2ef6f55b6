"""What is said while the assistant thinks or speaks: the rest of the sentence, an interruption, or only talk."""

from __future__ import annotations

from typing import Literal

from assistant.speech.endpointing import AdaptiveEndpointing, SpeechStart
from assistant.voice.clock import SourceClock
from assistant.voice.command_words import says_stop
from assistant.voice.front_end import Chunk
from assistant.voice.prebuffer import SoundBuffer
from assistant.voice.utterance import Utterance, Utterances

__all__ = ["BEFORE_ONSET", "BargeIn"]

BEFORE_ONSET = 0.8
"""seconds before speech was noticed that belong to it: noticing takes a moment, and first words matter"""
BREATH = 1.0
"""seconds within which who goes on speaking continues the same sentence"""


class BargeIn:
    """Follows what is said in between.

    Args:
        utterances: opens one for talk that is listened to only for "stop".
        pace: told when a speaker had not finished.
        clock: the sound's.
        sound: the pre-buffer.
        longest: seconds a spoken turn may last, the part before the pause included.
    """

    def __init__(
        self, utterances: Utterances, pace: AdaptiveEndpointing, clock: SourceClock, sound: SoundBuffer, longest: float
    ) -> None:
        self._utterances, self._pace, self._clock, self._sound = utterances, pace, clock, sound
        self._longest = longest
        self._onset = SpeechStart()
        self._aside: Utterance | None = None

    def hear(
        self, heard: Chunk, answered: Utterance | None, *, interruptible: bool
    ) -> Literal["resumed", "speech", "stop"] | None:
        """Take the next chunk; what it makes of the answer that is under way.

        Args:
            heard: the chunk.
            answered: the utterance that is being answered.
            interruptible: whether any speech interrupts now; otherwise only "stop" does.

        Returns:
            "resumed": the speaker had not finished. "speech": somebody has something else to say. None: go on.
        """
        if self._aside is not None:
            return self._listen_aside(self._aside, heard)
        if not self._onset.hear(heard.near(answered.floor if answered else -100.0), heard.seconds):
            return None
        now = self._clock.now
        pause = now - self._onset.seconds - answered.speech_end if answered else BREATH + 1
        if answered is not None and pause <= BREATH and now - answered.start < self._longest:
            self._pace.paused(pause, cut_off=True)
            return "resumed"
        if interruptible:
            return "speech"
        self._onset.reset()
        self._aside = self._utterances.open("overheard", now - BEFORE_ONSET, begun=True)
        return None

    def reset(self) -> None:
        """Nobody speaks in between any more."""
        self._onset.reset()
        if self._aside is not None:
            self._aside.partials.close()
            self._aside = None

    def _listen_aside(self, aside: Utterance, heard: Chunk) -> Literal["stop"] | None:
        reason = aside.end.hear(heard.speech, heard.seconds)
        aside.follow(self._sound, self._clock.now)
        if says_stop(aside.words):
            return "stop"
        if reason is not None and not aside.partials.busy:
            self.reset()
        return None
