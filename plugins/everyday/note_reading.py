"""Reads what people want of their notes: "note: the plumber comes on Tuesday", 把刚才那句话记下来."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from .said import fitting, without_courtesies

__all__ = ["NoteWish", "more_of_note", "read_note_wish"]

Do = Literal["take", "take_last", "read", "delete"]

LONGEST = 5_000
"""characters of a note"""
REMARK = re.compile(r"\W*please note\b(?!\s*(?:down|:))", re.IGNORECASE)
"""a turn of phrase: "please note that my parcel never came" """
LAST = frozenset({"last", "latest", "newest", "most recent", "previous", "最后", "最近", "最新", "上"})
FIRST = frozenset({"first", "oldest", "第一"})


@dataclass(frozen=True)
class NoteWish:
    """What is to be done with notes."""

    do: Do
    text: str = ""
    """the new note, or what the notes are about"""
    place: str = ""
    """"last", "first", "all", or a number from 1; "" where none is said"""


def read_note_wish(text: str) -> NoteWish | None:
    """What a sentence wants of the notes; None where it speaks of none."""
    if len(text) > LONGEST or REMARK.match(text):
        return None
    # What a note says is kept as it was said, with its "please" and its full stop.
    for said, takes in ((without_courtesies(text), False), (without_courtesies(text, ends=False), True)):
        for do, groups in fitting("notes", said):
            if (do == "take") is takes:
                return _read(cast(Do, do), groups)
    return None


def more_of_note(text: str) -> str:
    """What the note that was just written shall say besides: "add that we need two tins"; "" for nothing."""
    if len(text) > LONGEST or re.search(
        r"\b(?:list|order|timer|alarm|reminder)\b|清单|订单|闹钟|提醒|[?？]\s*$", text, re.IGNORECASE
    ):
        return ""
    said = " ".join(text.split()).replace("’", "'")
    return next((groups["text"].strip() for _, groups in fitting("after_note", said)), "")


def _read(do: Do, groups: Mapping[str, str]) -> NoteWish | None:
    said = groups.get("text") or groups.get("about") or groups.get("what", "")
    if do == "take" and re.search(r"\blists?\W*$", said):
        return None
    place = "all" if "all" in groups else _place(groups.get("place", ""))
    return NoteWish(do, said.strip(' \t"“”「」'), place)


def _place(said: str) -> str:
    said = said.lower()
    if said in LAST or said in FIRST:
        return "last" if said in LAST else "first"
    if said in ("all", "所有", "全部"):
        return "all"
    return "".join(filter(str.isdigit, said))
