"""The emergency answer and the crisis answer."""

from __future__ import annotations

import asyncio
import logging

from assistant import Reply, Services, Turn, UserError

from .facts import plain, read_facts
from .notes import Notes, note_of, opening
from .red_flags import nothing_now, only_asleep, red_flags
from .rules import Rule, matching
from .wording import Language, language_of, say

__all__ = ["crisis_perhaps", "crisis_reply", "crisis_support", "emergency", "emergency_reply"]

LOG = logging.getLogger(__name__)
REASONS = 2


async def emergency(turn: Turn, services: Services) -> Reply:
    """Say to call the emergency number at once, and what to do until help comes.

    A figure of speech or a story that was sent here gets the number, but no alarm and no note.
    """
    if only_asleep(turn.utterance):
        return Reply(say("asleep", language_of(turn.utterance)))
    if nothing_now(turn.utterance):
        return Reply(say("nothing_now", language_of(turn.utterance)))
    facts, found = red_flags(turn.utterance)
    # The model may send a turn here that no rule knows; the call is still the right advice.
    found = found or matching(read_facts(turn.utterance), red_flags_only=True)
    reply = emergency_reply(found, language_of(turn.utterance))
    made = note_of(turn.id, turn, [opening(turn)], facts, level="emergency", advice=reply.text)
    try:
        await asyncio.to_thread(Notes(services.data_dir).add, made)
    except (UserError, OSError):
        LOG.exception("The note of an emergency could not be kept.")  # the answer matters more
    return reply


def emergency_reply(found: list[Rule], language: Language, like: str = "") -> Reply:
    """The emergency answer with the reasons of the rules that hold, or else why it is like one."""
    parts = [say("emergency", language)]
    parts += [like] if like else list(dict.fromkeys(rule.reason(language) for rule in found))[:REASONS]
    if any(rule.id == "overdose" for rule in found):
        parts.append(say("poison", language))
    parts.append(say("emergency_while_waiting", language))
    names = list(dict.fromkeys(rule.source.name for rule in found[:REASONS])) if not like else []
    parts.append(say("sources", language, names="; ".join(names) or "NHS: When to call 999"))
    return Reply("\n".join(parts), speech=say("emergency_speech", language))


def crisis_support(turn: Turn) -> Reply:
    """Be there for someone who thinks of harming themselves, and name who helps at once."""
    language = language_of(turn.utterance)
    if nothing_now(turn.utterance):
        return Reply(f"{say('figure', language)}\n{say('crisis_lines', language)}", speech=say("figure", language))
    if "self_harm" not in read_facts(turn.utterance).present:  # only the model thinks so
        return crisis_perhaps(language)
    return crisis_reply(turn.utterance)


def crisis_perhaps(language: Language) -> Reply:
    """The crisis lines for someone who may need them."""
    parts = (say(name, language) for name in ("crisis_perhaps", "crisis_lines", "crisis_now"))
    return Reply("\n".join(parts), speech=say("crisis_perhaps_speech", language))


def crisis_reply(text: str) -> Reply:
    """The crisis answer, to the person or to someone who worries about them."""
    language, words = language_of(text), plain(text)
    other = any(
        word in words for word in ("friend", "brother", "sister", " she ", " he ", "daughter", "朋友", "她", "他")
    )
    other = other and not any(
        word in f" {words} " for word in (" i want", " i dont want", " im ", " i feel", "我不想", "我想")
    )
    parts = [say("crisis_other" if other else "crisis", language), say("crisis_lines", language)]
    parts.append(say("crisis_now_other" if other else "crisis_now", language))
    return Reply("\n".join(parts), speech=say("crisis_speech", language))
