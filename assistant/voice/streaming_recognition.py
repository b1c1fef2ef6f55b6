"""What an utterance says while it is being spoken and at its end, and whether it was meant for us at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from assistant.errors import AssistantError
from assistant.settings import Voice
from assistant.speech.endpointing import EndReason
from assistant.speech.partials import Heard
from assistant.types import AudioClip, Transcript
from assistant.voice.announcing import Announcer
from assistant.voice.clock import FlowControl
from assistant.voice.command_words import is_open, only_nods, says_stop, without_wake_word
from assistant.voice.interfaces import Outlook, VoiceBackend
from assistant.voice.utterance import Utterance

__all__ = ["ONLY_WAKE_WORD", "StreamingRecognition"]

ONLY_WAKE_WORD = "only the wake word"
UNCALLED = 0.75
"""how sure a request must be of somebody who has not called us: a novel read aloud often sounds a little like one"""


class StreamingRecognition:
    """Listens to utterances with the assistant's ears.

    Args:
        house: the assistant.
        announce: tells what was understood.
        settings: section `voice`.
        wake_words: taken out of what was said.
        hold: held while listening.
    """

    def __init__(
        self, house: VoiceBackend, announce: Announcer, settings: Voice, wake_words: Collection[str], hold: FlowControl
    ) -> None:
        self._house, self._announce, self._settings = house, announce, settings
        self._wake_words, self._hold = tuple(wake_words), hold

    async def hear(self, clip: AudioClip) -> Transcript:
        """What is said in a clip."""
        with self._hold():
            return await self._house.hear(clip)

    async def partly(self, utterance: Utterance, heard: Heard) -> None:
        """A partial transcript: at a pause it may show that the request is complete, or surely not."""
        text = self._meant(heard.transcript).text
        if text and text != utterance.words:
            self._announce.partial(text, heard.until)
        utterance.words = text
        if not text or not _still_pausing(utterance, heard):
            return
        if says_stop(text):
            utterance.end.completeness = "complete"
        elif is_open(text):
            utterance.end.completeness = "open"
        elif outlook := await self._foresee(text):
            sure = outlook.outcome == "answer" and outlook.confidence >= self._settings.early_confidence
            if sure and outlook.complete and _still_pausing(utterance, heard):
                utterance.end.completeness = "complete"

    def apply_policy(self, heard: Heard) -> Transcript:
        """The transcript for good, without the wake word."""
        transcript = self._meant(heard.transcript)
        if not transcript.text and not transcript.rejected:
            transcript = replace(transcript, rejected=ONLY_WAKE_WORD)
        self._announce.transcript(transcript)
        return transcript

    async def rejected(self, utterance: Utterance, transcript: Transcript, ended: EndReason) -> str:
        """Why an utterance leads to nothing; "" when it is a turn.

        What was said without the wake word, or went on for too long, must be a request that we know: it may be
        the television.
        """
        if not transcript.text:
            return transcript.rejected
        waiting = await self._house.open_question(self._announce.session)
        if waiting is None and says_stop(transcript.text):
            return "stop"
        if waiting is None and utterance.why == "interruption" and only_nods(transcript.text):
            return "only a nod"
        if waiting is None and (utterance.why == "speech" or ended == "longest"):
            outlook = await self._foresee(transcript.text)
            if outlook is None or outlook.outcome == "out_of_scope":
                return "not meant for me"
            sure = outlook.outcome == "answer" and outlook.confidence >= UNCALLED
            if utterance.why == "speech" and not sure:
                return "not meant for me"
        return ""

    def _meant(self, transcript: Transcript) -> Transcript:
        return replace(transcript, text=without_wake_word(transcript.text, self._wake_words))

    async def _foresee(self, text: str) -> Outlook | None:
        try:
            with self._hold():
                return await self._house.preview(self._announce.session, text)
        except AssistantError:
            return None


def _still_pausing(utterance: Utterance, heard: Heard) -> bool:
    return utterance.end.pausing and heard.until >= utterance.speech_end
