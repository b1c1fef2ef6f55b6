"""Replies about lists and their items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant import Reply

from .keeping import Item
from .list_reading import chinese_name
from .wording import Language, say

__all__ = ["left_on", "list_called", "list_mine", "list_reply", "still_on", "things_joined", "told_of", "undo_words"]


def list_reply(name: str, items: list[Item], language: Language) -> Reply:
    """Returns the items on a list, and those ticked off."""
    called, left = list_called(name, language), left_on(items)
    done = [item.text for item in items if item.done]
    if not items:
        return Reply(say("list_empty", language, list=called), data={"list": name, "items": []})
    lines = [say("list_title", language, list=called) if left else say("nothing_left", language, list=called)]
    lines += [f"  · {text}" for text in left]
    if done:
        lines.append(say("done_already", language, items=things_joined(done, language)))
    speech = say("list_spoken", language, list=called, items=things_joined(left, language)) if left else lines[0]
    return Reply("\n".join(lines), speech=speech, data={"list": name, "items": left, "done": done})


def left_on(items: list[Item]) -> list[str]:
    """Returns the items that are not ticked off."""
    return [item.text for item in items if not item.done]


def list_called(name: str, language: Language) -> str:
    """A list by its name."""
    if language == "zh":
        return chinese_name(name)
    return f"{name} list".strip()


def list_mine(name: str, language: Language) -> str:
    """A list as its owner asks for it."""
    return list_called(name, language) if language == "zh" else f"my {list_called(name, language)}"


def things_joined(items: list[str], language: Language) -> str:
    """Things as an enumeration."""
    if language == "zh":
        return "、".join(items)
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def still_on(name: str, left: list[str], language: Language) -> str:
    """Returns a sentence with the remaining items of a list, to follow another sentence."""
    key = "left_on_it" if left else "nothing_left"
    told = say(key, language, list=list_called(name, language), items=things_joined(left, language))
    return told if language == "zh" else f" {told}"


def undo_words(key: str, name: str, items: Sequence[str], language: Language) -> str:
    """The request that takes a change of a list back."""
    things = ("、" if language == "zh" else ", ").join(items)  # "and" may be part of what is to be done
    return say(key, language, list=list_mine(name, language), items=things)


def told_of(key: str, name: str, items: Iterable[str], language: Language) -> str:
    """A phrase about some things of a list."""
    return say(key, language, list=list_called(name, language), items=things_joined(list(items), language))
