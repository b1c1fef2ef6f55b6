"""The user's library: files found by meaning."""

from __future__ import annotations

from fastapi import APIRouter

from assistant.errors import SettingsError
from assistant.server.app_state import Client, Here
from assistant.server.error_responses import ErrorResponse
from assistant.server.request_parsing import decode_base64, open_picture
from assistant.server.schemas import ERRORS, HitBody, LibraryRequest

__all__ = ["library"]

library = APIRouter(tags=["Library"])


@library.post("/v1/library/search", summary="Find files by meaning", responses=ERRORS)
async def search(body: LibraryRequest, here: Here, client: Client) -> list[HitBody]:
    """Search the library by words, by a picture, or both; best first."""
    if not body.text.strip() and not body.image:
        raise ErrorResponse(400, "bad_input", "There is nothing to search for.", "Send a text, an image, or both.")
    picture = None
    async with here.turn_service.limiter.admitted():
        if body.image:
            picture = await open_picture(decode_base64(body.image, "image"), here.settings)
        try:
            hits = await here.app.find(body.text, picture, body.top, body.kind)
        except SettingsError as error:
            raise ErrorResponse(501, "not_there", str(error), "Ask whoever runs this server to install it.") from error
    names = ("source", "kind", "text", "place", "start", "end", "score")
    return [HitBody(**{name: getattr(hit, name) for name in names}) for hit in hits]
