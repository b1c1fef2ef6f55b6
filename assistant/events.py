"""Events of the assistant that any part may listen to.

Events are milestones: small, frozen, and made of plain values, so that each can be
written as JSON. Sound and pictures never travel on the bus.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any, dataclass_transform

__all__ = [
    "Announced",
    "DialogueAsked",
    "Event",
    "FirstSound",
    "IntentRecognized",
    "ItemsDropped",
    "ListeningStarted",
    "ModelLoaded",
    "ModelLoading",
    "Notice",
    "PartialTranscript",
    "PluginFailed",
    "ReplyPart",
    "ReplyReady",
    "SoundLevel",
    "SpeakingFinished",
    "SpeakingInterrupted",
    "SpeakingStarted",
    "SpeechEnded",
    "StageFinished",
    "TranscriptReady",
    "TurnCancelled",
    "TurnFailed",
    "TurnHeard",
    "TurnStarted",
    "UtteranceIgnored",
    "VoiceStateChanged",
    "WakeWordHeard",
]


@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events; each subclass is a frozen dataclass whose fields are given by name."""

    at: float = field(default_factory=time.time)
    """seconds since the epoch"""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)

    def to_json(self) -> dict[str, Any]:
        """The event as plain values, with its class name under "event"."""
        return {"event": type(self).__name__, **asdict(self)}


# A turn


class TurnStarted(Event):
    """A turn entered the pipeline."""

    turn: str
    session: str
    modalities: tuple[str, ...]
    speaker: str = ""
    """as in `assistant.types.Turn`"""


class StageFinished(Event):
    """A turn left one stage of the pipeline."""

    turn: str
    stage: str
    milliseconds: float


class TurnHeard(Event):
    """A turn's recording was transcribed."""

    turn: str
    text: str
    """"" without speech"""
    language: str
    """ISO 639-1; "" without speech"""


class IntentRecognized(Event):
    """The decision about a turn."""

    turn: str
    intent: str
    confidence: float
    outcome: str


class DialogueAsked(Event):
    """A plugin asked the user a question and waits for the answer."""

    turn: str
    session: str
    plugin: str
    question: str


class ReplyPart(Event):
    """The next piece of a streamed reply; `ReplyReady` holds the whole."""

    turn: str
    session: str
    text: str
    """follows what was shown before it"""
    speech: str
    """what is said aloud of it; blank for nothing"""
    start: int
    """characters of the reply before it"""


class ReplyReady(Event):
    """A turn has its answer."""

    turn: str
    session: str
    text: str
    intent: str


class TurnCancelled(Event):
    """A turn was stopped before it had its answer."""

    turn: str
    session: str


class TurnFailed(Event):
    """A turn ended in an error; the session goes on."""

    turn: str
    session: str
    reason: str


# Announcements


class Announced(Event):
    """A scheduled announcement is due."""

    session: str
    """conversation in which it was asked for"""
    plugin: str
    text: str
    speech: str
    """what is said aloud"""
    late: float
    """seconds after its time"""
    insistent: bool
    """it rings on until it is stopped"""
    data: dict[str, Any] = field(default_factory=dict)
    """for programs, as plain JSON values"""


# The assistant


class ModelLoading(Event):
    """A model is being loaded."""

    model: str


class ModelLoaded(Event):
    """A model is ready."""

    model: str
    seconds: float


class PluginFailed(Event):
    """A plugin failed to load, raised, hung or flooded; the others go on."""

    plugin: str
    where: str
    """the hook or intent it failed in"""
    reason: str


class ItemsDropped(Event):
    """A bounded queue was full."""

    queue: str
    count: int
    """dropped since the start"""


class Notice(Event):
    """Something the user should know, in one line."""

    text: str


# The voice loop. Every `second` is on the clock of the microphone or recording: samples heard so far / 16000.


class VoiceStateChanged(Event):
    """The voice loop has changed its state."""

    session: str
    state: str
    """"idle", "listening", "thinking", "speaking" or "follow_up" """
    second: float


class SoundLevel(Event):
    """Loudness of the last second."""

    decibels: float
    """root mean square, dB below full scale: 0 is the loudest, -100 silence"""
    second: float


class WakeWordHeard(Event):
    """A wake word was heard."""

    session: str
    word: str
    probability: float
    """0 to 1"""
    second: float


class ListeningStarted(Event):
    """From here on, speech is for the assistant."""

    session: str
    why: str
    """"wake", "push", "speech" (always listening), "follow_up", "interruption", "stop" or "resumed" """
    start: float
    """second from which the sound counts"""
    second: float


class PartialTranscript(Event):
    """The transcript so far of a sentence that is still being spoken."""

    session: str
    text: str
    second: float
    """how far it was listened to"""


class SpeechEnded(Event):
    """The speaker has finished, or was taken to have."""

    session: str
    reason: str
    """"silence", "complete", "longest", "released", "nothing said" or "unknown" """
    speech_end: float
    """second of the last sound of speech"""
    second: float


class TranscriptReady(Event):
    """The final transcript of an utterance."""

    session: str
    text: str
    rejected: str
    """why the words were thrown away; "" when they were kept"""
    avg_logprob: float
    """mean log-probability of the tokens, nats"""
    no_speech: float
    """probability that there was no speech, 0 to 1"""
    second: float


class UtteranceIgnored(Event):
    """An utterance was dropped without a reply."""

    session: str
    reason: str
    second: float


class SpeakingStarted(Event):
    """A reply goes to the voice."""

    turn: str
    session: str
    text: str
    second: float


class FirstSound(Event):
    """The first sample of a reply is heard."""

    turn: str
    session: str
    latency_ms: dict[str, float]
    """milliseconds per step since the real end of speech, and "to first sound" for the whole"""
    second: float


class SpeakingInterrupted(Event):
    """A reply was cut short, or never begun."""

    turn: str
    session: str
    by: str
    """"speech", "stop", "wake", "push" or "resumed" (the speaker had not finished)"""
    second: float


class SpeakingFinished(Event):
    """A reply was said to its end."""

    turn: str
    session: str
    second: float
