"""Reads out the print in a picture."""

from __future__ import annotations

from assistant import AssistantError, Picture, Services

from .wording import Language, say

__all__ = ["written_in"]

HARD = 0.75
"""confidence of a line of print below which it is shown as perhaps wrong"""


async def written_in(picture: Picture, services: Services, language: Language) -> str:
    """Returns the text in a picture, with doubtful lines apart; the error if it cannot be read."""
    try:
        lines = await services.read_text(picture)
    except AssistantError as error:
        return str(error)
    if not lines:
        return say("reads_nothing", language)
    parts = []
    if clear := [line.text for line in lines if line.confidence >= HARD]:
        parts.append(say("reads", language, text="\n".join(clear)))
    if hard := [line.text for line in lines if line.confidence < HARD]:
        parts.append(say("reads_unsure", language, text=" / ".join(hard)))
    return "\n".join(parts)
