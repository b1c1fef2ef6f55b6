"""The bodies of requests and responses, as OpenAPI shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = [
    "ERRORS",
    "SESSION",
    "AlternativeBody",
    "AnswerBody",
    "DeletedBody",
    "ErrorBody",
    "HitBody",
    "IntentBody",
    "Language",
    "LibraryRequest",
    "ReplyBody",
    "SegmentBody",
    "SessionBody",
    "SessionName",
    "SessionSummaryBody",
    "SlotBody",
    "SpeechRequest",
    "StoredTurnBody",
    "TranscriptionBody",
    "TurnRequest",
]

SESSION = r"^[\w.@+-]{1,100}$"
"""letters of any script, digits, dots, dashes: what fits into an address and a line"""

SessionName = Annotated[str, StringConstraints(pattern=SESSION)]
Language = Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3})?$")]


class TurnRequest(BaseModel):
    """The user's input. Send large files as multipart/form-data, in image and audio."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("", description="What was typed.", examples=["Throw a 20 sided die."])
    session: SessionName | None = Field(None, description="Conversation to go on with; a new one by default.")
    language: Language = Field("", description="Spoken language of the recording, ISO 639-1; heard by default.")
    stream: bool = Field(False, description="Answer as Server-Sent Events.")
    images: list[str] = Field([], max_length=8, description="Up to 8 pictures, as base64 or data URLs.")
    audio: str = Field("", description="A recording, as base64 or a data URL.")


class LibraryRequest(BaseModel):
    """A search of the library."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("", description="Words that mean it.", examples=["the letter about the kettle"])
    image: str = Field("", description="A picture that is like it, as base64 or a data URL.")
    kind: Literal["text", "image", "audio"] | None = Field(None, description="Only this kind.")
    top: int = Field(10, ge=1, le=100, description="Most results.")


class HitBody(BaseModel):
    """Something that was found."""

    source: str = Field(description="The file's path on the server's machine.")
    kind: str = Field(description='"text", "image" or "audio".')
    text: str = Field(description="The passage, or what is said.")
    place: str = Field(description="Where in the file, for people.")
    start: float | None = Field(description="Seconds into a recording.")
    end: float | None = Field(description="Seconds into a recording.")
    score: float = Field(description="Larger is better; comparable within one search.")


class SpeechRequest(BaseModel):
    """A text to speak."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(description="What to say, plain text.", examples=["The train leaves at ten."])
    language: Language = Field("", description="ISO 639-1; by default told from the letters.")


class ErrorBody(BaseModel):
    """Every error looks like this."""

    error: str = Field(description="What is wrong, one line.")
    what_to_do: str = Field(description="One line.")
    code: str = Field(description='For programs, such as "busy" or "too_large".')


ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorBody, "description": "What was sent cannot be used."},
    401: {"model": ErrorBody, "description": "No token, or an unknown one."},
    413: {"model": ErrorBody, "description": "Too large: the request, a picture, a recording or a text."},
    422: {"model": ErrorBody, "description": "Not what is expected here."},
    429: {"model": ErrorBody, "description": "Too much to do; Retry-After says when to send it again."},
    503: {"model": ErrorBody, "description": "A model or the database is not there, or the server is being stopped."},
    504: {"model": ErrorBody, "description": "It took too long."},
}
"""status → how a route describes it"""


class AlternativeBody(BaseModel):
    """Another intent, and how sure the assistant is of it."""

    intent: str
    confidence: float = Field(description="0 to 1, calibrated.")


class ReplyBody(BaseModel):
    """The assistant's answer."""

    text: str
    speech: str = Field(description="What to say aloud, often shorter; for /v1/speech.")
    follow_up: bool = Field(description="Whether it waits for an answer in the same session.")
    attachments: list[str] = Field(description="Addresses of files that belong to the answer, on this server.")
    data: dict[str, Any] = Field(description="The answer for programs, as the plugin gives it.")


class AnswerBody(BaseModel):
    """A turn with its results, as `assistant ask --json` prints it."""

    turn: str = Field(description="Its id.")
    session: str = Field(description="Send it with the next turn to go on.")
    text: str
    transcript: str | None = Field(description="What was said in the recording.")
    intent: str = Field(description='"PLUGIN.what", or "out_of_scope".')
    plugin: str | None
    confidence: float = Field(description="0 to 1, calibrated.")
    alternatives: list[AlternativeBody]
    contributions: dict[str, float] = Field(description="Share of text, image and audio in the decision; sums to 1.")
    out_of_scope: bool
    outcome: str = Field(description='"answer", "clarify" (it asks what was meant) or "out_of_scope".')
    reply: ReplyBody
    latency_ms: dict[str, float] = Field(description='Milliseconds per stage, and "total".')
    notices: list[str] = Field(description="What was missing or went wrong on the way, for people.")


class SessionSummaryBody(BaseModel):
    """A conversation at a glance."""

    session: str
    turns: int
    first_at: float = Field(description="Seconds since the epoch.")
    last_at: float = Field(description="Seconds since the epoch.")
    last_text: str
    first_text: str


class StoredTurnBody(BaseModel):
    """A turn as it was stored."""

    model_config = ConfigDict(extra="allow")

    id: str
    at: float = Field(description="Seconds since the epoch.")
    text: str
    transcript: str | None
    status: str = Field(description='"open", "answered", "cancelled" or "failed".')
    intent: str
    confidence: float
    outcome: str
    reply: str
    attachments: list[str]


class SessionBody(BaseModel):
    """A conversation."""

    session: str
    turns: list[StoredTurnBody] = Field(description="Oldest first.")
    question: str | None = Field(description="What the assistant waits to hear, if anything.")


class DeletedBody(BaseModel):
    """The deleted session."""

    session: str
    turns: int = Field(description="How many turns it had.")


class SegmentBody(BaseModel):
    """A stretch of speech."""

    start: float = Field(description="Seconds.")
    end: float = Field(description="Seconds.")
    text: str


class TranscriptionBody(BaseModel):
    """The transcript of a recording."""

    text: str = Field(description='"" without speech.')
    language: str = Field(description='ISO 639-1; "" without speech.')
    duration: float = Field(description="Seconds of the recording.")
    rejected: str = Field(description='Why words were thrown away ("no speech", "repetition"); "" when they were kept.')
    segments: list[SegmentBody]


class SlotBody(BaseModel):
    """A value that an intent takes."""

    name: str
    type: str
    required: bool
    choices: list[str]


class IntentBody(BaseModel):
    """One thing the assistant can do."""

    name: str
    plugin: str
    summary: str
    examples: list[str]
    slots: list[SlotBody]
