"""Detects the language of a text cheaply: by its script, then by its commonest words.

Only what routes a text to the right encoder and voice is decided here: English or not, and among the languages
the multilingual encoder reads, which. A sentence takes microseconds and no model.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

from assistant.language.catalogue import Catalogue

__all__ = [
    "LANGUAGES",
    "Language",
    "detect_language",
    "is_english",
    "language_of",
    "listed",
    "may_be_english",
    "month_name",
    "reply_languages",
    "said_in",
    "say",
    "screen_language",
    "surely_in",
    "system_language",
    "voice_language",
    "weekday_name",
    "written_day",
]

Language = str
"""the ISO 639-1 code of a language in which replies are written: English, Chinese, or one of ``phrases.*.toml``"""
LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
"""ISO 639-1 codes of the languages that are distinguished (simplified and traditional Chinese are both "zh")"""

READ, REMEMBERED = 2_000, 200
"""characters looked at, and of a text that is looked at once: a turn asks again and again"""
KNOWN_WORDS = 0.6
"""share of a text's words that the encoder's vocabulary holds whole, from which on it is English"""
OTHER_LETTERS = 0.2
"""share of letters of another script, up to which it may be"""
SURE = 3
"""by how much a language must lead English, where a common word counts 2 and one with a letter of its own 1: of 29,000
English sentences, two with a Spanish title are taken for Spanish"""

_SCRIPTS = {
    "zh": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
    "ja": re.compile(r"[\u3040-\u30ff\uff66-\uff9f]"),
    "ko": re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "ar": re.compile(r"[\u0600-\u06ff\u0750-\u077f]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
}
_LATIN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LETTERS_ONLY = re.compile(r"[^\W\d_]+")

_LETTERS = {
    "de": "äöüß", "es": "ñ¿¡áéíóú", "fr": "éèêàçùâîôûœë", "it": "àèìòù", "nl": "ĳ", "pl": "ąćęłńóśźż",
    "pt": "ãõçáéêâóú", "tr": "ğışçöü",
}  # fmt: skip


def detect_language(text: str, default: str = "en") -> str:
    """The language of a text.

    Args:
        text: any text; the first `READ` characters count.
        default: for a text that shows no language: numbers, names, a word or two.

    Returns:
        An ISO 639-1 code out of `LANGUAGES`, or the default.
    """
    text = text[:READ]
    return (_remembered(text) if len(text) <= REMEMBERED else _detected(text)) or default


def _detected(text: str) -> str:
    text = unicodedata.normalize("NFC", text).casefold()
    return _by_script(text) or _by_words(text)


_remembered = lru_cache(2048)(_detected)


def is_english(text: str, knows: Callable[[str], bool] | None = None) -> bool:
    """Returns whether an encoder of English can make sense of a text.

    Args:
        text: any text; the first `READ` characters count.
        knows: whether a word, in small letters, stands in that encoder's vocabulary. Dutch, Danish or Turkish that
            shows none of the commonest words of its language is told by words that are not there.
    """
    text = text[:READ].casefold()
    if detect_language(text) != "en":
        return False
    words = _LETTERS_ONLY.findall(text)
    foreign = sum(character > "\u024f" for word in words for character in word)
    if foreign > OTHER_LETTERS * sum(map(len, words)):  # an English title in an Arabic or a Chinese request
        return False
    return knows is None or sum(map(knows, words)) >= KNOWN_WORDS * len(words)


def may_be_english(text: str) -> bool:
    """Returns whether a text shows no other language, with or without numbers and codes ("A" of A1002 is no word)."""
    return "en" in (detect_language(text), detect_language(_NUMBERED.sub(" ", text)))


_NUMBERED = re.compile(r"\w*\d\w*")


@cache
def _common_words() -> dict[str, frozenset[str]]:
    import tomllib

    text = resources.files(__package__).joinpath("common_words.toml").read_text(encoding="utf-8")
    return {language: frozenset(words.split()) for language, words in tomllib.loads(text).items()}


def _by_script(text: str) -> str:
    if text.isascii():
        return ""
    counts = {language: len(pattern.findall(text)) for language, pattern in _SCRIPTS.items()}
    # A Chinese character or a Korean syllable says as much as three or four letters of an alphabet.
    weights = {language: count * (3 if language in ("zh", "ja", "ko") else 1) for language, count in counts.items()}
    best = max(weights, key=lambda language: weights[language])
    latin = sum(len(word) for word in _LATIN.findall(text) if word.isascii())
    if not weights[best] or weights[best] < latin / 2:
        return ""
    # Japanese mixes kana with Chinese characters, Chinese never does.
    return "ja" if best == "zh" and counts["ja"] * 10 >= counts["zh"] else best


def _by_words(text: str) -> str:
    scores = _scores(text)
    best = max(scores.values())
    leaders = [language for language, score in scores.items() if score == best]
    return "" if best == 0 else "en" if "en" in leaders else leaders[0]


def _scores(text: str) -> Counter[str]:
    """How much of a text in Latin script shows each language."""
    words = _LATIN.findall(text.replace("’", "'"))
    stems = [(word, word.partition("'")[0]) for word in words]
    scores: Counter[str] = Counter()
    for language, common in _common_words().items():
        scores[language] = 2 * sum(word in common or stem in common for word, stem in stems)
    for language, letters in _LETTERS.items() if not text.isascii() else ():
        scores[language] += sum(any(letter in letters for letter in word) for word in words) + 2 * sum(
            mark in text for mark in set(letters) & set("¿¡")
        )
    return scores


def surely_in(text: str, heard: str = "") -> str:
    """The language that a text is surely in: by its script, or by two words more than of English; "" for none.

    `heard` is what recognition takes its sound for: with it one word is enough.
    """
    text = unicodedata.normalize("NFC", _ANY_LANGUAGE.sub(" ", text[:READ])).casefold()
    if by_script := _by_script(text):
        return by_script
    scores = _scores(text)
    (best, score), (_, second) = scores.most_common(2)
    return best if score > second and score - scores["en"] >= (1 if best == heard else SURE) else ""


def said_in(language: str, key: str) -> str:
    """A line of ``not_spoken.toml``, for a language in which replies are not written, or not all; "" for others."""
    return _not_spoken().get(language, {}).get(key, "")


@cache
def _not_spoken() -> dict[str, dict[str, str]]:
    import tomllib

    return tomllib.loads(resources.files(__package__).joinpath("not_spoken.toml").read_text(encoding="utf-8"))


_CATALOGUE = Catalogue(Path(__file__).parent)
say = _CATALOGUE.say
"""a sentence of the assistant's own, by key and language; see `Catalogue.say`"""


def listed(things: Iterable[str], language: Language, *, quoted: bool = False) -> str:
    """Things one after another, such as requests in the user's words, which are `quoted`."""
    words = (thing.strip() for thing in things)
    if quoted:
        return say("comma", language).join(say("quoted", language, words=each) for each in words)
    return say("between", language).join(words)


def weekday_name(weekday: int, language: Language) -> str:
    """The name of a day of the week, 0 for Monday."""
    return say("weekdays", language).split()[weekday]


def month_name(month: int, language: Language) -> str:
    """The name of a month, 1 to 12."""
    return say("months", language).split()[month - 1]


def written_day(day: date, language: Language, *, year: bool = False) -> str:
    """A day as people write it: "Tuesday, 3 March" or 3月3日星期二; with its `year` where that is wanted."""
    values = {"weekday": weekday_name(day.weekday(), language), "month": month_name(day.month, language)}
    return say("day_of_year" if year else "day", language, day=day.day, year=day.year, **values)


@cache
def reply_languages() -> tuple[Language, ...]:
    """The languages in which the assistant's own sentences are written, English first."""
    return _CATALOGUE.languages


_CHINESE = re.compile(r"[\u3400-\u9fff]")
_JAPANESE = re.compile(r"[\u3041-\u3096]")
_BORROWED = "の"
"""hiragana that Chinese signs use for its looks"""


def language_of(text: str) -> Language:
    """Returns the language of the reply.

    Chinese when the text holds Chinese characters and is not Japanese; else the language that it is in, where replies
    are written in that; else English.
    """
    if _CHINESE.search(text):
        return "en" if _JAPANESE.search(text.replace(_BORROWED, "")) else "zh"
    found = detect_language(_ANY_LANGUAGE.sub(" ", text[:READ]))
    return found if found in reply_languages() else "en"


_ANY_LANGUAGE = re.compile(
    r"\b(?:[^\W\d_]|do|name|on|an|me|pas|la|no|den|des|die|im|per|par|plan|note|page|sur|dans|ai|male)\b",
    re.IGNORECASE,
)
"""words that English shares with others, in names and phrases too"""


def voice_language(text: str) -> str:
    """The language, out of `LANGUAGES`, of the voice for a text: English where nothing else is sure."""
    letters = sum(character.isalpha() for character in text)
    if _JAPANESE.search(text) is None and letters and len(_CHINESE.findall(text)) / letters > 0.3:
        return "zh"
    found = detect_language(_ANY_LANGUAGE.sub(" ", text))
    return "en" if found == "zh" else found


def system_language() -> str:
    """The language that the system is set to, as ``fr`` or ``zh-tw``; ``en`` where it names none."""
    setting = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    code = setting.partition(".")[0].lower().replace("_", "-")
    return "en" if code in ("", "c", "posix") else code


def screen_language() -> Language:
    """Returns the language of screens without words of the user's: the system's if replies are written in it."""
    code = system_language().partition("-")[0]
    return code if code in reply_languages() else "en"
