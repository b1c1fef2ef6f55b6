"""Replies to an emergency and to a crisis; needs no services."""

from __future__ import annotations

from assistant import Reply

from .facts import plain
from .rules import Rule
from .wording import Language, language_of, say

__all__ = ["crisis_perhaps", "crisis_reply", "emergency_perhaps", "emergency_reply"]

REASONS = 2
MATERNITY = "maternity_"
"""how the ids of the rules begin that send to the maternity unit"""

URGENT = "urgent"
"""the key under which a reply that told to call says how sure it was: "sure" or "perhaps" """


def emergency_reply(found: list[Rule], language: Language) -> Reply:
    """The emergency answer with the reasons of the rules that hold."""
    if found and all(rule.id.startswith(MATERNITY) for rule in found):
        return _maternity_reply(found, language)
    parts = [say("emergency", language)]
    parts += list(dict.fromkeys(rule.reason(language) for rule in found))[:REASONS]
    if any(rule.id == "overdose" for rule in found):
        parts.append(say("poison", language))
    parts.append(say("emergency_while_waiting", language))
    names = list(dict.fromkeys(rule.source.name for rule in found[:REASONS]))
    parts.append(say("sources", language, names="; ".join(names) or "NHS: When to call 999"))
    return Reply("\n".join(parts), speech=say("emergency_speech", language), data={URGENT: "sure"})


def _maternity_reply(found: list[Rule], language: Language) -> Reply:
    """The answer to warning signs in pregnancy: kind, and at once."""
    parts = [say("maternity_loss", language)] if any(rule.id == "maternity_loss" for rule in found) else []
    parts += [say("maternity", language), *dict.fromkeys(rule.reason(language) for rule in found[:REASONS])]
    parts.append(say("sources", language, names="; ".join(dict.fromkeys(rule.source.name for rule in found[:REASONS]))))
    return Reply("\n".join(parts), speech=say("maternity_speech", language))


def emergency_perhaps(language: Language) -> Reply:
    """The emergency number for someone who may need it."""
    parts = ("emergency_perhaps", "emergency_while_waiting", "emergency_perhaps_else")
    text = "\n".join(say(name, language) for name in parts)
    return Reply(text, speech=say("emergency_perhaps_speech", language), data={URGENT: "perhaps"})


def crisis_perhaps(language: Language) -> Reply:
    """The crisis lines for someone who may need them."""
    parts = (say(name, language) for name in ("crisis_perhaps", "crisis_lines", "crisis_now"))
    return Reply("\n".join(parts), speech=say("crisis_perhaps_speech", language))


OTHERS = (
    *("friend", "brother", "sister", " she ", " he ", "daughter", "朋友", "她", "他"),
    *("freund", "bruder", "schwester", "tochter", " sohn ", " sie ", " er "),
)
"""words for the person that the user worries about"""
ONESELF = (" i want", " i dont want", " im ", " i feel", "我不想", "我想", " ich ", " mich ", " mir ")


def crisis_reply(text: str, language: Language = "") -> Reply:
    """The crisis answer, to the person or to someone who worries about them; in the text's language if it is ""."""
    language, words = language or language_of(text), f" {plain(text)} "
    other = any(word in words for word in OTHERS) and not any(word in words for word in ONESELF)
    parts = [say("crisis_other" if other else "crisis", language), say("crisis_lines", language)]
    parts.append(say("crisis_now_other" if other else "crisis_now", language))
    return Reply("\n".join(parts), speech=say("crisis_speech", language))
