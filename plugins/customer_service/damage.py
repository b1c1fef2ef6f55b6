"""Damage reports: a usable photo, what is on it, the order it belongs to, and a ticket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from assistant import AssistantError, Dialogue, Picture, Reply, Services, Turn, picture_problem, sharpness

from .naming import words_of
from .orders import Order, order_numbers
from .visits import Visit, choose_order, visit
from .words import ANY_WORDS, acts_in, heard, spans_of

__all__ = ["report_damage"]

GOODS = (
    *("a product", "a vehicle", "a parcel", "a machine", "clothing", "furniture", "an electronic device"),
    *("a household object",),
)
OTHERS = ("an animal", "a dog", "a bird", "a fish", "an insect", "a landscape", "food", "a fruit", "a plant")
QUESTION = re.compile(r"\W*(?:what|how|why|which|do i|does it|is it|must i|can i|where)\b", re.IGNORECASE)
SEEN = 0.15
"""probability from which an object in a photo is named"""
SURE = 0.5
"""probability from which an animal or a landscape makes the clerk ask"""


async def report_damage(turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = "") -> Reply:
    """Report damage with a photo."""
    at = await visit(turn, dialogue, services)
    told: list[str] = []
    pictures = list(turn.images) or await _photo(at, "damage_photo", told)
    picture, problem = _best(pictures) if pictures else (None, "absent")
    if picture and problem:
        picture, problem = _best([picture, *await _photo(at, "damage_photo_" + problem, told)])
    names = await _seen(at, services, picture) if picture else []
    odd = await _out_of_place(names, services)
    if odd and not await dialogue.ask(at.say("damage_odd", seen=odd), kind=bool):
        better = await _photo(at, "damage_photo", told)
        picture, problem = _best(better) if better else (None, "absent")
        names = await _seen(at, services, picture) if picture else []
    words = " ".join((words_of(turn.utterance, order, item), *told))
    words += f" {await _label(at, services, picture)}" if picture else ""
    chosen = await choose_order(at, words, lambda o: o.status == "delivered", question="damage_which_order")
    ticket = await dialogue.once("ticket", lambda: _open(at, chosen, picture, problem, names, told))
    missing = [name for name, absent in (("order", chosen is None), ("clear_photo", bool(problem))) if absent]
    return Reply(
        _wish(at, " ".join((turn.utterance, *told))) + _done(at, ticket, chosen, problem, names, missing),
        speech=at.say("damage_speech", ticket=ticket),
        data={"ticket": ticket, "order": chosen.number if chosen else "", "missing": missing, "seen": names[:3]},
    )


async def _photo(at: Visit, question: str, told: list[str]) -> list[Picture]:
    """Asks for a photo; [] if the customer has none, in which case the report goes on.

    Args:
        at: the visit.
        question: the phrase that asks for it.
        told: answers a text instead of a photo; a question is answered, and the photo is asked for once more.
    """
    answer = await at.dialogue.ask(at.say(question), kind=Picture, mentions=ANY_WORDS)
    if isinstance(answer, str) and _asks_about_photo(answer, at.say(question)):
        answer = await at.dialogue.ask(at.say("damage_photo_why"), kind=Picture, mentions=ANY_WORDS)
    if isinstance(answer, str):
        told.append(answer)
    return [answer] if isinstance(answer, Picture) else []


def _asks_about_photo(answer: str, asked: str) -> bool:
    """Returns whether an answer is itself a question: "what kind of photo", 怎么传照片."""
    if heard("mentions_no_photo", answer) and not answer.rstrip().endswith(("?", "？")):
        return False
    return bool(heard("asks_about", answer) or QUESTION.match(answer)) or "question" in acts_in(answer, asked)


def _wish(at: Visit, words: str) -> str:
    """Confirms a wish for money or for a new one; "" for none."""
    spoken = words
    for match in reversed(list(spans_of("not_new", words))):
        spoken = spoken[: match.start()] + spoken[match.end() :]
    if heard("rather_money", spoken):
        return at.say("damage_wish_money") + at.say("gap")
    return at.say("damage_wish_new") + at.say("gap") if heard("wants_new", spoken) else ""


async def _label(at: Visit, services: Services, picture: Picture) -> str:
    """The order number on a label in the photo, "" for none."""
    try:
        lines = await services.read_text(picture)
    except AssistantError:
        return ""
    known, _ = order_numbers("\n".join(line.text for line in lines), at.orders)
    # What was read steers the questions, so a dialogue replayed after a crash must read the same.
    return " ".join(await at.dialogue.once(f"label:{picture.digest[:12]}", lambda: known))


def _best(pictures: Sequence[Picture]) -> tuple[Picture, str]:
    """The picture with no problem, or the sharpest, and its problem."""
    best = min(pictures, key=lambda picture: (bool(picture_problem(picture)), -sharpness(picture)))
    return best, picture_problem(best)


async def _seen(at: Visit, services: Services, picture: Picture) -> list[tuple[str, float]]:
    """Returns the objects in a photo that are worth naming; [] without an encoder."""
    try:
        found = await services.classify(picture, 5)
    except AssistantError:
        return []
    kept: list[list[Any]] = [[name, round(p, 3)] for name, p in found if p >= SEEN]
    # What was seen steers the questions, so a dialogue replayed after a crash must see the same.
    return [(name, p) for name, p in await at.dialogue.once(f"seen:{picture.digest[:12]}", lambda: kept)]


async def _out_of_place(names: Sequence[tuple[str, float]], services: Services) -> str:
    """The name of an animal or a landscape that a photo surely shows; "" when it could be goods."""
    if not names or names[0][1] < SURE:
        return ""
    name = names[0][0]
    try:
        vectors = await services.encode_text([name, *GOODS, *OTHERS])
    except AssistantError:
        return ""
    scores = vectors[1:] @ vectors[0]
    return name if scores[len(GOODS) :].max() > scores[: len(GOODS)].max() + 0.05 else ""


def _open(
    at: Visit,
    order: Order | None,
    picture: Picture | None,
    problem: str,
    names: Sequence[tuple[str, float]],
    told: Sequence[str],
) -> str:
    number, words = order.number if order else "", " – ".join((at.turn.utterance, *told))
    if picture is None:
        return at.shop.open_ticket(at.key("damage"), "damage", number, words, "no photo", at.today)
    kept = at.services.data_dir / "photos" / f"{picture.digest[:16]}.jpg"
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    picture.image.save(kept, quality=90)
    details = (
        f"{kept}; photo {picture.digest[:16]}, sharpness {sharpness(picture):.0f}, problem {problem or 'none'}, shows "
        + (", ".join(f"{name} {p:.0%}" for name, p in names) or "nothing known")
    )
    return at.shop.open_ticket(at.key("damage"), "damage", number, words, details, at.today)


def _done(
    at: Visit,
    ticket: str,
    order: Order | None,
    problem: str,
    names: Sequence[tuple[str, float]],
    missing: Sequence[str],
) -> str:
    about = (
        at.say("damage_about", number=order.number, items=order.named(at.language))
        if order
        else at.say("damage_no_order")
    )
    kept = {"": "damage_photo_kept", "absent": "damage_photo_absent"}
    photo = at.say(kept.get(problem, "damage_photo_kept_unclear"))
    seen = at.say("damage_seen", seen=names[0][0]) if names and at.language == "en" else ""
    lacks = at.say("and").join(at.say(f"damage_lacks_{name}") for name in missing)
    lack = at.say("damage_missing", missing=lacks) if lacks else ""
    parts = (at.say("damage_done", ticket=ticket, about=about), photo, seen, lack, at.say("damage_next"))
    return " ".join(part for part in parts if part)
