"""Emergencies and crises in languages other than English and Chinese: one file of `sentences/` for each.

A file holds the sentence patterns of each kind of emergency, those of calm sentences (denied, asked about, long over,
told in a story, figures of speech), and what to call in that language. The rest of the reply is in English.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant import Reply
from assistant.language import detect_language

from .alarm_replies import crisis_reply, emergency_reply
from .facts import lowered
from .patterns import Pattern
from .rules import Rule, rules

__all__ = ["KINDS", "LANGUAGES", "alarm_in", "foreign_alarm", "kind_in"]

FOLDER = Path(__file__).parent / "sentences"
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
"""ISO 639-1"""
UNSPACED = frozenset({"ja", "ko", "th"})
"""languages whose text is read without its spaces"""
BEGINS = {"ar": "[وفبلكس]?(?:ال)?", "fr": "(?:[cdjlmnst]|qu)?", "it": "(?:[cdlmnst]|un|dell|all|nell)?"}
"""what may stand before a word in one with it: articles, prepositions, what an apostrophe joined"""
KANA = re.compile("[\u3040-\u30ff]")
"""without it, Chinese characters are no Japanese"""
LONGEST = 20_000
"""characters that are looked at"""
KINDS = {
    "breathing": "severe_breathlessness",
    "chest": "cardiac_chest_pain",
    "stroke": "stroke_signs",
    "bleeding": "severe_bleeding",
    "unconscious": "unconscious",
    "poison": "overdose",
    "seizure": "seizure",
    "choking": "choking",
    "swelling": "anaphylaxis",
    "crisis": "",
}
"""the rule (of ``rules.toml``) that says why each kind is an emergency"""
PART = re.compile(r"(?<!\d)[.,;:!?]|[\n。！？；，、؟،؛…]")
MARKS = re.compile("[\u0300-\u036f\u064b-\u0655\u0640]")
LETTERS = str.maketrans({"ı": "i", "ł": "l", "ß": "ss", "ى": "ي", "ة": "ه", "œ": "oe", "æ": "ae", "ø": "o"})


@dataclass(frozen=True)
class Sentences:
    """What people say in one language."""

    language: str
    call: str
    """which number to call, in that language"""
    talk: str
    """who listens in a crisis, in that language"""
    kinds: dict[str, Pattern]
    """of `KINDS`, and "calm"; each begins at a word"""


@cache
def _sentences(language: str) -> Sentences:
    content = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    made = {name: _pattern(content[name], language) for name in (*KINDS, "calm")}
    return Sentences(language, content["call"], content["talk"], made)


def _pattern(entries: list[str], language: str) -> Pattern:
    begins = "" if language in UNSPACED else rf"(?<!\w){BEGINS.get(language, '')}"
    return Pattern(f"{begins}(?:{'|'.join(map(_folded, entries))})", negative=True)


def _folded(text: str) -> str:
    """A text without accents, with one form of each letter."""
    marked = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", MARKS.sub("", marked)).translate(LETTERS)


def alarm_in(text: str) -> tuple[str, Sentences] | None:
    """The first kind of emergency that a text tells of, and its language; None for none. A crisis comes last."""
    text = text[:LONGEST]
    folded = _folded(lowered(unicodedata.normalize("NFKC", text)).replace("\u0e4d\u0e32", "\u0e33"))
    parts = [part for part in PART.split(folded) if part.strip()]
    guessed = detect_language(text)
    known = [language for language in LANGUAGES if language != "ja" or KANA.search(text)]
    for kind in KINDS:
        for part in parts:
            said = [language for language in known if _says(language, kind, part)]
            if said and not any(_says(language, "calm", part) for language in {*said, guessed}):
                return kind, _sentences(guessed if guessed in said else said[0])
    return None


def _says(language: str, kind: str, part: str) -> bool:
    """Whether a part of a text matches the patterns of a kind, or the calm ones; never for an unknown language."""
    if language not in LANGUAGES:
        return False
    told = part.replace(" ", "") if language in UNSPACED else part
    return next(_sentences(language).kinds[kind].found_in(told), None) is not None


def kind_in(text: str) -> str:
    """The kind of emergency that a text tells of; "" for none."""
    found = alarm_in(text)
    return found[0] if found else ""


def foreign_alarm(text: str, plugin: str) -> Reply | None:
    """The reply to an emergency or a crisis told in another language: what to call in it, the rest in English."""
    found = alarm_in(text)
    if found is None:
        return None
    kind, known = found
    if kind == "crisis":
        lead, reply, intent = known.talk, crisis_reply(""), "crisis_support"
    else:
        lead, reply, intent = known.call, emergency_reply([_rule(KINDS[kind])], "en"), "emergency"
    note = "(The rest of this answer has no translation yet and is in English.)"
    return Reply(f"{lead}\n{note}\n{reply.text}", speech=lead, intent=f"{plugin}.{intent}")


@cache
def _rule(key: str) -> Rule:
    return next(rule for rule in rules() if rule.id == key)
