"""Lists: put things on them, read them, tick off, take off, clear."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from assistant import Dialogue, Reply, Services, Turn

from .done import done_among, without_reason
from .following import AMOUNT, amended, list_told, said_before
from .items import split_items
from .keeping import Keeper, key_of
from .keeping_off import asks_twice, had_already, kept_off, no_thing, spared_in, without_had
from .list_reading import (
    NAMES_LIST,
    Do,
    Wish,
    found_among,
    holds_things,
    is_kind,
    left_off,
    loose_items,
    own_lists,
    read_after,
    read_wish,
    surely_missing,
    unwanted_items,
)
from .list_replies import left_on, list_called, list_mine, list_reply, still_on, things_joined, told_of, undo_words
from .listing import Listed, listed, puts_on_list
from .wording import Language, language_of, say

__all__ = ["add_to_list", "clear_list", "matching", "names_listed", "read_list", "tick_off"]

OPEN = ("add", "make")
"""what may be done with a list of any name; others need one that is surely the user's own to be taken from the model"""

LOOKED_BACK = 3
"""turns"""
CLAUSE = re.compile(r"\b(?:i|we|i'm|we're|is|are|need|because|cos|out of)\b|[没完用]了|用的$|^要", re.IGNORECASE)
"""what no thing is called by: a clause has been taken for one"""
ANSWER_BEHIND = re.compile(r"[\s,]+(?:yes|yeah|yep|ok(?:ay)?|sure)$|(?<=.{2})[，,\s]+(?:对|好的?|是的)$", re.IGNORECASE)
"""an answer that stands behind a thing, where two turns are read as one"""
POINTS = re.compile(r"(?:them|those|these)\b", re.IGNORECASE)
"""how no thing's name begins"""
ALL_LISTS = re.compile(
    r"\b(?:both|all|every)\b(?! (?:my )?(?:of )?(?:it|that|the (?:things|items)))|[两每]个(?:清单|单子)?都",
    re.IGNORECASE,
)
"""asks for more than one list"""
HOW_MANY = re.compile(r"\bhow many\b|[几多少]+[样件个项种]|还[剩有]几", re.IGNORECASE)
NOTHING = re.compile(
    r"\W*(?:no(?:thing|ne|ne of (?:it|them)|t a thing)?|nothing (?:at all|else|more|for now|yet)"
    r"|什么(?:都|也)(?:不|没)\w{0,3}|没有?|不用?了?|没什么)\W*",
    re.IGNORECASE,
)
"""an item that says that there is none"""


def matching(*does: Do) -> Callable[[str], bool]:
    """Returns what says whether a sentence surely wants one of these things of a list."""

    def matches(text: str) -> bool:
        if NAMES_LIST.search(text) and kept_off(text):
            return "add" in does
        wish = read_wish(text)
        if "add" in does and own_lists(text):
            return True
        if wish is None and "add" in does and (surely_missing(text) is not None or puts_on_list(text)):
            return True
        return wish is not None and wish.do in does and (wish.do in OPEN or is_kind(wish.name))

    return matches


def names_listed(text: str, keeper: Keeper) -> bool:
    """Returns whether the text names a list, or an item on one."""
    said = text.casefold()
    for name in keeper.lists():
        for known in (name, *(item.text for item in keeper.items(name))):
            thing = key_of(known).casefold()
            whole = rf"\b{re.escape(thing)}\b" if thing.isascii() else re.escape(thing)
            if thing and thing in said and re.search(whole, said):
                return True
    return False


async def add_to_list(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Put things on a list of yours."""
    language, keeper = language_of(turn.utterance), Keeper(services.data_dir)
    before = await services.conversation(turn.session, LOOKED_BACK)
    if len(parts := own_lists(turn.utterance)) > 1:
        each_told = [await add_to_list(replace(turn, text=each, transcript=None), dialogue, services) for each in parts]
        text = "\n".join(each.text for each in each_told)
        return replace(each_told[-1], text=text, speech=text)
    if off := kept_off(turn.utterance):
        return await _kept_off(off, list_told(before) or "", keeper, dialogue, language)
    if (amendment := amended(turn.utterance, before)) is not None and read_wish(turn.utterance) is None:
        if amendment.do == "remove":
            return await tick_off(turn, dialogue, services)
        return _changed(amendment, keeper, language)
    if just_said := said_before(turn.utterance, before):
        wish: Wish | None = Wish("add", just_said[0], just_said[1])
    else:
        wish = read_wish(turn.utterance) or await _going_on(turn, services, "add", "instead")
    said = None if just_said else _said(turn, wish)
    wish = (said.wish() if said is not None else wish) or surely_missing(turn.utterance)
    wish = wish or Wish("add", "" if keeper.lists() else "shopping", loose_items(turn.utterance))
    if not wish.name and not keeper.lists() and said is not None and not said.put:
        wish = replace(wish, name="shopping")
    name = _name(wish, keeper)
    if wish.do == "make" and not wish.items:
        key = "list_made" if keeper.make(name) else "list_there"
        made = Reply(say(key, language, list=list_called(name, language)), data={"list": name, "made": True})
        return made.about(list_mine(name, language))
    items, replaced = wish.items if wish.do in (*OPEN, "instead") else (), list[str]()
    if wish.do == "instead":  # of what was added just now
        last = (await services.conversation(turn.session, 1))[-1:]
        replaced = [str(each) for told in last for each in told.data.get("added", ())]
    if not items:
        said = await dialogue.ask(say("add_what", language, list=list_called(name, language)))
        items = split_items(said, name)
    items = tuple(item for item in items if not NOTHING.fullmatch(item))
    items = tuple(ANSWER_BEHIND.sub("", item) for item in items)
    things = tuple(item for item in items if not (no_thing(item) if holds_things(name) else POINTS.match(item)))
    if items and not things:  # a clause is no thing
        return Reply(
            say("no_thing", language, list=list_called(name, language), said=things_joined(list(items), language))
        ).declined()
    items = things
    if not items:
        return Reply(say("nothing_added", language, list=list_called(name, language)))
    keeper.remove(name, replaced)
    added, there = keeper.add(name, items)
    told = [told_of("remove_done", name, replaced, language)] if replaced else []
    if added:
        told.append(told_of("added", name, added, language))
    if there:
        told.append(told_of("on_it_already", name, there, language))
    if had := had_already(turn.utterance, left_on(keeper.items(name)), ordered=False):
        told.append(told_of("had_still", name, had, language))
    if spared := tuple(said.spared) if said is not None else left_off(turn.utterance):
        told.append(told_of("left_off", name, spared, language))
    reply = Reply(("" if language == "zh" else " ").join(told), data={"list": name, "added": added, "there": there})
    if wish.read:
        shown = list_reply(name, keeper.items(name), language)
        reply = replace(reply, text=f"{reply.text}\n{shown.text}", speech=f"{reply.text} {shown.speech or shown.text}")
    reply = reply.about(list_mine(name, language), *items)
    return reply.undone_by(undo_words("undo_add", name, added, language)) if added else reply


def _said(turn: Turn, wish: Wish | None) -> Listed | None:
    """Collects the list items of all clauses when the stricter reading finds none or fewer."""
    found = next(filter(None, map(listed, dict.fromkeys((turn.text, turn.utterance)))), None)
    if found is None or wish is None:
        return found
    if (
        wish.do != "add"
        or wish.read
        or not (found.spared or len(found.items) > len(wish.items) or any(map(CLAUSE.search, wish.items)))
    ):
        return None
    return found


async def read_list(turn: Turn, services: Services) -> Reply:
    """Say what is on a list, or which lists there are."""
    language, keeper = language_of(turn.utterance), Keeper(services.data_dir)
    wish = read_wish(turn.utterance) or await _going_on(turn, services, "read") or Wish("read")
    lists = keeper.lists()
    if not lists:
        return Reply(say("no_lists", language), data={"list": wish.name or "shopping", "items": []})
    if wish.do == "which":
        named = [f"{list_called(name, language)} ({len(left_on(keeper.items(name)))})" for name in lists]
        return Reply(say("lists", language, lists=things_joined(named, language)), data={"lists": lists})
    if ALL_LISTS.search(turn.utterance):
        replies = [list_reply(name, keeper.items(name), language) for name in lists]
        return Reply("\n".join(each.text for each in replies), data={"lists": lists})
    name = _name(wish, keeper)
    if name not in lists:
        named = [list_called(each, language) for each in lists]
        return Reply(
            say("no_such_list", language, list=list_called(name, language), lists=things_joined(named, language))
        )
    items = keeper.items(name)
    if wish.items:
        left = [item.text for item in items if not item.done]
        found = [text for said in wish.items for text in found_among(said, left)]
        key = "yes_on_it" if found else "not_on_it"
        shown = things_joined(found or list(wish.items), language)
        told = Reply(
            say(key, language, list=list_called(name, language), items=shown),
            data={"list": name, "found": found},
        )
        return told.about(list_mine(name, language), *found)
    told = list_reply(name, items, language)
    if items and HOW_MANY.search(turn.utterance):
        count = say("list_count", language, list=list_called(name, language), count=len(left_on(items)))
        told = replace(told, text=f"{count}\n{told.text}", speech=count)
    if items and asks_twice(turn.utterance):
        told = replace(told, text=f"{say('on_it_once', language)}\n{told.text}", speech=say("on_it_once", language))
    return told.about(list_mine(name, language))


async def tick_off(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Tick things off a list, or take them off."""
    language, keeper = language_of(turn.utterance), Keeper(services.data_dir)
    wish = read_wish(turn.utterance)
    if wish is None or wish.do not in ("tick", "remove", "swap") or any(map(no_thing, wish.items)):
        change = amended(turn.utterance, await services.conversation(turn.session, LOOKED_BACK))
        wish = change or await _going_on(turn, services, "tick", "remove", "change", "swap", "back") or wish
    if wish is None or wish.do == "tick":  # 快递取完了
        named = list_told(await services.conversation(turn.session, LOOKED_BACK))
        if named is not None and (done := done_among(turn.utterance, left_on(keeper.items(named)))):
            wish = Wish("tick", named, tuple(done))
    if wish is not None and wish.do == "back":  # what was put on it just now
        last = (await services.conversation(turn.session, 1))[-1:]
        wish = Wish("remove", wish.name, tuple(str(each) for told in last for each in told.data.get("added", ())))
    if wish is not None and wish.do in ("change", "swap"):
        return _changed(wish, keeper, language)
    if wish is None or wish.do not in ("tick", "remove"):
        wish = unwanted_items(turn.utterance) or wish
    if wish is None or wish.do not in ("tick", "remove"):
        said = await dialogue.ask(say("tick_what", language))
        wish = Wish("tick", wish.name if wish else "", split_items(said))
    name = _name(wish, keeper, holding=wish.items)
    items = [item.text for item in keeper.items(name) if not (item.done and wish.do == "tick")]
    wish = (without_reason(wish, items) if wish.do == "remove" else None) or wish
    meant, missing = [], []
    for said in wish.items:
        found = found_among(said, items)
        if len(found) > 1:
            found = [await dialogue.ask(say("which_item", language, said=said), choices=found)]
        meant += found
        missing += [] if found else [said]
    if meant:
        (keeper.tick if wish.do == "tick" else keeper.remove)(name, meant)
    told = [told_of(f"{wish.do}_done", name, meant, language)] if meant else []
    if missing:
        told.append(told_of("not_on_it", name, missing, language))
    data = {"list": name, wish.do: meant, "missing": missing, "left": (left := left_on(keeper.items(name)))}
    text = ("" if language == "zh" else " ").join(told)
    reply = Reply(text + (still_on(name, left, language) if meant else ""), data=data)
    reply = reply.about(list_mine(name, language), *meant)
    reply = reply.undone_by(undo_words("undo_off", name, meant, language)) if meant else reply
    return reply if meant or wish.name or read_wish(turn.utterance) is not None else reply.declined()


async def clear_list(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Empty a list, or delete it, after a yes."""
    language, keeper = language_of(turn.utterance), Keeper(services.data_dir)
    wish = read_wish(turn.utterance) or await _going_on(turn, services, "clear", "spare") or Wish("clear")
    name, wholly = _name(wish, keeper, holding=wish.items), wish.do == "delete"
    called, items = list_called(name, language), keeper.items(name)
    if wish.do in ("read", "which"):
        return await read_list(turn, services)
    if wish.do == "clear" and (spared := spared_in(turn.utterance, [item.text for item in items])):
        wish = Wish("spare", items=spared)
    if wish.do == "spare":
        return await _all_but(wish, name, keeper, dialogue, language)
    if name not in keeper.lists() or not (items or wholly):
        return Reply(say("list_empty", language, list=called), data={"list": name or "shopping", "items": []})
    key = "delete_really" if wholly else "clear_really"
    shown = things_joined([item.text for item in items], language) or say("nothing", language)
    if not await dialogue.ask(say(key, language, list=called, items=shown), kind=bool):
        return Reply(say("list_kept", language, list=called))
    keeper.clear(name, wholly=wholly)
    cleared = Reply(say("list_deleted" if wholly else "list_cleared", language, list=called), data={"list": name})
    back = undo_words("undo_off", name, [item.text for item in items], language)
    return cleared.undone_by(back) if items else cleared


async def _kept_off(off: tuple[str, ...], name: str, keeper: Keeper, dialogue: Dialogue, language: Language) -> Reply:
    """Answers a request to keep an item off a list; if it is on the list, asks whether to remove it."""
    name = name or _name(Wish("remove"), keeper, holding=off)
    there = [text for said in off for text in found_among(said, left_on(keeper.items(name)))] if name else []
    called = list_called(name, language)
    if not there:
        return Reply(told_of("left_off", name, off, language))
    if not await dialogue.ask(told_of("take_off_too", name, there, language), kind=bool):
        return Reply(say("list_kept", language, list=called))
    keeper.remove(name, there)
    left = left_on(keeper.items(name))
    told = told_of("remove_done", name, there, language)
    return Reply(told, data={"list": name, "remove": there, "left": left}).about(list_mine(name, language))


async def _going_on(turn: Turn, services: Services, *does: Do) -> Wish | None:
    """Returns the request about the last list."""
    name = list_told(await services.conversation(turn.session, LOOKED_BACK))
    wish = read_after(without_had(turn.utterance)) if name is not None else None
    if wish is None or wish.do not in does:
        return None
    return wish if wish.name or name is None else replace(wish, name=name)


def _changed(wish: Wish, keeper: Keeper, language: Language) -> Reply:
    """Put another amount in place of an item's."""
    name = _name(wish, keeper, holding=wish.items)
    found = found_among(wish.items[0], [item.text for item in keeper.items(name) if not item.done])
    if len(found) != 1:
        return Reply(say("not_on_it", language, list=list_called(name, language), items=wish.items[0]))
    old, thing = found[0], AMOUNT.sub("", found[0]).strip() or found[0]
    new = f"{wish.new}{thing}" if language == "zh" else f"{wish.new} {thing}"
    new = wish.new if wish.do == "swap" else new
    keeper.remove(name, [old])
    keeper.add(name, [new])
    left = left_on(keeper.items(name))
    told = say("changed", language, old=old, new=new) + still_on(name, left, language)
    return Reply(told, data={"list": name, "items": left}).about(list_mine(name, language), new)


async def _all_but(wish: Wish, name: str, keeper: Keeper, dialogue: Dialogue, language: Language) -> Reply:
    """Take everything off but a few things, after a yes."""
    texts, called = [item.text for item in keeper.items(name)], list_called(name, language)
    spared = [text for said in wish.items for text in found_among(said, texts)]
    if not spared:
        return Reply(told_of("not_on_it", name, wish.items, language))
    rest = [text for text in texts if text not in spared]
    if not rest or not await dialogue.ask(told_of("clear_really", name, rest, language), kind=bool):
        return Reply(say("list_kept", language, list=called))
    keeper.remove(name, rest)
    told = told_of("remove_done", name, rest, language) + still_on(name, spared, language)
    return Reply(told, data={"list": name, "left": spared}).about(list_mine(name, language))


def _name(wish: Wish, keeper: Keeper, holding: tuple[str, ...] = ()) -> str:
    """The list that is meant: the one named, else one that holds the items, else the one used last."""
    if wish.name:
        return wish.name
    lists = keeper.lists()
    for name in lists if holding else ():
        texts = [item.text for item in keeper.items(name) if not item.done]
        if any(found_among(said, texts) for said in holding):
            return name
    return lists[0] if lists else ""
