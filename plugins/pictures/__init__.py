"""Says what a picture shows, as far as the picture encoder can tell: things, colours, places, light, writing."""

from __future__ import annotations

from assistant import Manifest, Option, Register, Reply, Services, Turn, hookimpl

from .answering import answer_if_asked, compare_pictures, describe_picture, read_writing
from .questions import asks_to_read
from .wording import examples_of

__all__ = ["MANIFEST", "answer_fallback", "register_intents"]

MANIFEST = Manifest(
    title="Pictures",
    summary="Says what a picture shows, in what colours and where, reads it out, and compares pictures.",
    translations={
        "zh": ("图片", "说明图片里有什么、颜色和位置，读出文字，比较图片。"),
        "de": (
            "Bilder",
            "Sagt, was ein Bild zeigt, wo und in welchen Farben, liest Schrift vor und vergleicht Bilder.",
        ),
    },
    timeout=120.0,  # a large model of the user's own on a small computer
    options=(
        Option(
            "model",
            "",
            'a vision-language model that answers instead, "hub:owner/name" or "dir:/path"; "" for none',
        ),
        Option("words", 80, "most tokens of its answers"),
    ),
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare the questions about pictures."""
    register(describe_picture, acts=False, any_picture=True, **examples_of("describe_picture"))
    register(read_writing, acts=False, matches=asks_to_read, **examples_of("read_writing"))
    register(compare_pictures, acts=False, **examples_of("compare_pictures"))


@hookimpl(tryfirst=True)
async def answer_fallback(turn: Turn, services: Services) -> Reply | None:
    """Answer a question about this turn's picture that the intent model did not recognise."""
    return await answer_if_asked(turn, services)
