"""Finds list items that are done or no longer needed: 快递取完了, "scratch the torch, my phone has one"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .keeping import key_of
from .list_reading import Wish, found_among, present

__all__ = ["done_among", "without_reason"]

UNDONE = re.compile(
    r"\b(?:not|never|forgot|forgotten|almost|nearly|if|when|until)\b|n't\b|[?？]|[没不别忘坏错丢吗么再]|快要|差点",
    re.IGNORECASE,
)
SMALL = frozenset(
    (  # noqa: SIM905
        "a an the my our is are was were has have been be just now already all got i we i've we've it's"
    ).split()
)
REASON = re.compile(
    r"(?:off |out )?(?:i|i'm|i've|i'll|we|we've|we'll|my|our|they|they've|there|there's|it|it's|he|she|got|already"
    r"|because|cos|cuz|since|as|the|don't|no)\b",
    re.IGNORECASE,
)
LONGER = 6
"""characters by which what is said may be longer than the thing on the list"""


def done_among(text: str, known: Sequence[str]) -> list[str]:
    """Returns the list item that a text calls done: 快递取完了 of 取快递, "parcel posted" of "post parcel"; [] else.

    What is on the list says what is to be done, and the words say that very thing as done.
    """
    said = text.strip(" .!。！吧啊呀啦")
    if UNDONE.search(said):
        return []
    found = [each for each in known if (_done_zh if not each.isascii() else _done)(said, key_of(each))]
    return found if len(found) == 1 else []


def _done_zh(said: str, thing: str) -> bool:
    verb, rest = thing[:1], thing[1:]
    ends = re.search(rf"{re.escape(verb)}(?:完|好|到|掉|过|回来|出去|上)?了$", said)
    return bool(ends and rest and rest in said[: ends.start()]) and len(said) <= len(thing) + LONGER


def _done(said: str, thing: str) -> bool:
    words = [word for word in re.findall(r"[a-z']+", said.lower()) if word not in SMALL]
    verb, *rest = [word for word in thing.split() if word not in SMALL] or [""]
    done = [word for word in words if word != verb and present(word) == verb]
    return bool(rest and done) and sorted(rest) == sorted(word for word in words if word not in done)


def without_reason(wish: Wish, known: Sequence[str]) -> Wish | None:
    """A wish whose items are on the list, without the reasons behind them; None where one is not on it."""
    items = []
    for item in wish.items:
        words = item.split()
        cuts = [item] + [" ".join(words[:n]) for n in range(len(words) - 2, 0, -1) if REASON.match(" ".join(words[n:]))]
        named = next((each for each in cuts if found_among(each, known)), None)
        if named is None:
            return None
        items.append(named)
    return replace(wish, items=tuple(items))
