"""Answers questions about pictures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from assistant import Dialogue, Picture, Reply, Services, Turn

from .colours import colours_of, main_colours
from .comparing import compare
from .describing import describe, fine_name, joined, listed, named_colours, style
from .looking import DARK, View, look, map_of, place_of, things, words_on
from .questions import (
    Aspect,
    alternatives,
    asks_whether,
    aspect_of,
    colour_named,
    thing_meant,
    things_named,
)
from .things import LIKELY, Thing
from .vision_language import ask_model
from .wording import Language, language_of, say
from .writing import written_in

__all__ = ["answer_if_asked", "compare_pictures", "describe_picture", "read_writing"]

FAINT = 0.05
"""probability up to which a thing is said not to be seen"""
CLEAR = 0.5
"""share of a thing's main colour from which it is told without "perhaps" """
VISIBLE = 0.15
"""probability of a thing from which its colour and its place are told"""
DAYLIGHT = 0.5
"""mean brightness from which a picture suits daylight"""
PRIME = 0.5
"""probability from which the class of a thing that was asked for is told as an answer"""


async def describe_picture(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Say what a picture shows, where, and in what colours."""
    return await _answer(turn, dialogue, services, "all")


async def read_writing(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Read out the writing in a picture."""
    return await _answer(turn, dialogue, services, "text")


async def compare_pictures(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Compare two pictures."""
    return await _answer(turn, dialogue, services, "compare")


async def answer_if_asked(turn: Turn, services: Services) -> Reply | None:
    """The answer to words that ask something of the picture they come with; None for any others."""
    if not turn.images or not turn.utterance.strip():
        return None
    asked = aspect_of(turn.utterance) != "all" or _speaks_of_picture(turn.utterance)
    asked = asked or bool(things_named(turn.utterance, things()))
    if not asked or (aspect_of(turn.utterance) == "compare" and len(turn.images) < 2):
        return None
    return await _answer(turn, None, services, "all")


async def _answer(turn: Turn, dialogue: Dialogue | None, services: Services, meant: Aspect) -> Reply:
    language = language_of(turn.utterance)
    aspect = aspect_of(turn.utterance, meant)
    pictures, earlier = await _pictures(turn, dialogue, services, 2 if aspect == "compare" else 1)
    answer = await ask_model(turn.utterance, pictures, services)
    if answer.text:
        return Reply(
            say("marked", language, answer=answer.text, model=answer.model),
            speech=say("marked_speech", language, answer=answer.text),
            data={"vision_language_model": answer.model},
        )
    parts = [await _told(turn.utterance, pictures, services, aspect, language)]
    if aspect == "compare":
        parts += [say("only_two", language, count=len(turn.images))] if len(turn.images) > 2 else []
    elif len(turn.images) > 1:
        parts.append(say("of_several", language, count=len(turn.images)))
    parts += [say("earlier", language)] if earlier else []
    parts += [say("model_failed", language, reason=answer.problem)] if answer.problem else []
    return Reply(joined(parts, language) if aspect != "text" else "\n".join(parts))


async def _pictures(
    turn: Turn, dialogue: Dialogue | None, services: Services, needed: int
) -> tuple[list[Picture], bool]:
    """The pictures a turn is about, and whether an earlier turn showed them: of this turn, or the last ones shown."""
    shown = list(turn.images)
    if len(shown) >= needed:
        return shown[: max(needed, len(shown))], False
    before = [
        each
        for each in await services.pictures(turn.session, needed + len(shown))
        if each.digest not in {picture.digest for picture in shown}
    ]
    found = [*reversed(before[: needed - len(shown)]), *shown]
    while len(found) < needed and dialogue is not None:
        question = "ask_pictures" if found else "ask_picture"
        found.append(await dialogue.ask(say(question, language_of(turn.utterance)), kind=Picture))
    return found, not shown and bool(before)


async def _told(text: str, pictures: Sequence[Picture], services: Services, aspect: Aspect, language: Language) -> str:
    picture = pictures[0]
    if aspect == "text":
        return await written_in(picture, services, language)
    if aspect == "compare":
        views = [await look(each, services) for each in pictures[:2]]
        return compare(views[0], views[1], [await _described(view, services, language) for view in views], language)
    view = await look(picture, services)
    tell = _TELLERS.get(aspect)
    if tell is not None:
        return await tell(view, text, services, language)
    return await _shown(view, text, services, language)


async def _described(view: View, services: Services, language: Language) -> str:
    places = [
        place_of(await map_of(view.picture, seen.thing, services), view.picture.image.size) if seen.sure else ""
        for seen in view.seen
    ]
    words = "" if view.blank else await words_on(view.picture, services)
    return describe(view, places, words, language)


# What it shows


async def _shown(view: View, text: str, services: Services, language: Language) -> str:
    """The whole picture, or what was asked of it: whether something is there, which of two, of which kind."""
    if not view.classes:
        return await _described(view, services, language)
    if choice := alternatives(text, things()):
        return await _chosen(view, choice, services, language)
    named = things_named(text, things())
    if named and asks_whether(text):
        return await _present(view, named[-1], services, language)
    if named:
        return await _of_kind(view, named[-1], services, language)
    if asks_whether(text):
        thing, noun = await thing_meant(text, things(), services)
        if thing is not None:
            return await _present(view, thing, services, language)
        told = [say("unknown_thing", language, noun=noun)] if noun else []
        return joined([*told, await _described(view, services, language)], language)
    return await _described(view, services, language)


async def _chosen(view: View, choice: Sequence[Thing], services: Services, language: Language) -> str:
    scores = {thing: things().probability(thing, view.classes) for thing in choice}
    best = max(choice, key=lambda thing: scores[thing])
    if scores[best] < LIKELY:
        return joined([say("choice_none", language), await _described(view, services, language)], language)
    return say("choice", language, thing=best.named(language), share=_percent(scores[best]))


async def _present(view: View, thing: Thing, services: Services, language: Language) -> str:
    probability = things().probability(thing, view.classes)
    name = thing.named(language)
    if things().seen(thing, view.classes).sure:
        place = await _place(view, thing, services, language)
        return say("present", language, thing=name, share=_percent(probability), place=place)
    if probability > FAINT:
        return say("present_perhaps", language, thing=name, share=_percent(probability))
    return joined([say("absent", language, thing=name), await _described(view, services, language)], language)


async def _of_kind(view: View, broad: Thing, services: Services, language: Language) -> str:
    """Names the breed or species of a thing: which dog, which animal, which fruit."""
    whole = things().probability(broad, view.classes)
    if whole < LIKELY:
        return joined(
            [say("domain_absent", language, thing=broad.named(language)), await _described(view, services, language)],
            language,
        )
    within = {name: view.classes.get(name, 0.0) for name in broad.classes}
    narrower = [thing for thing in things().all if thing is not broad and things().is_kind_of(thing, broad)]
    scored = [(things().probability(thing, within), thing.named(language)) for thing in narrower]
    scored += [(share, fine_name(name, language)) for name, share in within.items()]
    deepest = sorted((each for each in scored if each[0] >= PRIME), key=lambda each: each[0])
    fine = max(within, key=lambda name: within[name])
    if within[fine] >= PRIME or (deepest and within[fine] >= PRIME * deepest[0][0]):
        return say("domain_fine", language, fine=_with_kind(fine, broad, language), share=_percent(within[fine]))
    if deepest:
        return say("domain_fine", language, fine=deepest[0][1], share=_percent(deepest[0][0]))
    best = sorted(within, key=lambda name: -within[name])[:2]
    kinds = listed(
        [say("with_share", language, thing=fine_name(name, language), share=_percent(within[name])) for name in best],
        language,
    )
    return say("domain_guess", language, thing=broad.named(language), kinds=kinds)


def _with_kind(fine: str, broad: Thing, language: Language) -> str:
    """A class with the everyday thing it is: "a golden retriever, a dog"."""
    name = fine_name(fine, language)
    kinds = [
        each
        for each in things().all
        if fine in each.classes and len(each.classes) > 1 and each is not broad and things().is_kind_of(each, broad)
    ]
    if not kinds:
        return name
    kind = min(kinds, key=lambda each: len(each.classes)).named(language)
    return f"{kind}（{name}）" if language == "zh" else f"{name}, {kind}"


async def _place(view: View, thing: Thing, services: Services, language: Language) -> str:
    place = place_of(await map_of(view.picture, thing, services), view.picture.image.size)
    return say(f"place_{place}", language) if place else ""


# One side of it


async def _coloured(view: View, text: str, services: Services, language: Language) -> str:
    wanted = colour_named(text)
    thing, noun = await thing_meant(text, things(), services)
    if thing is None and noun and view.classes:
        told = say("unknown_thing", language, noun=noun)
        return joined([told, _overall(view, language)], language)
    thing = thing or (view.seen[0].thing if view.seen and _asks_of_it(text) else None)
    if thing is None:
        return _overall(view, language, wanted)
    name, subject = thing.named(language), _the(thing, language)
    seen = _narrowest_seen(view, thing)
    map_ = await map_of(view.picture, seen, services) if seen else None
    if map_ is None or not map_.size:
        told = say("thing_not_seen", language, thing=name)
        return joined([told, _overall(view, language)], language)
    shares = colours_of(view.picture.image, map_)
    names = main_colours(shares) or list(shares)[:1]
    colours = named_colours(names, language)
    if seen is not thing and seen is not None:  # what is there is of the same kind, and perhaps another thing
        subject = _the(seen, language)
        missing = say("thing_not_seen", language, thing=name)
        told = say("thing_colour_unsure", language, thing=subject, colours=colours)
        return joined([missing, told], language)
    if wanted:
        key = "colour_yes" if wanted in names else "colour_no"
        named = named_colours([wanted], language)
        return say(key, language, thing=subject, colour=named, colours=colours)
    clear = shares[names[0]] >= CLEAR
    told = say("thing_colour" if clear else "thing_colour_unsure", language, thing=subject, colours=colours)
    return told[:1].upper() + told[1:]


def _narrowest_seen(view: View, thing: Thing) -> Thing | None:
    """A thing, or the narrowest of what it is a kind of, that the picture shows: a van may be taken for a tram."""
    while things().probability(thing, view.classes) < VISIBLE:
        if not thing.broader:
            return None
        thing = things().by_name[thing.broader]
    return thing


def _the(thing: Thing, language: Language) -> str:
    """A thing that was spoken of already."""
    if language == "zh":
        return thing.chinese
    first, _, rest = thing.english.partition(" ")
    return f"the {rest}" if first in ("a", "an", "the") else f"the {thing.english}"


def _asks_of_it(text: str) -> bool:
    """Returns whether the text is about the thing that is shown, not about the picture."""
    return not (_speaks_of_picture(text) or any(word in text.lower() for word in ("colours", "colors")))


def _speaks_of_picture(text: str) -> bool:
    return any(word in text.lower() for word in ("picture", "photo", "image", "图", "照片"))


def _overall(view: View, language: Language, wanted: str = "") -> str:
    names = main_colours(view.colours, 3)
    if wanted:
        key = "colour_yes" if wanted in names else "colour_no"
        whole = "这张图" if language == "zh" else "the picture"
        return say(
            key,
            language,
            thing=whole,
            colour=named_colours([wanted], language),
            colours=named_colours(names or list(view.colours)[:1], language),
        )
    if not names:
        return say("colours_none", language)
    return say("colours_one" if len(names) == 1 else "colours", language, colours=named_colours(names, language))


async def _counted(view: View, text: str, services: Services, language: Language) -> str:
    people = any(things().is_kind_of(thing, things().by_name["a person"]) for thing in things_named(text, things()))
    people = people or any(word in text.lower() for word in ("people", "persons", "faces", "人"))
    told = say("no_count_people" if people else "no_count", language)
    return joined([told, await _described(view, services, language)], language)


async def _person(view: View, text: str, services: Services, language: Language) -> str:
    return joined([say("no_person", language), await _described(view, services, language)], language)


async def _where(view: View, text: str, services: Services, language: Language) -> str:
    thing, noun = await thing_meant(text, things(), services)
    if thing is None and noun:
        return joined([say("unknown_thing", language, noun=noun), await _described(view, services, language)], language)
    thing = thing or (view.seen[0].thing if view.seen else None)
    there = thing is not None and things().probability(thing, view.classes) >= VISIBLE
    map_ = await map_of(view.picture, thing, services) if thing and there else None
    if thing is None or map_ is None or not map_.size:
        told = [say("thing_not_seen", language, thing=thing.named(language))] if thing else []
        return joined([*told, await _described(view, services, language)], language)
    place = place_of(map_, view.picture.image.size) or "middle"
    subject = _the(thing, language)
    at = say(f"place_{place}", language)
    return say("is_at", language, thing=subject[:1].upper() + subject[1:], place=at)


async def _lit(view: View, text: str, services: Services, language: Language) -> str:
    light = "dark" if view.brightness < DARK else "bright" if view.brightness > 0.78 else "normal"
    told = say("light_answer", language, light=say(f"light_{light}", language), percent=round(100 * view.brightness))
    hour = "light_night" if light == "dark" else "light_day" if view.brightness >= DAYLIGHT else "light_between"
    return joined([told, say(hour, language)], language)


async def _style(view: View, text: str, services: Services, language: Language) -> str:
    return style(view, language)


_TELLERS: dict[Aspect, Callable[[View, str, Services, Language], Awaitable[str]]] = {
    "colour": _coloured,
    "count": _counted,
    "person": _person,
    "where": _where,
    "light": _lit,
    "style": _style,
}


def _percent(share: float) -> int:
    return min(99, round(100 * share))
