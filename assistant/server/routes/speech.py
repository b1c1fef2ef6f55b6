"""Speech both ways, without a conversation."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile

from assistant.server.app_state import Client, Here
from assistant.server.request_parsing import RECORDINGS, open_recording
from assistant.server.schemas import ERRORS, Language, SegmentBody, SpeechRequest, TranscriptionBody
from assistant.server.sound_encoding import wav_file
from assistant.speech import join_clips

__all__ = ["speech"]

speech = APIRouter(tags=["Speech"])


@speech.post(
    "/v1/speech",
    summary="Say a text",
    response_class=Response,
    responses={**ERRORS, 200: {"content": {"audio/wav": {}}, "description": "16-bit WAV, mono."}},
)
async def say(body: SpeechRequest, here: Here, client: Client) -> Response:
    """The text as sound, in the voice of the settings."""
    here.check_speech(body.text, "text")
    async with here.turn_service.limiter.admitted():
        clips = [clip async for clip in here.spoken(body.text, body.language)]
        content = await asyncio.to_thread(lambda: wav_file(join_clips(clips)))
    return Response(content, media_type="audio/wav")


@speech.post("/v1/transcriptions", summary="Transcribe a recording", responses=ERRORS)
async def transcribe(
    here: Here,
    client: Client,
    audio: Annotated[UploadFile, File(description="A recording: " + RECORDINGS)],
    language: Annotated[Language, Form(description="ISO 639-1; heard by default.")] = "",
) -> TranscriptionBody:
    """The words of a recording, with the seconds at which each stretch is said."""
    content = await audio.read()
    async with here.turn_service.limiter.admitted():
        clip = await open_recording(content, here.settings)
        heard = await here.app.transcribe(clip, language)
    parts = [SegmentBody(start=round(start, 2), end=round(end, 2), text=text) for start, end, text in heard.segments]
    return TranscriptionBody(
        text=heard.text,
        language=heard.language,
        duration=round(clip.duration, 2),
        rejected=heard.rejected,
        segments=parts,
    )
