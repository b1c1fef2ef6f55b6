"""What the assistant can do: the whole list, one part of it, or what comes nearest to a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant import AssistantError, Decision, Reply, Services, Turn

from .wording import Language, language_of, say

__all__ = ["admit", "help"]

Ability = tuple[str, str, tuple[str, ...]]
"""name, summary, examples"""

SUGGESTIONS = 3
LOST = 3
"""turns in a row that nobody understood, after which a person is offered"""
PERSON = "customer_service.talk_to_person"
NEAR = 0.3
"""cosine similarity from which an ability is worth naming"""

WORDS = re.compile(r"[a-z]{3,}")


def help(turn: Turn, services: Services) -> Reply:  # noqa: A001 - the intent is named so
    """List what I can do."""
    language = language_of(turn.utterance)
    abilities = [ability for ability in services.intents() if ability[2]]
    if chosen := _named(turn.utterance, abilities):
        return Reply("\n".join(_line(ability, language) for ability in chosen))
    lines = [say("help_title", language)]
    for plugin, group in _by_plugin(abilities).items():
        lines.append(f"\n{_spoken(plugin)}")
        lines.extend(_line(ability, language) for ability in group)
    areas = ", ".join(_spoken(plugin) for plugin in _by_plugin(abilities))
    example = _example(abilities[0][2], language) if abilities else ""
    return Reply("\n".join(lines), speech=say("help_speech", language, areas=areas, example=example))


NEVER_MIND = re.compile(
    r"\W*(?:(?:oh|no|ok|okay|please)\W+)?(?:never\s?mind|forget (?:it|that|about it)|cancel(?: (?:it|that))?|nothing"
    r"|leave it|don't bother|neither(?: of them)?|none of (?:them|these|those)"
    r"|算了吧?|取消吧?|不用了|没事了?|都不是)\W*",
    re.IGNORECASE,
)
"""said where nothing is open, such as after the question which of two things is meant"""


async def admit(turn: Turn, decision: Decision, services: Services) -> Reply:
    """An honest "I don't know" in the user's language that names what comes nearest."""
    language = language_of(turn.utterance)
    if not turn.utterance.strip():
        return Reply(say("unknown_picture" if turn.images else "unknown_sound", language))
    if NEVER_MIND.fullmatch(turn.utterance):
        return Reply(say("never_mind", language))
    abilities = {ability[0]: ability for ability in services.intents() if ability[2] and _is_task(ability[0])}
    nearest = await _nearest(turn.utterance, decision, list(abilities.values()), services)
    if not nearest:
        return Reply(say("unknown", language))
    examples = [_example(ability[2], language) for ability in nearest]
    things = ("；" if language == "zh" else "; ").join(
        f"{_spoken(ability[0])} ({say('say_like', language, example=example)})"
        for ability, example in zip(nearest, examples, strict=True)
    )
    text = say("unknown", language) + " " + say("nearest", language, things=things)
    if PERSON in abilities and await _lost(turn, services):
        text += " " + say("ask_a_person", language, example=_example(abilities[PERSON][2], language))
    return Reply(text, speech=say("nearest_speech", language, example=examples[0]))


async def _lost(turn: Turn, services: Services) -> bool:
    """Whether the turns before were not understood either: then somebody else should help."""
    earlier = await services.conversation(turn.session, LOST - 1)
    return len(earlier) == LOST - 1 and all(each.outcome == "out_of_scope" for each in earlier)


async def _nearest(text: str, decision: Decision, abilities: Sequence[Ability], services: Services) -> list[Ability]:
    """The abilities whose examples are most like the text; the model's candidates when sentences cannot be compared."""
    if not abilities:
        return []
    phrases = [_example(ability[2], language_of(text)) for ability in abilities]
    try:
        vectors = await services.encode_text([text, *phrases])
    except AssistantError:
        known = {ability[0]: ability for ability in abilities}
        guesses = [known[c.intent] for c in decision.candidates if c.intent in known]
        return (guesses or list(abilities))[:SUGGESTIONS]
    scores = vectors[1:] @ vectors[0]
    order = sorted(range(len(abilities)), key=lambda i: -float(scores[i]))
    near = [abilities[i] for i in order if float(scores[i]) >= NEAR]
    return (near or [abilities[i] for i in order])[:SUGGESTIONS]


def _named(text: str, abilities: Iterable[Ability]) -> list[Ability]:
    """The abilities of a plugin or intent that the text names, as in "help with the quiz_me"."""
    words = set(WORDS.findall(text.lower().replace("_", " ")))
    return [a for a in abilities if set(_spoken(a[0].partition(".")[2]).split()) <= words and "." in a[0]]


def _by_plugin(abilities: Iterable[Ability]) -> dict[str, list[Ability]]:
    groups: dict[str, list[Ability]] = {}
    for ability in abilities:
        groups.setdefault(ability[0].partition(".")[0], []).append(ability)
    return groups


def _line(ability: Ability, language: Language) -> str:
    name, summary, examples = ability
    like = say("say_like", language, example=_example(examples, language))
    return f"  · {_spoken(name.partition('.')[2])}: {like}" if language == "zh" else f"  · {summary} {like}"


def _example(examples: Sequence[str], language: Language) -> str:
    """A short example in the user's language without open slots; the first one when there is none."""
    fitting = [e for e in examples if "{" not in e and language_of(e) == language]
    likely = 8 if language == "zh" else 16  # characters of a sentence that is neither curt nor long
    return min(fitting[:4], key=lambda e: abs(len(e) - likely)) if fitting else examples[0]


def _is_task(name: str) -> bool:
    """Courtesies are no help to somebody who wanted something else."""
    return not name.startswith("fallback.") and not name.endswith((".emergency", ".crisis_support"))


def _spoken(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")
