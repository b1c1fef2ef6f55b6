"""The emergency answer and the crisis answer."""

from __future__ import annotations

import asyncio
import logging

from assistant import Reply, Services, Turn, UserError

from .alarm_replies import crisis_reply, emergency_reply
from .facts import read_facts
from .languages import alarm_in, crisis_perhaps_in
from .notes import Notes, note_of, opening
from .red_flags import denied_or_over, nothing_now, only_asleep, red_flags
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
    if not found and alarm_in(turn.utterance) is None and denied_or_over(turn.utterance):
        return Reply(say("nothing_now", language_of(turn.utterance)))
    # The model may send a turn here that no rule knows; the call is still the right advice.
    reply = emergency_reply(found, language_of(turn.utterance))
    made = note_of(turn.id, turn, [opening(turn)], facts, level="emergency", advice=reply.text)
    try:
        await asyncio.to_thread(Notes(services.data_dir).add, made)
    except (UserError, OSError):
        LOG.exception("The note of an emergency could not be kept.")  # the answer matters more
    return reply


def crisis_support(turn: Turn) -> Reply:
    """Be there for someone who thinks of harming themselves, and name who helps at once."""
    language = language_of(turn.utterance)
    if nothing_now(turn.utterance):
        return Reply(f"{say('figure', language)}\n{say('crisis_lines', language)}", speech=say("figure", language))
    if "self_harm" not in read_facts(turn.utterance).present:  # only the model thinks so
        return crisis_perhaps_in(turn.utterance)
    return crisis_reply(turn.utterance)
