"""Applies corrections to a complaint: "it's the right knee", "not my stomach, I meant my chest"."""

from __future__ import annotations

import re
from dataclasses import replace

from .calm import says
from .facts import Facts, plain, read_facts

__all__ = ["put_right"]

PLACE = re.compile(
    r"\b(?:head|neck|throat|chest|stomach|belly|tummy|back|hip|knee|leg|calf|ankle|foot|toe|shoulder|elbow|arm|wrist|hand"
    r"|finger|thumb|ear|eye|tooth|jaw|face|nose|mouth|groin)s?\b"
    r"|脚踝|膝盖|手腕|胳膊|肩膀?|手指|大腿|小腿|腿|脚|手|耳朵?|眼睛?|牙|喉咙|嗓子|脖子|头|脸|鼻子?|嘴|胸口?|肚子|胃|腰|后?背"
)
NOT_THIS = re.compile(r"(?:\bnot|\bisnt|不是|不在)(?: the| my| his| her)?\s?$")


def put_right(facts: Facts, told: str, reply: str) -> Facts:
    """Returns the facts with the corrected part of the body; unchanged if the reply corrects none.

    Args:
        facts: what is known.
        told: the complaint as it was told.
        reply: what was said afterwards.
    """
    text, before = plain(reply), plain(told)
    if not says("corrects", text):
        return facts
    named = [found[0] for found in PLACE.finditer(text) if not NOT_THIS.search(text[: found.start()])]
    old = PLACE.search(before)
    if not named or not old or old[0] == named[-1]:
        return facts
    first, now = read_facts(before), read_facts(before[: old.start()] + named[-1] + before[old.end() :])
    return replace(facts, present=(facts.present - (first.present - now.present)) | now.present)
