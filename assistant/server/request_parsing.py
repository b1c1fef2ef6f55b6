"""Requests into turns: JSON or a form with files. No path that a client names is ever opened; only its bytes are."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from assistant.errors import ImageError
from assistant.inputs.assembler import MAX_ATTACHED, clean_text
from assistant.inputs.decoder import Decoder
from assistant.inputs.image_file import pixels_of
from assistant.server.error_responses import ErrorResponse, explain
from assistant.server.schemas import TurnRequest
from assistant.settings import Settings
from assistant.types import AudioClip, Picture, content_hash

__all__ = [
    "RECORDINGS",
    "ParsedTurn",
    "decode_base64",
    "open_picture",
    "open_recording",
    "read_request",
]

KNOWN = "There are text, session, language, stream, images and audio; a form has files in image and audio."
RECORDINGS = "WAV, FLAC, OGG, MP3, AIFF, M4A, WebM."
TEXT_FIELDS = 16
"""maximum number of form fields that are not files"""


@dataclass(frozen=True, eq=False)
class ParsedTurn:
    """A client's request. Its files stay encoded, because an open picture takes a hundred times the memory."""

    text: str
    session: str | None
    language: str
    images: tuple[bytes, ...] = ()
    audio: bytes | None = None
    stream: bool = False
    """whether the answer is wanted as events"""

    @property
    def fingerprint(self) -> str:
        """The same for the same request sent again."""
        return content_hash(self.text, self.session or "", self.language, self.audio or b"", *self.images)

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        return len(self.text) + len(self.audio or b"") + sum(map(len, self.images))

    async def pixels(self, settings: Settings) -> int:
        """Number of pixels of its pictures, none decoded. InputError for an unusable picture or too many pixels."""
        most = settings.serve.max_megapixels
        given = (most, "serve.max_megapixels")
        counts = [
            await asyncio.to_thread(pixels_of, content, f"picture {number}", *given)
            for number, content in enumerate(self.images, 1)
        ]
        pixels, limit = sum(counts), settings.serve.megapixels_a_request
        if pixels > limit * 1e6:
            raise ImageError(
                f"the pictures of the request have {pixels / 1e6:.0f} million pixels together, more than {limit:g}; "
                "send fewer or smaller ones, or raise the setting serve.megapixels_a_request",
                too_large=True,
            )
        return pixels

    async def opened(self, settings: Settings) -> tuple[tuple[Picture, ...], AudioClip | None]:
        """Its pictures and its recording; InputError when one cannot be used, or is too large (`too_large`)."""
        pictures = [
            await open_picture(content, settings, f"picture {number}") for number, content in enumerate(self.images, 1)
        ]
        clip = await open_recording(self.audio, settings) if self.audio is not None else None
        return tuple(pictures), clip


@cache
def _decoder() -> Decoder:
    """The process that decodes clients' files; it can be killed, and serves the whole server."""
    return Decoder()


async def open_picture(content: bytes, settings: Settings, source: str = "the picture") -> Picture:
    """A picture as it was sent, decoded; ImageError when it cannot be read, or is too large (`too_large`)."""
    most = settings.serve.max_megapixels
    return await asyncio.to_thread(_decoder().decode_picture, content, source, most, "serve.max_megapixels")


async def open_recording(content: bytes, settings: Settings) -> AudioClip:
    """A recording as it was sent, as sound; AudioError when it cannot be read, or is too long (`too_large`)."""
    most = settings.serve.max_minutes
    return await asyncio.to_thread(_decoder().decode_audio, content, "the recording", most, "serve.max_minutes")


async def read_request(request: Request, settings: Settings) -> ParsedTurn:
    """The turn that a request means; ErrorResponse when it means none here, InputError when its text cannot be used."""
    if _media_type(request) == "multipart/form-data":
        async with request.form(max_files=MAX_ATTACHED + 1, max_fields=TEXT_FIELDS) as form:
            return await _from_form(form, settings)
    asked = _checked(await _json(request))
    images = tuple(decode_base64(image, f"images.{number}") for number, image in enumerate(asked.images))
    return _parsed(asked, settings, images, decode_base64(asked.audio, "audio") if asked.audio else None)


def decode_base64(text: str, where: str) -> bytes:
    """The bytes of a file within JSON: base64, or a data URL; ErrorResponse when it is neither."""
    head, comma, data = text.partition(",")
    if comma and not head.startswith("data:"):
        data = "?"
    if head.startswith("data:") and not head.endswith(";base64"):
        return unquote_to_bytes(data)
    try:
        return base64.b64decode("".join((data if comma else text).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        what_to_do = "Send its bytes as base64, or as a data URL."
        raise ErrorResponse(400, "bad_input", f"{where} is not a file in base64.", what_to_do, param=where) from error


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _json(request: Request) -> Any:
    if _media_type(request) not in ("application/json", ""):
        what_to_do = "Send application/json, or multipart/form-data with files."
        raise ErrorResponse(415, "bad_request", "The body is neither JSON nor a form.", what_to_do)
    try:
        return json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError) as error:
        raise ErrorResponse(400, "bad_request", "The body is not JSON.", 'Send such as {"text": "hello"}.') from error


def _checked(values: Any) -> TurnRequest:
    try:
        return TurnRequest.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise ErrorResponse(422, "bad_request", explain(dict(first)), KNOWN) from error


async def _from_form(form: FormData, settings: Settings) -> ParsedTurn:
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    for name in fields.keys() & {"image", "images", "audio"}:
        raise ErrorResponse(
            422, "bad_request", f"{name} is not a file.", f"Send the file itself: curl -F {name}=@FILE …"
        )
    request = _checked(fields)
    files = [name for name, value in form.multi_items() if not isinstance(value, str)]
    if unknown := set(files) - {"image", "audio"}:
        raise ErrorResponse(
            422, "bad_request", f"There is no file called {min(unknown)}.", "Call them image and audio."
        )
    if files.count("image") > MAX_ATTACHED or files.count("audio") > 1:
        error = f"That is too much: at most {MAX_ATTACHED} pictures and one recording make a turn."
        raise ErrorResponse(413, "too_large", error, "Send fewer.")
    pictures = [await _content(upload, "image") for upload in form.getlist("image")]
    recording = await _content(form["audio"], "audio") if "audio" in files else None
    return _parsed(request, settings, tuple(pictures), recording)


def _parsed(
    request: TurnRequest, settings: Settings, images: tuple[bytes, ...] = (), audio: bytes | None = None
) -> ParsedTurn:
    text = clean_text(request.text, settings.text.max_chars)
    if not (text or images or audio is not None):
        raise ErrorResponse(400, "bad_input", "There is nothing to answer.", "Send a text, an image or an audio file.")
    return ParsedTurn(text, request.session, request.language, images, audio, request.stream)


async def _content(upload: object, name: str) -> bytes:
    if not isinstance(upload, UploadFile):
        raise ErrorResponse(
            422, "bad_request", f"{name} is not a file.", f"Send the file itself: curl -F {name}=@FILE …"
        )
    return await upload.read()
