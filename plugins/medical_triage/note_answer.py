"""The note for the doctor, asked for in the conversation."""

from __future__ import annotations

import asyncio

from assistant import Reply, Services, Turn

from .calm import says
from .facts import plain
from .note_commands import write_page
from .note_page import spoken
from .notes import Notes
from .wording import language_of, say

__all__ = ["doctor_note"]


async def doctor_note(turn: Turn, services: Services) -> Reply:
    """Write a page for the doctor with what was said, understood and advised, but without a doctor's findings."""
    language = language_of(turn.utterance)
    if says("doctors_finding", plain(turn.utterance)):
        return Reply(say("doctors_finding", language))
    kept = Notes(services.data_dir)
    notes = await asyncio.to_thread(kept.all, turn.session)
    if not notes:
        return Reply(say("note_none", language))
    path = kept.page(notes[-1]["key"])
    await asyncio.to_thread(write_page, path, notes[-1:])
    return Reply(say("note_made", language, path=path), speech=spoken(notes[-1]), attachments=(str(path),))
