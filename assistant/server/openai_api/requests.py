"""What OpenAI's clients send; fields that have no meaning here are taken and left aside."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ChatMessage", "ChatRequest", "SpeechRequest", "StreamOptions"]


class ChatMessage(BaseModel):
    """One message of the conversation."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None


class StreamOptions(BaseModel):
    """How to stream."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A conversation whose last message is to be answered. Settings of language models are taken and left aside."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field("assistant", description="Any name; there is one assistant.", examples=["assistant"])
    messages: list[ChatMessage] = Field(
        min_length=1,
        description="The last one is the turn: text, and pictures as data URLs.",
        examples=[[{"role": "user", "content": "Throw a 20 sided die."}]],
    )
    stream: bool | None = Field(None, description="Answer as chat.completion.chunk events, sentence by sentence.")
    stream_options: StreamOptions | None = None
    n: int | None = None
    response_format: dict[str, Any] | None = None


class SpeechRequest(BaseModel):
    """A text to say."""

    model_config = ConfigDict(extra="ignore")

    input: str = Field(description="What to say, plain text.", examples=["The train leaves at ten."])
    model: str = Field("assistant-voice", description="Any name; there is one voice.")
    voice: Any = Field(None, description="Any name; there is one voice.")
    response_format: Literal["mp3", "opus", "flac", "wav", "pcm"] = Field(
        "mp3", description="pcm is 16-bit, mono, 24 kHz."
    )
    speed: float = Field(1.0, ge=0.25, le=4.0, description="Spoken from 0.5 to 2; 1 is normal.")
    stream_format: Literal["audio", "sse"] = "audio"
