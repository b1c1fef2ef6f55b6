"""Adaptive endpointing: decides every 32 ms whether a speaker has finished, and always ends in time."""

from __future__ import annotations

from typing import Literal

__all__ = ["AdaptiveEndpointing", "Completeness", "EndOfSpeech", "EndReason", "SpeechStart"]

Completeness = Literal["complete", "open", "broken off", "unknown"]
"""whether the words so far make a whole request: surely, hardly, surely not yet, or not known"""

EndReason = Literal["silence", "complete", "longest", "released", "nothing said", "unknown"]

SPEECH = 0.5
"""probability at which speech begins; it ends `HYSTERESIS` lower"""
HYSTERESIS = 0.15
LEAST_SPEECH = 0.16
"""seconds of speech that make an utterance; a click or a cough is shorter"""
SHORTEST_PAUSE = 0.16
"""seconds of silence that count as a pause: shorter ones are the closures of p, t and k"""
BROKEN_OFF = 3.0
"""seconds of silence that end an utterance that breaks off where no sentence ends"""
LONGEST_SILENCE = 1.2
"""seconds of silence that end an utterance of whoever pauses long"""
BLIP = 0.4
"""seconds of silence after which a click is forgotten"""


class AdaptiveEndpointing:
    """Learns how long this speaker pauses within a sentence.

    The silence asked for is one and a half times their usual pause, within limits. A pause after which they went
    on although they had been taken to have finished weighs more: being cut off is worse than waiting.
    `usual` is the silence, seconds, that ends an utterance of a new speaker; it is never less than `shortest`.
    """

    def __init__(self, usual: float = 0.5, shortest: float = 0.35) -> None:
        self._usual = usual
        self._shortest, self._longest = min(shortest, usual), max(LONGEST_SILENCE, usual)
        self._mean = usual / 1.5

    @property
    def silence(self) -> float:
        """Seconds of silence that end an utterance."""
        return min(max(1.5 * self._mean, self._shortest), self._longest)

    def paused(self, seconds: float, *, cut_off: bool = False) -> None:
        """Learns from a pause after which the speaker went on."""
        if seconds >= SHORTEST_PAUSE:
            self._mean += (0.5 if cut_off else 0.15) * (seconds - self._mean)

    def finished(self) -> None:
        """Lets the learned pause decay slowly after an utterance that ended as expected."""
        self._mean += 0.05 * (self._usual / 1.5 - self._mean)


class SpeechStart:
    """Detects the start of speech: `needed` seconds of it, of which each silence takes off half its length."""

    def __init__(self, needed: float = 0.25) -> None:
        self._needed = needed
        self.seconds = self._doubted = 0.0
        """seconds of speech that count"""

    def process(self, probability: float | None, seconds: float, doubted: float = 0.0) -> bool:
        """Processes the next chunk; True once speech has begun.

        `doubted` is the probability of speech that does not count until speech that does follows it.
        """
        speaks = probability is not None and probability >= SPEECH
        if speaks:
            self.seconds, self._doubted = self.seconds + self._doubted + seconds, 0.0
        elif doubted >= SPEECH:
            self._doubted += seconds
        else:
            self.seconds = max(0.0, self.seconds - 0.5 * seconds)
            self._doubted = max(0.0, self._doubted - seconds)
        return self.seconds >= self._needed

    def reset(self) -> None:
        """Resets the detector."""
        self.seconds = self._doubted = 0.0


class EndOfSpeech:
    """Follows one utterance from before its first sound to its end; `endpointing` knows how long this speaker pauses.

    It ends, whatever happens: after enough silence (`early` seconds when the words are `complete`, more when they are
    `open`), after `longest` seconds, when no one begins within `patience`, and after `blind` without a known
    probability of speech. Speech may have `begun`: an interruption, or the rest of a sentence. In the first `grace`
    seconds it counts only if it goes on after them: it may be the end of the wake word.
    """

    def __init__(
        self,
        endpointing: AdaptiveEndpointing,
        *,
        patience: float = 5.0,
        longest: float = 20.0,
        early: float = 0.3,
        blind: float = 3.0,
        begun: bool = False,
        grace: float = 0.0,
    ) -> None:
        self._endpointing = endpointing
        self._patience, self._longest, self._early, self._blind = patience, longest, early, blind
        self.completeness: Completeness = "unknown"
        self.elapsed = 0.0
        """seconds since listening began"""
        self.spoken = LEAST_SPEECH if begun else 0.0
        """seconds of speech so far"""
        self.silence = 0.0
        """seconds since the last sound of speech"""
        self.speaking = begun
        self._grace, self._held = grace, 0.0
        self._unknown = 0.0

    @property
    def spoke(self) -> bool:
        """Whether speech was found."""
        return self.spoken >= LEAST_SPEECH

    @property
    def pausing(self) -> bool:
        """Whether the speaker makes a pause, which may be the end."""
        return self.spoke and self.silence >= SHORTEST_PAUSE

    @property
    def patience_left(self) -> float:
        """Seconds for which it would still have waited for speech."""
        return max(0.1, self._patience - self.elapsed)

    @property
    def needed(self) -> float:
        """Seconds of silence that would end it now."""
        if self.completeness == "complete":
            return min(self._early, self._endpointing.silence)
        if self.completeness == "broken off":
            return max(BROKEN_OFF, 2.0 * self._endpointing.silence)
        return self._endpointing.silence * (2.0 if self.completeness == "open" else 1.0)

    def process(self, probability: float | None, seconds: float) -> EndReason | None:
        """Processes a chunk of so many seconds with its probability of speech, None when it is not known.

        Returns why the utterance has ended, or None.
        """
        self.elapsed += seconds
        if probability is None:
            self._unknown += seconds
        else:
            self._unknown = 0.0
            self._follow(self._after_grace(probability, seconds), seconds)
        return self._ended()

    def _after_grace(self, probability: float, seconds: float) -> float:
        if self.elapsed <= self._grace:
            self._held = self._held + seconds if probability >= SPEECH else 0.0
            return 0.0
        if self._held and probability >= SPEECH:
            self.spoken += self._held
        self._held = 0.0
        return probability

    def _follow(self, probability: float, seconds: float) -> None:
        self.speaking = probability >= (SPEECH - HYSTERESIS if self.speaking else SPEECH)
        if not self.speaking:
            self.silence += seconds
            if not self.spoke and self.silence > BLIP:
                self.spoken = 0.0
            return
        if self.pausing:
            self._endpointing.paused(self.silence)
            self.completeness = "unknown"
        self.spoken += seconds
        self.silence = 0.0

    def _ended(self) -> EndReason | None:
        if self._unknown >= self._blind:
            return "unknown"
        if self.elapsed >= self._longest:
            return "longest" if self.spoke else "nothing said"
        if not self.spoke:
            return "nothing said" if self.elapsed >= self._patience and not self.speaking else None
        if self.silence >= self.needed:
            self._endpointing.finished()
            return "complete" if self.completeness == "complete" else "silence"
        return None
