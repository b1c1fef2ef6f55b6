"""The emergency answer and the crisis answer."""

from __future__ import annotations

import asyncio
import logging

from assistant import Reply, Services, Turn, UserError

from .alarm_meaning import alarm_by_meaning, surely_calm
from .alarm_replies import crisis_reply, emergency_reply
from .calm import says
from .facts import plain, read_facts
from .languages import alarm_in, crisis_perhaps_in, emergency_perhaps_in
from .notes import Notes, note_of, opening
from .red_flags import denied_or_over, nothing_now, only_asleep, red_flags
from .remaining import remaining
from .still_urgent import still_urgent
from .wording import language_of, say

__all__ = ["crisis_support", "emergency"]

LOG = logging.getLogger(__name__)


async def emergency(turn: Turn, services: Services) -> Reply:
    """Say to call the emergency number at once, and what to do until help comes.

    A figure of speech or a story that was sent here gets the number, but no alarm and no note.
    """
    if only_asleep(turn.utterance):
        return Reply(say("asleep", language_of(turn.utterance)))
    if nothing_now(turn.utterance):
        return Reply(say("nothing_now", language_of(turn.utterance)))
    facts, found = red_flags(turn.utterance)
    known = found or alarm_in(turn.utterance) is not None
    if not known and (again := await still_urgent(turn, services)):
        return again
    if not known and await _nothing_meant(turn.utterance, services):
        asked = says("doctors_finding", plain(turn.utterance))
        return Reply(say("doctors_finding" if asked else "nothing_now", language_of(turn.utterance)))
    reply = emergency_reply(found, language_of(turn.utterance)) if known else emergency_perhaps_in(turn.utterance)
    made = note_of(turn.id, turn, [opening(turn)], facts, level="emergency", advice=reply.text)
    try:
        await asyncio.to_thread(Notes(services.data_dir).add, made)
    except (UserError, OSError):
        LOG.exception("The note of an emergency could not be kept.")  # the answer matters more
    return reply


async def _nothing_meant(text: str, services: Services) -> bool:
    """Returns whether a text that only the intent model considers an emergency is none."""
    if says("lost", plain(remaining(text))):
        return False
    if await surely_calm(text, services):
        return True
    return denied_or_over(text) and not await alarm_by_meaning(text, services)


async def crisis_support(turn: Turn, services: Services) -> Reply:
    """Be there for someone who thinks of harming themselves, and name who helps at once."""
    language = language_of(turn.utterance)
    named = "self_harm" in read_facts(turn.utterance).present
    figure = nothing_now(turn.utterance)
    if figure or (not named and await surely_calm(turn.utterance, services)):
        calm = say("figure" if figure else "nothing_now", language)
        return Reply(f"{calm}\n{say('crisis_lines', language)}", speech=calm)
    if not named:
        return crisis_perhaps_in(turn.utterance)
    return crisis_reply(turn.utterance)
