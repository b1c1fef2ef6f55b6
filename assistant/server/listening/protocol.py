"""The messages of `/v1/listen`: what a client may send, and the loop's events as it gets them."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant import events
from assistant.errors import InputError
from assistant.server.error_responses import explain
from assistant.server.listening.microphone import Format
from assistant.server.schemas import SessionName

__all__ = ["TOLD", "Start", "read_message", "read_start", "shown"]

TOLD: dict[type[events.Event], str] = {
    events.FirstSound: "first_sound",
    events.IntentRecognized: "intent",
    events.ItemsDropped: "dropped",
    events.ListeningStarted: "listening",
    events.Notice: "notice",
    events.PartialTranscript: "partial",
    events.SoundLevel: "level",
    events.SpeakingFinished: "spoken",
    events.SpeakingInterrupted: "interrupted",
    events.SpeakingStarted: "speaking",
    events.SpeechEnded: "speech_end",
    events.TranscriptReady: "transcript",
    events.UtteranceIgnored: "ignored",
    events.VoiceStateChanged: "state",
    events.WakeWordHeard: "wake",
}
"""event → its ``type`` on the wire"""


class Start(BaseModel):
    """The first message of a client."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["start"]
    session: SessionName | None = Field(None, description="Conversation to go on with; a new one by default.")
    mode: Literal["wake", "push_to_talk", "always"] | None = Field(
        None, description="What begins a spoken turn; as in the settings by default."
    )
    format: Format = Field("pcm16", description="Sound that is sent: pcm16, or opus with one packet a message.")
    rate: int = Field(16_000, description="Hertz of pcm16.")
    reply_rate: Literal[16_000, 24_000, 48_000] = Field(24_000, description="Hertz of the replies' sound.")
    echo: Literal["server", "client"] = Field(
        "server", description="Who removes the assistant's own voice from the microphone's sound."
    )
    barge_in: bool | None = Field(None, description="Whether speech interrupts a reply; as in the settings by default.")
    silence: float | None = Field(None, ge=0.2, le=3.0, description="Seconds of silence that end a sentence.")
    announcements: bool = Field(True, description="Whether timers, alarms and reminders of this client are said here.")
    repeat_question: bool = Field(True, description="Whether an open question is asked again at the start.")


def read_start(text: str) -> Start:
    """Reads the first message; raises InputError for a wrong one."""
    try:
        return Start.model_validate(read_message(text))
    except ValidationError as error:
        first = dict(error.errors()[0])
        if first["loc"] == ("type",):
            raise InputError('The first message must be {"type": "start", …}.') from error
        raise InputError(explain(first)) from error


def read_message(text: str) -> dict[str, Any]:
    """Reads a text message; raises InputError unless it is a JSON object with a type."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("That text message is not JSON; sound is sent as binary messages.") from error
    if not isinstance(values, dict) or not isinstance(values.get("type"), str):
        raise InputError('A text message is a JSON object with a type, such as {"type": "push"}.')
    return values


def shown(event: events.Event) -> dict[str, Any]:
    """An event as the client gets it."""
    values = {name: value for name, value in event.to_json().items() if name not in ("event", "session", "at")}
    return {"type": TOLD[type(event)], **values}
