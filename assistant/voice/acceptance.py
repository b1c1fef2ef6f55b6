"""Whether an utterance becomes a turn: was it speech, the user's, called for, and a request?"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.speech.endpointing import EndReason
from assistant.types import AudioClip, Transcript
from assistant.voice.clock import SourceClock
from assistant.voice.front_end import SoundBuffer
from assistant.voice.own_words import OwnWords
from assistant.voice.streaming_recognition import ONLY_WAKE_WORD, StreamingRecognition
from assistant.voice.utterance import Utterance
from assistant.voice.wake_verification import WakeVerification

__all__ = ["Acceptance", "Verdict"]

OWN_WORDS = "my own words"
TALKS_TO_ITSELF = "my own words again"
CALLED = frozenset({"wake", "push"})
"""how an utterance began that is meant for the assistant"""


@dataclass(frozen=True)
class Verdict:
    """What was heard, and why it leads to nothing."""

    clip: AudioClip
    transcript: Transcript
    why: str
    """how the utterance began, as in `ListeningStarted`"""
    ignored: str
    """"" for a turn"""
    goes_on: bool = False
    """whether it asks for the rest of a reply that was cut"""

    @property
    def only_called(self) -> bool:
        """Whether nothing but the wake word was said."""
        return self.ignored == ONLY_WAKE_WORD and self.why == "wake"

    @property
    def ends_ringing(self) -> bool:
        """Whether it answers what rings."""
        return self.ignored in ("", "stop")

    @property
    def reply_goes_on(self) -> bool:
        """Whether the reply that it interrupted goes on."""
        if self.ignored in ("stop", TALKS_TO_ITSELF):
            return False
        return self.why in ("interruption", "resumed")

    @property
    def still_waits(self) -> bool:
        """Whether the answer to a question is still to come."""
        return self.why == "follow_up" and self.ignored == OWN_WORDS

    @property
    def notice(self) -> str:
        """What the user should know; "" for nothing."""
        if self.ignored == TALKS_TO_ITSELF:
            return "I hear my own voice again and again, so I am silent now until I am called."
        return f"I heard my own words, and leave them: “{self.transcript.text}”" if self.ignored == OWN_WORDS else ""


class Acceptance:
    """Judges utterances that have ended."""

    def __init__(
        self,
        recognition: StreamingRecognition,
        verification: WakeVerification,
        own: OwnWords,
        sound: SoundBuffer,
        clock: SourceClock,
    ) -> None:
        self._recognition, self._verification, self._own = recognition, verification, own
        self._sound, self._clock = sound, clock

    async def judge(self, utterance: Utterance, ended: EndReason) -> Verdict:
        """Transcribes an utterance to its end and judges it.

        Raises:
            Exception: what transcribing raised.
        """
        whole = await utterance.whole(self._sound, self._clock.now)
        utterance.times.transcript = self._clock.wall()
        transcript = self._recognition.final(whole.transcript)
        ignored = self._echo(utterance, transcript.text)
        ignored = ignored or await self._recognition.rejection(utterance, transcript, ended)
        if utterance.candidate is not None:
            ignored = await self._verification.verify(utterance.candidate) or ignored
        goes_on = utterance.why != "follow_up" and self._recognition.says_go_on(transcript.text)
        return Verdict(whole.clip, transcript, utterance.why, ignored, goes_on)

    def _echo(self, utterance: Utterance, text: str) -> str:
        """Why words are the assistant's own; "" when they are not."""
        start = utterance.speech_start
        if utterance.before and text.startswith(utterance.before):  # a request, and perhaps the answer's echo after it
            text, start = text[len(utterance.before) :], utterance.resumed_at
        judged = self._own.judge(text, start, utterance.speech_end, called=utterance.why in CALLED)
        return {"": "", "own": OWN_WORDS, "enough": TALKS_TO_ITSELF}[judged]
