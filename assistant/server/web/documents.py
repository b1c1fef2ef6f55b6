"""Documents that are dropped on the page go into the user's library, where questions about them are answered."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request

from assistant.errors import InputError, TextError
from assistant.folders import write_private
from assistant.inputs.decoder import Decoder
from assistant.inputs.document_file import DOCUMENT_ENDINGS, DOCUMENT_NAMES
from assistant.server.app_state import Client, Here
from assistant.settings import data_dir

__all__ = ["documents"]

documents = APIRouter(prefix="/v1/web", include_in_schema=False)

MOST_CHARACTERS, MOST_SCANS = 300_000, 20
"""of one document: read while other turns wait for the models"""


@documents.post("/documents", summary="Add a document to the library")
async def add_document(
    request: Request, here: Here, client: Client, name: Annotated[str, Query(min_length=1, max_length=200)]
) -> dict[str, str]:
    """The body is the document, its `name` tells the kind; what could not be read of it is told."""
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
