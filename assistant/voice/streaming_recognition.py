"""Transcripts of an utterance while it is spoken and at its end, and whether it becomes a turn."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.errors import AssistantError
from assistant.events import PartialTranscript, TranscriptReady
from assistant.settings import Voice
from assistant.speech.endpointing import AdaptiveEndpointing, EndOfSpeech, EndReason
from assistant.speech.partials import Partial
from assistant.speech.unfinished import how_unfinished
from assistant.types import AudioClip, Transcript
from assistant.voice.clock import Announcer, FlowControl, SourceClock
from assistant.voice.command_words import (
    only_backchannel,
    says_go_on,
    says_silence,
    says_stop,
    without_wake_word,
)
from assistant.voice.front_end import SoundBuffer
from assistant.voice.interfaces import Outlook, VoiceBackend
from assistant.voice.own_words import OwnWords
from assistant.voice.utterance import Utterance, WakeVerification

__all__ = ["ONLY_WAKE_WORD", "Acceptance", "StreamingRecognition", "Verdict"]

ONLY_WAKE_WORD = "only the wake word"
BRIEF = 2
"""words, at most, of an interruption that is more likely a stop word misheard than something unknown that is asked"""
UNCALLED = 0.75
"""confidence that a request needs without a wake word: a novel read aloud often sounds a little like one"""


class StreamingRecognition:
    """Opens utterances, transcribes them as they grow without the wake words, and says when they are complete."""

    def __init__(
        self,
        backend: VoiceBackend,
        announce: Announcer,
        settings: Voice,
        endpointing: AdaptiveEndpointing,
        clock: SourceClock,
        flow: FlowControl,
    ) -> None:
        self._backend, self._announce, self._settings = backend, announce, settings
        self._wake_words = tuple(settings.all_wake_words)
        self._endpointing, self._clock, self._flow = endpointing, clock, flow

    def open(
        self,
        why: str,
        start: float,
        *,
        begun: bool = False,
        grace: float = 0.0,
        patience: float | None = None,
        floor: float = -100.0,
    ) -> Utterance:
        """Opens an utterance whose sound counts from second `start`; speech may have `begun` already.

        The first `grace` seconds are not speech of this utterance, and what is softer than `floor` decibels is someone
        else's. `why` is as in `ListeningStarted`; `patience`, seconds to wait for speech, is as set by default.
        """
        end = EndOfSpeech(
            self._endpointing,
            patience=patience or self._settings.patience,
            longest=self._settings.longest,
            early=self._settings.early_silence,
            begun=begun,
            grace=grace,
        )
        utterance = Utterance(why, max(0.0, start), end, self._transcribe, self._on_partial, self._clock.wall, floor)
        utterance.speech_end = self._clock.now
        return utterance

    async def _transcribe(self, clip: AudioClip) -> Transcript:
        with self._flow():
            return await self._backend.transcribe(clip)

    async def _on_partial(self, utterance: Utterance, partial: Partial) -> None:
        """Publishes a partial transcript; at a pause it may show that the request is complete, or surely not."""
        text = self._stripped(partial.transcript).text
        if text and text != utterance.words:
            self._announce(PartialTranscript, text=text, second=partial.until)
        utterance.words = text
        if not text or not _still_pausing(utterance, partial):
            return
        if says_silence(text, self._wake_words):  # "cancel" may still need what is cancelled
            utterance.end.completeness = "complete"
        elif unfinished := how_unfinished(text):
            utterance.end.completeness = "broken off" if unfinished == "surely" else "open"
        elif outlook := await self._preview(text):
            sure = outlook.outcome == "answer" and outlook.confidence >= self._settings.early_confidence
            if sure and outlook.complete and _still_pausing(utterance, partial):
                utterance.end.completeness = "complete"

    def final(self, transcript: Transcript) -> Transcript:
        """Publishes the transcript of a whole utterance, without the wake word."""
        transcript = self._stripped(transcript)
        if not transcript.text and not transcript.rejected:
            transcript = replace(transcript, rejected=ONLY_WAKE_WORD)
        self._announce(
            TranscriptReady,
            text=transcript.text,
            rejected=transcript.rejected,
            avg_logprob=transcript.avg_logprob,
            no_speech=transcript.no_speech,
        )
        return transcript

    async def rejection(self, utterance: Utterance, transcript: Transcript, ended: EndReason) -> str:
        """Returns why an utterance is dropped; "" if it becomes a turn.

        What was said without the wake word, or went on for too long, must be a known request: it may be the television.
        """
        if utterance.why == "stop" and (self.says_stop(transcript.text) or not await self._surely(transcript.text)):
            return "stop"  # the word was heard while the assistant spoke; a request may have followed it
        if not transcript.text:
            return transcript.rejected
        waiting = await self._backend.open_question(self._announce.session)
        if waiting is None and self.says_stop(transcript.text):
            return "stop"
        if utterance.why != "follow_up" and says_silence(transcript.text, self._wake_words):
            return "stop"  # no answer to a question that was asked long ago
        if waiting is None and utterance.why == "interruption" and only_backchannel(transcript.text):
            return "only a nod"
        brief = utterance.why == "interruption" and _words(transcript.text) <= BRIEF
        if waiting is None and (utterance.why == "speech" or ended == "longest" or brief):
            outlook = await self._preview(transcript.text)
            if outlook is None or outlook.outcome == "out_of_scope":
                return "stop" if brief else "not meant for me"  # a word that is not a request ended the reply
            if utterance.why == "speech" and not _is_sure(outlook):
                return "not meant for me"
        return ""

    def says_stop(self, text: str) -> bool:
        """Returns whether a text asks for silence, or to leave it, and nothing else."""
        return says_stop(text, self._wake_words)

    def says_go_on(self, text: str) -> bool:
        """Returns whether a text asks to go on and nothing else."""
        return says_go_on(text, self._wake_words)

    async def _surely(self, text: str) -> bool:
        """Returns whether a text is a request beyond doubt."""
        outlook = await self._preview(text) if len(text.split()) > 1 else None
        return outlook is not None and _is_sure(outlook)

    def _stripped(self, transcript: Transcript) -> Transcript:
        return replace(transcript, text=without_wake_word(transcript.text, self._wake_words))

    async def _preview(self, text: str) -> Outlook | None:
        try:
            with self._flow():
                return await self._backend.preview(self._announce.session, text)
        except AssistantError:
            return None


def _words(text: str) -> float:
    """Counts the words of a text; a Chinese sign counts half."""
    signs = len(re.findall(r"[\u3400-\u9fff]", text))
    return signs / 2 + len(re.findall(r"[^\W\u3400-\u9fff]+", text))


def _is_sure(outlook: Outlook) -> bool:
    return outlook.outcome == "answer" and outlook.confidence >= UNCALLED


def _still_pausing(utterance: Utterance, partial: Partial) -> bool:
    return utterance.end.pausing and partial.until >= utterance.speech_end


OWN_WORDS = "my own words"
TALKS_TO_ITSELF = "my own words again"
CALLED = frozenset({"wake", "push"})
"""how an utterance began that is meant for the assistant"""


@dataclass(frozen=True)
class Verdict:
    """The transcript, and the reason for which it leads to nothing."""

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
        """The notice to the user; "" for none."""
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
        """Transcribes an utterance to its end and judges it; raises what transcribing raised."""
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
