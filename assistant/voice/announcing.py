"""Every milestone of a spoken conversation, as an event with its second."""

from __future__ import annotations

from assistant.bus import Bus
from assistant.events import (
    FirstSound,
    ListeningStarted,
    Notice,
    PartialTranscript,
    SpeakingFinished,
    SpeakingInterrupted,
    SpeakingStarted,
    SpeechEnded,
    TranscriptReady,
    UtteranceIgnored,
    VoiceStateChanged,
    WakeWordHeard,
)
from assistant.speech.endpointing import EndReason
from assistant.types import Transcript
from assistant.voice.clock import SourceClock

__all__ = ["Announcer"]


class Announcer:
    """Announces what happens in one conversation. Seconds are the sound's, rounded to the millisecond.

    Args:
        bus: where everything is announced.
        session: the conversation.
        clock: says what second it is.
    """

    def __init__(self, bus: Bus, session: str, clock: SourceClock) -> None:
        self.session = session
        self._bus, self._clock = bus, clock

    # Listening

    def state(self, state: str) -> None:
        """The loop does something else now."""
        self._bus.publish(VoiceStateChanged(session=self.session, state=state, second=self._now()))

    def wake_word(self, word: str, probability: float, at: float) -> None:
        """A wake word was heard at a second, with a probability of 0 to 1."""
        second = round(at, 3)
        probability = round(probability, 3)
        self._bus.publish(WakeWordHeard(session=self.session, word=word, probability=probability, second=second))

    def listening(self, why: str, start: float) -> None:
        """An utterance is listened to, from a second on."""
        start = round(start, 3)
        self._bus.publish(ListeningStarted(session=self.session, why=why, start=start, second=self._now()))

    def speech_ended(self, reason: EndReason, speech_end: float) -> None:
        """An utterance has ended; its last word did at second `speech_end`."""
        end = round(speech_end, 3)
        self._bus.publish(SpeechEnded(session=self.session, reason=reason, speech_end=end, second=self._now()))

    def partial(self, text: str, until: float) -> None:
        """What has been said up to a second."""
        self._bus.publish(PartialTranscript(session=self.session, text=text, second=round(until, 3)))

    def transcript(self, transcript: Transcript) -> None:
        """What an utterance says, for good."""
        self._bus.publish(
            TranscriptReady(
                session=self.session,
                text=transcript.text,
                rejected=transcript.rejected,
                avg_logprob=round(transcript.avg_logprob, 3),
                no_speech=round(transcript.no_speech, 3),
                second=self._now(),
            )
        )

    def ignored(self, reason: str) -> None:
        """What was heard leads to nothing."""
        self._bus.publish(UtteranceIgnored(session=self.session, reason=reason, second=self._now()))

    # Speaking; `turn` is the id of the turn that is answered, "" for none

    def speaking(self, turn: str, text: str) -> None:
        """A reply begins to be said."""
        self._bus.publish(SpeakingStarted(turn=turn, session=self.session, text=text, second=self._now()))

    def first_sound(self, turn: str, latency_ms: dict[str, float]) -> None:
        """The loudspeaker lets a reply's first sample out."""
        self._bus.publish(FirstSound(turn=turn, session=self.session, latency_ms=latency_ms, second=self._now()))

    def interrupted(self, turn: str, by: str) -> None:
        """What was thought or said is cut off."""
        self._bus.publish(SpeakingInterrupted(turn=turn, session=self.session, by=by, second=self._now()))

    def spoken(self, turn: str) -> None:
        """A reply was said to its end."""
        self._bus.publish(SpeakingFinished(turn=turn, session=self.session, second=self._now()))

    def notice(self, text: str) -> None:
        """A line for the user to read."""
        self._bus.publish(Notice(text=text))

    def _now(self) -> float:
        return round(self._clock.now, 3)
