"""Lists abilities: all, one part, or those near a request that no intent serves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant import AssistantError, Decision, Dialogue, Reply, Services, Turn

from .declining import declined_surely, shipped
from .feelings import feeling_of
from .wording import Language, language_of, say

__all__ = ["admit", "help", "names_area"]

Ability = tuple[str, str, tuple[str, ...]]
"""name, summary, examples"""

SUGGESTIONS = 2
CANDIDATES = 4
"""of the model's candidates whose examples are compared with a request"""
LOST = 3
"""turns in a row that nothing served, after which a person is offered"""
PERSON = "customer_service.talk_to_person"
NEAR = 0.55
"""cosine similarity of a request and an example from which an ability is worth naming: on 26 requests, those that an
ability serves reach 0.57 and more, others 0.50 at most"""
SHOWN = 3
"""examples of an area"""
LONGEST = 60
"""characters of a request that are quoted"""

WORDS = re.compile(r"[a-z]{3,}")
URGENT = (".emergency", ".crisis_support")
CALLS_FOR_HELP = re.compile(r"\W*help(?:\W+(?:me|help))*\W*[!！]+\W*|(?:帮帮我|帮助|帮我)[!！]+", re.IGNORECASE)
POLITE = re.compile(
    r"^(?:(?:please|hey|hi|ok|okay|so|can you|could you|would you|will you|i want you to|i need you to"
    r"|i'?d like you to|i would like you to)\b[\s,]*)+|^(?:请|麻烦|你?能不能|可以|能)?(?:帮我|给我|替我)?",
    re.IGNORECASE,
)


async def help(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:  # noqa: A001 - the intent is named so
    """Say what I can do, area by area; ask a user who only calls for help whether it is an emergency."""
    language = language_of(turn.utterance)
    if CALLS_FOR_HELP.fullmatch(turn.utterance) and await dialogue.ask(say("help_urgent", language), kind=bool):
        return Reply(say("help_numbers", language))
    # A Chinese list holds sentences to say, and those of an emergency are none to show as an example.
    shown = [each for each in services.intents() if language != "zh" or not each[0].endswith(URGENT)]
    abilities = [ability for ability in shown if ability[2]]
    if chosen := _named(turn.utterance, abilities):
        return Reply("\n".join(_line(ability, language) for ability in chosen))
    groups = _by_plugin(ability for ability in abilities if not ability[0].startswith("fallback."))
    words = set(WORDS.findall(turn.utterance.lower()))
    if one := next((group for plugin, group in groups.items() if set(_spoken(plugin).split()) <= words), None):
        return Reply("\n".join(_line(ability, language) for ability in one))
    lines = [say("help_title", language)]
    for plugin, whole in groups.items():
        spoken = [each for each in whole if language_of(_example(each[2], language)) == language]
        group = spoken if language == "zh" else whole
        if not group:
            continue
        some = group[:: max(1, len(group) // SHOWN)][:SHOWN]
        tried = " · ".join(f"“{_example(ability[2], language)}”" for ability in some)
        lines.append(f"  {tried}" if language == "zh" else f"  {_spoken(plugin).capitalize()}: {tried}")
    if language != "zh":
        lines.append(say("help_more", language, area=_spoken(next(iter(groups), ""))))
    areas = ("、" if language == "zh" else ", ").join(map(_spoken, groups))
    example = _example(abilities[0][2], language) if abilities else ""
    return Reply("\n".join(lines), speech=say("help_speech", language, areas=areas, example=example))


def names_area(text: str) -> bool:
    """Returns whether the text asks for help with a plugin by name: "help with clock"."""
    named = HELP_WITH.fullmatch(text.strip().lower())
    return named is not None and named["area"].replace(" ", "_") in shipped()


HELP_WITH = re.compile(r"help (?:me )?with (?:the |my )?(?P<area>[a-z ]+?)\W*")
NEVER_MIND = re.compile(
    r"\W*(?:(?:oh|no|ok|okay|please)\W+)?(?:never\s?mind|forget (?:it|that|about it)|cancel(?: (?:it|that))?|nothing"
    r"|leave it|don't bother|neither(?: of them)?|none of (?:them|these|those)"
    r"|vergiss es|egal|nichts|schon gut|lass es|keine?s? davon"
    r"|算了吧?|取消吧?|不用了|没事了?|都不是)\W*",
    re.IGNORECASE,
)
"""said where nothing is open, such as after the question which of two things is meant"""


async def admit(turn: Turn, decision: Decision, services: Services) -> Reply:
    """An honest "I don't know" in the user's language that names what comes nearest."""
    language = language_of(turn.utterance)
    if not any(map(str.isalnum, turn.utterance)):  # "???!!" says no more than nothing
        return Reply(say("unknown_picture" if turn.images else "unknown_sound", language))
    if NEVER_MIND.fullmatch(turn.utterance):
        return Reply(say("never_mind", language))
    if (cannot := declined_surely(turn, decision)) is not None:
        return cannot
    if decision.source == "statement":
        feeling = await feeling_of(turn.utterance, services)
        if feeling != "plain":
            return Reply(say(f"told_{feeling}", language))
        before = await services.conversation(turn.session, 1)
        return Reply(say("told_after" if before and before[-1].data else "told", language))
    abilities = {ability[0]: ability for ability in services.intents() if ability[2] and _is_task(ability[0])}
    nearest = await _nearest(turn.utterance, decision, list(abilities.values()), services)
    text = _not_served(turn.utterance, language)
    if nearest:
        joint = "；" if language == "zh" else "; "
        text += _space(language) + say(
            "nearest", language, things=joint.join(_thing(*each, language) for each in nearest)
        )
    if PERSON in abilities and await _lost(turn, services):
        text += _space(language) + say("ask_a_person", language, example=_example(abilities[PERSON][2], language))
    speech = say("nearest_speech", language, example=nearest[0][1]) if nearest else ""
    return Reply(text, speech=speech, data={"unserved": True})


def _not_served(text: str, language: Language) -> str:
    """Say that no intent serves a request, with its words and the entities understood."""
    from assistant.understanding.entities import find_entities

    said = POLITE.sub("", " ".join(text.split())).rstrip(" .?!。？！")
    shortened = said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
    told = say("unknown_request", language, request=shortened) if said else say("unknown", language)
    found = [entity for entity in find_entities(text) if entity.kind != "number"][:3]
    if not found:
        return told
    joint = "、" if language == "zh" else ", "
    things = joint.join(say(f"kind_{entity.kind}", language, text=entity.text) for entity in found)
    return told + _space(language) + say("understood", language, things=things)


def _thing(ability: Ability, example: str, language: Language) -> str:
    """Describes an ability and how to ask for it."""
    if language == "zh":
        return f"“{example}”"
    summary = ability[1].rstrip(".")
    return f"{summary[:1].lower()}{summary[1:]} ({say('say_like', language, example=example)})"


def _space(language: Language) -> str:
    return "" if language == "zh" else " "


async def _lost(turn: Turn, services: Services) -> bool:
    """Returns whether the turns before were not understood either, so that a person should help."""
    earlier = await services.conversation(turn.session, LOST - 1)
    return len(earlier) == LOST - 1 and all(each.outcome == "out_of_scope" for each in earlier)


async def _nearest(
    text: str, decision: Decision, abilities: Sequence[Ability], services: Services
) -> list[tuple[Ability, str]]:
    """The abilities near a request, nearest first, each with the example that is most like it."""
    likely = [candidate.intent for candidate in decision.candidates[:CANDIDATES]]
    known = [ability for ability in abilities if not likely or ability[0] in likely]
    language = language_of(text)
    pairs = [
        (ability, each) for ability in known for each in ability[2] if "{" not in each and language_of(each) == language
    ]
    try:
        vectors = await services.encode_text([_bare(text), *(_bare(example) for _, example in pairs)])
    except AssistantError:
        return []
    scores = vectors[1:] @ vectors[0]
    best: dict[str, tuple[float, Ability, str]] = {}
    for (ability, example), score in zip(pairs, scores, strict=True):
        if float(score) >= max(NEAR, best.get(ability[0], (0.0,))[0]):
            best[ability[0]] = (float(score), ability, example)
    ranked = sorted(best.values(), key=lambda each: -each[0])[:SUGGESTIONS]
    return [(ability, example) for _, ability, example in ranked]


def _bare(text: str) -> str:
    """A sentence without "please" and 帮我, which make unlike requests look alike."""
    return POLITE.sub("", text.strip()) or text


def _named(text: str, abilities: Iterable[Ability]) -> list[Ability]:
    """The abilities whose names are in the text, as in "help with the quiz_me"."""
    words = set(WORDS.findall(text.lower().replace("_", " ")))
    return [a for a in abilities if _is_task(a[0]) and set(_spoken(a[0]).split()) <= words]


def _by_plugin(abilities: Iterable[Ability]) -> dict[str, list[Ability]]:
    groups: dict[str, list[Ability]] = {}
    for ability in abilities:
        groups.setdefault(ability[0].partition(".")[0], []).append(ability)
    return groups


def _line(ability: Ability, language: Language) -> str:
    like = say("say_like", language, example=_example(ability[2], language))
    return f"  · {_example(ability[2], language)}" if language == "zh" else f"  · {ability[1]} {like}"


def _example(examples: Sequence[str], language: Language) -> str:
    """A short example without open slots, in the user's language where there is one."""
    whole = [each for each in examples if "{" not in each] or [re.sub(r"\{\w+\}", "…", each) for each in examples]
    fitting = [each for each in whole if language_of(each) == language] or whole[:1]
    likely = 8 if language == "zh" else 16  # characters of a sentence that is neither curt nor long
    return min(fitting[:4], key=lambda each: abs(len(each) - likely))


def _is_task(name: str) -> bool:
    """Returns whether an intent does a task; courtesies do not help a user who wanted something else."""
    return not name.startswith("fallback.") and not name.endswith(URGENT)


def _spoken(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")
