"""Emergencies and crises in languages other than English and Chinese: one file of `sentences/` for each.

A file holds the sentence patterns of each kind of emergency, those of calm sentences (denied, asked about, long over,
told in a story, figures of speech), and what to call in that language. The rest of the reply is in English where the
plugin has no ``phrases.*.toml`` of the language.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from assistant import Reply
from assistant.language import detect_language
from assistant.plugins.toolkit.made import made_of

from .alarm_replies import crisis_perhaps, crisis_reply, emergency_perhaps, emergency_reply
from .facts import read_facts
from .folding import KANA, UNSPACED, begins, folded, without_spaces
from .hints import hinted
from .patterns import READING, Among, Pattern
from .rules import Rule, rules
from .wording import WRITTEN, language_of

__all__ = [
    "KINDS",
    "LANGUAGES",
    "alarm_in",
    "crisis_perhaps_in",
    "foreign_alarm",
    "hinted_crisis",
    "kind_in",
    "without_calm",
]

FOLDER = Path(__file__).parent / "sentences"
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
"""ISO 639-1"""
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
CALM = ("calm", "story")
OPENING = 6
"""characters before the film, the book or the game that a whole sentence is about"""
SENTENCES = re.compile(r"(?<=[.!?;\n。！？；؟؛…])")
PART = re.compile(r"(?<!\d)[.,;:!?]|[\n。！？；，、؟،؛…]")


UNTRANSLATED = "(The rest of this answer has no translation yet and is in English.)"


@dataclass(frozen=True)
class Sentences:
    """Patterns of one language."""

    language: str
    call: str
    """which number to call, in that language"""
    talk: str
    """who listens in a crisis, in that language"""
    kinds: dict[str, Pattern]
    """of `KINDS`, "calm" and "story"; each begins at a word"""


@cache
def _sentences(language: str) -> Sentences:
    content = _kept()[language]
    return Sentences(
        language, content["call"], content["talk"], {k: Pattern.read(v) for k, v in content["kinds"].items()}
    )


@cache
def _kept() -> dict[str, dict[str, Any]]:
    files = [FOLDER / f"{language}.toml" for language in LANGUAGES]
    kept: dict[str, dict[str, Any]] = made_of([*files, *READING, Path(__file__)], "sentences", _written)
    return kept


def _written() -> dict[str, dict[str, Any]]:
    made = {}
    for language in LANGUAGES:
        content = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
        patterns = {name: Pattern.of(begins(language, content[name]), negative=True) for name in (*KINDS, *CALM)}
        kinds = {name: pattern.written() for name, pattern in patterns.items()}
        made[language] = {"call": content["call"], "talk": content["talk"], "kinds": kinds}
    return made


def alarm_in(text: str) -> tuple[str, Sentences] | None:
    """The first kind of emergency that a text tells of, and its language; None for none. A crisis comes last."""
    text = text[:LONGEST]
    parts = [part for part in PART.split(without_stories(text)) if part.strip()]
    guessed = detect_language(text)
    known = [language for language in LANGUAGES if language != "ja" or KANA.search(text)]
    for kind in KINDS:
        for part in parts:
            said = [language for language in known if _says(language, kind, part)]
            if said and not any(_says(language, calm, part) for language in {*said, guessed} for calm in CALM):
                return kind, _sentences(guessed if guessed in said else said[0])
    return None


def without_calm(text: str) -> str:
    """A text without its calm sentences in one of the languages, whose words may be English ones: "Was ist Sepsis?"."""
    return "".join(sentence for sentence in SENTENCES.split(text[:LONGEST]) if not _is_calm(sentence))


def _is_calm(sentence: str) -> bool:
    language = detect_language(sentence)
    return language in LANGUAGES and any(_says(language, calm, folded(sentence)) for calm in CALM)


def without_stories(text: str) -> str:
    """A text, folded, without the sentences that begin with a film, a book or a game in one of the languages."""
    return "".join(part for part in SENTENCES.split(folded(text)) if not _begins_a_story(part))


def _begins_a_story(sentence: str) -> bool:
    for language in LANGUAGES:
        if (language, "story") not in _likely(sentence):
            continue
        told = without_spaces(sentence) if language in UNSPACED else sentence
        hit = next(_sentences(language).kinds["story"].found_in(told), None)
        if hit is not None and hit[0] <= OPENING:
            return True
    return False


def _says(language: str, kind: str, part: str) -> bool:
    """Returns whether a part matches the patterns of a kind, or the calm ones; False for an unknown language."""
    if (language, kind) not in _likely(part):
        return False
    told = without_spaces(part) if language in UNSPACED else part
    return _sentences(language).kinds[kind].is_in(told)


@lru_cache(64)
def _likely(part: str) -> frozenset[tuple[str, str]]:
    """The languages and kinds whose patterns may be in a part of a text."""
    found = []
    for unspaced, told in ((False, part), (True, without_spaces(part))):
        pairs, among = _patterns(unspaced)
        found += [pairs[at] for at in among.may_be_in(told)]
    return frozenset(found)


@cache
def _patterns(unspaced: bool) -> tuple[tuple[tuple[str, str], ...], Among]:
    """The language and the kind of each pattern of the languages that are read with, or without, their spaces."""
    known = [_sentences(language) for language in LANGUAGES if (language in UNSPACED) is unspaced]
    pairs = tuple((each.language, kind) for each in known for kind in each.kinds)
    return pairs, Among([pattern for each in known for pattern in each.kinds.values()])


def kind_in(text: str) -> str:
    """The kind of emergency that a text tells of; "" for none."""
    found = alarm_in(text)
    return found[0] if found else ""


def foreign_alarm(text: str, plugin: str) -> Reply | None:
    """The reply to an emergency or a crisis told in another language.

    In a language without a catalogue it says in it what to call, and the rest in English.
    """
    found = alarm_in(text)
    if found is None:
        return None
    kind, known = found
    language = known.language if known.language in WRITTEN else "en"
    if kind == "crisis":
        reply, number, intent = crisis_reply(text, language), known.talk, "crisis_support"
    else:
        reply, number, intent = emergency_reply([_rule(KINDS[kind])], language), known.call, "emergency"
    if language == known.language:
        return replace(reply, intent=f"{plugin}.{intent}")
    return _with_number(number, reply, f"{plugin}.{intent}")


def _without_denials(text: str) -> str:
    """Removes the clauses that deny thoughts of self-harm: 从来没动过伤害自己的念头."""
    parts = _CLAUSE.split(text)
    return "".join(part for part in parts if "self_harm" not in read_facts(part).denied or _DOUBLE.search(part))


_DOUBLE = re.compile(r"不是[不没]|并非[不没]|不能说[不没]|不敢|\bnot (?:that|as if)\b|\bcan'?t say\b", re.IGNORECASE)
"""a denial that denies nothing: 不是不想……"""
_CLAUSE = re.compile(r"(?<=[,.;!?，。；！？\n])")


def hinted_crisis(text: str, plugin: str) -> Reply | None:
    """The reply to a crisis that is only hinted at, in any language; None for no hint.

    Args:
        text: the parts about a person here and now.
        plugin: whose reply it is.
    """
    language = hinted(_without_denials(without_stories(text[:LONGEST])))
    if not language:
        return None
    return replace(_perhaps(language), intent=f"{plugin}.crisis_support")


def crisis_perhaps_in(text: str) -> Reply:
    """The crisis lines for someone who may need them, with the one of the text's language."""
    return _perhaps(_spoken_in(text))


def emergency_perhaps_in(text: str) -> Reply:
    """The emergency number for someone who may need it, with the one of the text's language."""
    language = _spoken_in(text)
    if language in LANGUAGES and language not in WRITTEN:
        return _with_number(_sentences(language).call, emergency_perhaps("en"), "")
    return emergency_perhaps(language)


def _perhaps(language: str) -> Reply:
    if language in LANGUAGES and language not in WRITTEN:
        return _with_number(_sentences(language).talk, crisis_perhaps("en"), "")
    return crisis_perhaps(language)


def _spoken_in(text: str) -> str:
    return "zh" if language_of(text) == "zh" else detect_language(text)


def _with_number(lead: str, reply: Reply, intent: str) -> Reply:
    return replace(reply, text=f"{lead}\n{UNTRANSLATED}\n{reply.text}", speech=lead, intent=intent)


@cache
def _rule(key: str) -> Rule:
    return next(rule for rule in rules() if rule.id == key)
