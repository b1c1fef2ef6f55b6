"""``/v1/audio/transcriptions``: recordings to text, with times where they are asked for."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Response, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.server.app_state import Client, Here
from assistant.server.error_responses import ErrorResponse
from assistant.server.request_parsing import RECORDINGS, open_recording
from assistant.server.schemas import ERRORS
from assistant.types import AudioClip, Transcript

__all__ = ["TranscriptionRequest", "cues", "srt", "transcriptions", "vtt"]


transcriptions = APIRouter(tags=["OpenAI"])

Granularity = Literal["word", "segment"]

MOST_PROMPT = 1000
"""characters of a prompt; Whisper reads the last 220 tokens or so"""


class TranscriptionRequest(BaseModel):
    """A recording to be written down."""

    model_config = ConfigDict(extra="ignore")

    file: UploadFile = Field(description="A recording: " + RECORDINGS)
    model: str = Field("whisper-1", description="Any name; the model of the settings is used.")
    language: str = Field("", description="ISO 639-1; heard by default.")
    prompt: str = Field("", description="Words said before, for spelling and style.")
    response_format: Literal["json", "text", "verbose_json", "srt", "vtt"] = "json"
    granularities: list[Granularity] = Field([], alias="timestamp_granularities[]", description="Of verbose_json.")
    timestamp_granularities: list[Granularity] = Field([], description="The same.")
    stream: bool = Field(False, description="transcript.text.delta events, then transcript.text.done.")

    @property
    def times(self) -> frozenset[Granularity]:
        """The units whose times are requested."""
        return frozenset((*self.granularities, *self.timestamp_granularities))

    @property
    def words(self) -> bool:
        """Whether the time of each word is needed."""
        return self.response_format in ("srt", "vtt") or "word" in self.times


@transcriptions.post("/v1/audio/transcriptions", summary="Transcribe a recording", responses=ERRORS)
async def transcribe(
    asked: Annotated[TranscriptionRequest, Form(media_type="multipart/form-data")], here: Here, client: Client
) -> Response:
    """As OpenAI's transcriptions: the words of a recording, as json, text, verbose_json, srt or vtt."""
    if asked.times and asked.response_format != "verbose_json":
        what_to_do, param = "Use response_format=verbose_json.", "timestamp_granularities"
        raise ErrorResponse(400, "bad_input", "Times need another format.", what_to_do, param=param)
    language = asked.language.replace("_", "-").partition("-")[0].lower()  # zh-CN, en_US
    prompt = " ".join(asked.prompt.split())[-MOST_PROMPT:]
    content = await asked.file.read()
    async with here.turn_service.limiter.admitted():
        clip = await open_recording(content, here.settings)
        heard = await here.app.transcribe(clip, language, prompt=prompt, words=asked.words, keep=False)
    if asked.stream:
        from sse_starlette import EventSourceResponse

        return EventSourceResponse(_events(heard), sep="\n")
    match asked.response_format:
        case "text":
            return PlainTextResponse(heard.text + "\n")
        case "srt":
            return PlainTextResponse(srt(heard), media_type="application/x-subrip")
        case "vtt":
            return PlainTextResponse(vtt(heard), media_type="text/vtt")
        case "verbose_json":
            return JSONResponse(_verbose(asked, clip, heard))
    return JSONResponse({"text": heard.text, "usage": _usage(clip)})


def _verbose(asked: TranscriptionRequest, clip: AudioClip, heard: Transcript) -> dict[str, Any]:
    found: dict[str, Any] = {
        "task": "transcribe",
        "language": heard.language,
        "duration": round(clip.duration, 3),
        "text": heard.text,
        "usage": _usage(clip),
    }
    if not asked.times or "segment" in asked.times:
        found["segments"] = [_segment(number, each, heard) for number, each in enumerate(heard.segments)]
    if asked.words:
        found["words"] = [
            {"word": word, "start": round(start, 2), "end": round(end, 2)} for start, end, word in heard.words
        ]
    return found


def _segment(number: int, segment: tuple[float, float, str], heard: Transcript) -> dict[str, Any]:
    start, end, text = segment
    data = text.encode()
    return {
        "id": number,
        "seek": round(start * 100),
        "start": round(start, 2),
        "end": round(end, 2),
        "text": text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(heard.avg_logprob, 4),
        "compression_ratio": round(len(data) / max(1, len(zlib.compress(data))), 4),
        "no_speech_prob": round(heard.no_speech, 4),
    }


async def _events(heard: Transcript) -> AsyncIterator[str]:
    rest = heard.text
    for _, _, text in heard.segments:
        piece, rest = rest[: rest.find(text) + len(text)], rest[rest.find(text) + len(text) :]
        yield json.dumps({"type": "transcript.text.delta", "delta": piece}, ensure_ascii=False)
    yield json.dumps({"type": "transcript.text.done", "text": heard.text}, ensure_ascii=False)


def _usage(clip: AudioClip) -> dict[str, Any]:
    return {"type": "duration", "seconds": round(clip.duration, 3)}


LONGEST = 7.0
"""seconds that a subtitle stays"""
WIDEST = 84
"""characters of a subtitle: two lines of 42"""

Cue = tuple[float, float, str]


def cues(heard: Transcript) -> list[Cue]:
    """Start and end in seconds and text of each subtitle: the words where they are known, else the stretches."""
    if not heard.words:
        return list(heard.segments)
    glue = "" if len(heard.words) > 1 and " " not in heard.text else " "
    found: list[Cue] = []
    for start, end, word in heard.words:
        last = found[-1] if found else None
        if last and end - last[0] <= LONGEST and len(last[2]) + len(word) < WIDEST and last[2][-1] not in ".?!。？！":
            found[-1] = last[0], end, f"{last[2]}{glue}{word}"
        else:
            found.append((start, end, word))
    return found


def srt(heard: Transcript) -> str:
    """As SubRip."""
    return "\n".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{text}\n"
        for number, (start, end, text) in enumerate(cues(heard), 1)
    )


def vtt(heard: Transcript) -> str:
    """As WebVTT; characters that are markup there are escaped."""
    blocks = (
        f"{_clock(start, '.')} --> {_clock(end, '.')}\n{text.replace('&', '&amp;').replace('<', '&lt;')}\n"
        for start, end, text in cues(heard)
    )
    return "WEBVTT\n\n" + "\n".join(blocks)


def _clock(seconds: float, point: str) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}{point}{whole % 1000:03}"
