"""Whether an utterance becomes a turn: was it speech, the user's, called for, and a request?"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.speech.endpointing import EndReason
from assistant.types import AudioClip, Transcript
from assistant.voice.clock import SourceClock
from assistant.voice.front_end import SoundBuffer
from assistant.voice.own_words import OwnWords
from assistant.voice.streaming_recognition import StreamingRecognition
from assistant.voice.utterance import Utterance
from assistant.voice.wake_verification import WakeVerification

__all__ = ["OWN_WORDS", "TALKS_TO_ITSELF", "Acceptance", "Verdict"]

OWN_WORDS = "my own words"
TALKS_TO_ITSELF = "my own words again"
CALLED = frozenset({"wake", "push"})
"""how an utterance began that is meant for the assistant"""


@dataclass(frozen=True)
class Verdict:
    """What was heard, and why it leads to nothing."""

    clip: AudioClip
    transcript: Transcript
    ignored: str
    """"" for a turn"""


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
        return Verdict(whole.clip, transcript, ignored)

    def _echo(self, utterance: Utterance, text: str) -> str:
        """Why words are the assistant's own; "" when they are not."""
        start = utterance.speech_start
        if utterance.before and text.startswith(utterance.before):  # a request, and perhaps the answer's echo after it
            text, start = text[len(utterance.before) :], utterance.resumed_at
        judged = self._own.judge(text, start, utterance.speech_end, called=utterance.why in CALLED)
        return {"": "", "own": OWN_WORDS, "enough": TALKS_TO_ITSELF}[judged]
