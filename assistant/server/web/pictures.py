"""Pictures of turns and of the library, explanations, and uploaded documents."""

from __future__ import annotations

import asyncio
import hmac
import io
from functools import partial
from pathlib import Path
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from PIL import Image

from assistant.errors import InputError, StorageError, TextError
from assistant.folders import write_private
from assistant.inputs.decoder import Decoder
from assistant.inputs.document_file import DOCUMENT_ENDINGS, DOCUMENT_NAMES
from assistant.inputs.image_file import read_picture
from assistant.server.app_state import Client, Here
from assistant.server.error_responses import missing
from assistant.server.turn_service import namespaced, own_turn
from assistant.server.web.routes import Login
from assistant.settings import data_dir
from assistant.storage import Attachments, StoredTurn
from assistant.types import Transcript, Turn, new_id

__all__ = ["documents", "pictures"]

pictures = APIRouter(prefix="/v1/web", include_in_schema=False)

SIZES = {"small": 320, "large": 1280}
"""pixels of the longer side"""
FOUND = 24
"""things of the library that are shown"""
KEPT = {"Cache-Control": "private, max-age=86400, immutable", "Content-Security-Policy": "default-src 'none'"}


@pictures.get("/turns/{turn}/pictures/{number}", summary="Get a picture that was shown")
async def shown_picture(here: Here, client: Client, turn: str, number: int, size: str = "small") -> Response:
    """A JPEG of it, `small` (320 pixels) or `large` (1280)."""
    stored = await own_turn(here.app, client, turn)
    if not 0 <= number < len(stored.images):
        raise missing("such picture")
    try:
        picture = await asyncio.to_thread(_kept().get_picture, stored.images[number])
        content = await asyncio.to_thread(lambda: _jpeg(picture.image, SIZES.get(size, SIZES["small"])))
    except StorageError as error:
        raise missing("such picture") from error
    return Response(content, media_type="image/jpeg", headers=KEPT)


@pictures.get("/turns/{turn}/explanation", summary="See why a turn was decided so")
async def explanation(here: Here, client: Client, turn: str) -> dict[str, Any]:
    """The weight of each word and each part of a picture; takes a second or so for a picture."""
    stored = await own_turn(here.app, client, turn)
    async with here.turn_service.limiter.admitted():
        last = here.app.last_result(stored.session)
        found = await here.app.explain_last(stored.session) if last and last.turn.id == turn else None
        _, told, notices = found or await here.app.considering.explain(await asyncio.to_thread(_again, stored, client))
    passages = [
        {
            "modality": passage.modality,
            "text": passage.text,
            "words": [
                {"start": word.start, "end": word.end, "weight": round(word.weight, 4)} for word in passage.words
            ],
        }
        for passage in told.passages
    ]
    return {**told.to_json(), "passages": passages, "latency_ms": stored.latency_ms, "notices": notices}


def _again(stored: StoredTurn, client: str) -> Turn:
    """The turn as it came in, in a conversation where no question is open."""
    images = tuple(_kept().get_picture(digest) for digest in stored.images)
    heard = Transcript(stored.transcript, "") if stored.transcript else None
    return Turn(namespaced(client, new_id()), stored.text, None, images, transcript=heard)


@pictures.get("/library", summary="Search the library")
async def search_library(
    here: Here, client: Client, login: Login, q: Annotated[str, Query(min_length=1, max_length=500)]
) -> list[dict[str, Any]]:
    """Search the library by meaning, best first; pictures with the address of a thumbnail."""
    hits = await here.app.find(q, top=FOUND)
    found = []
    for hit in hits:
        shown = {"name": FilePath(hit.source).name, "folder": str(FilePath(hit.source).parent), "kind": hit.kind}
        signature = login.sign(client, hit.source) if hit.kind == "image" else ""
        found.append(
            {
                **shown,
                "text": hit.text[:400],
                "place": hit.place,
                "score": hit.score,
                "start": hit.start,
                "picture": {"path": hit.source, "signature": signature} if signature else None,
            }
        )
    return found


@pictures.get("/library/picture", summary="Get a thumbnail of a picture in the library")
async def library_picture(
    here: Here, client: Client, login: Login, path: str, signature: str, size: str = "small"
) -> Response:
    """A JPEG of a picture that a search has found, `small` or `large`; the signature shows that it was found."""
    if not hmac.compare_digest(signature.encode(), login.sign(client, path).encode()):
        raise missing("such picture")
    most = here.settings.vision.max_megapixels
    content = await asyncio.to_thread(lambda: _jpeg(read_picture(path, most).image, SIZES.get(size, SIZES["small"])))
    return Response(content, media_type="image/jpeg", headers=KEPT)


def _kept() -> Attachments:
    return Attachments(data_dir() / "attachments")


def _jpeg(image: Image.Image, longest: int) -> bytes:
    small = image.copy()
    small.thumbnail((longest, longest))
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=84)
    return stream.getvalue()


documents = APIRouter(prefix="/v1/web", include_in_schema=False)

MOST_CHARACTERS, MOST_SCANS = 300_000, 20
"""of one document: read while other turns wait for the models"""


@documents.post("/documents", summary="Add a document to the library")
async def add_document(
    request: Request, here: Here, client: Client, name: Annotated[str, Query(min_length=1, max_length=200)]
) -> dict[str, str]:
    """The body is the document, its `name` tells the kind; the answer names its unread parts."""
    file = name.replace("\\", "/").rpartition("/")[2].strip(". ")
    if not {Path(file).suffix.lower(), file.lower()} & (DOCUMENT_ENDINGS | DOCUMENT_NAMES):
        raise TextError(f"{file or name} is of a kind that is not taken here: pictures, recordings and documents are.")
    path = data_dir() / "dropped" / file
    content = await request.body()
    async with here.turn_service.limiter.admitted():
        await asyncio.to_thread(write_private, path, lambda out: out.write(content))
        try:
            await asyncio.to_thread(_measure, path)
            await here.app.wait_ready()
            library = here.app.library(made=True)
            report = await here.app.worker.run(partial(library.add, [path]))
        except InputError:
            path.unlink(missing_ok=True)
            raise
    kept = str(path)
    if reason := report.failed.get(kept) or report.passed.get(kept):
        path.unlink(missing_ok=True)
        raise TextError(f"{file} cannot be read: {reason}")
    return {"name": file, "missing": report.partly.get(kept, "")}


def _measure(path: Path) -> None:
    """See that a document is short enough, in a process of its own that a hostile one may kill."""
    decoder = Decoder()
    characters = scans = 0
    try:
        for section in decoder.sections(path):
            characters += len(section.text)
            scans += section.picture is not None
            if characters > MOST_CHARACTERS or scans > MOST_SCANS:
                told = f"{path.name} is too long to be read in between: run `assistant library add FILE` with it."
                raise TextError(told, too_large=True)
    finally:
        decoder.close()
    if not characters and not scans:
        raise TextError(f"{path.name} holds no text")
