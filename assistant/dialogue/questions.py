"""A question to the user, and the reading of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from assistant.dialogue import phrases
from assistant.intents.choices import match_choice, read_yes_no
from assistant.intents.entity_slots import ENTITY_KINDS, read_entities
from assistant.intents.numbers import find_numbers
from assistant.language import Language, language_of, listed, say
from assistant.plugins.serialization import kind_name
from assistant.types import Picture, Reply, Turn
from assistant.understanding.consent import read_consent

__all__ = ["InvalidAnswer", "Question", "read_answer", "with_question"]


class InvalidAnswer(Exception):
    """Raised by a handler when an answer does not fit its question; the message says how to answer."""


@dataclass(frozen=True)
class Question:
    """A question that a handler asks."""

    text: str
    kind: str = "str"
    """a key of `assistant.plugins.serialization.KINDS`"""
    choices: tuple[str, ...] = ()
    speech: str = ""
    mentions: tuple[str, ...] = ()
    """beginnings of words that an answer may hold; see `Dialogue.ask`"""
    confirms: bool = False
    """a yes may change something: only an unmistakable one, read over the whole answer, is a yes"""

    @classmethod
    def of(
        cls,
        text: str,
        kind: type | None,
        choices: Sequence[str],
        speech: str,
        mentions: Sequence[str] = (),
        *,
        confirms: bool = False,
    ) -> Question:
        """Builds a question from the arguments of `Dialogue.ask`.

        Raises:
            TypeError: one of it cannot be asked; says what.
        """
        if not isinstance(text, str) or not text.strip():
            raise TypeError(f"ask() needs a question, not {text!r}")
        name = kind_name(kind)
        for what, given in (("choices", choices), ("mentions", mentions)):
            if isinstance(given, str) or not all(isinstance(each, str) and each for each in given):
                raise TypeError(f"ask() needs {what} as a list of strings, not {given!r}")
        return cls(text, name, tuple(choices), speech, tuple(mentions), confirms and name == "bool")

    @property
    def language(self) -> Language:
        """The language that it is asked in."""
        return language_of(self.text)

    def mentioned(self, said: str) -> bool:
        """Returns whether words hold one of those that an answer may hold."""
        lower = said.lower()
        return any(
            bool(re.search(rf"(?<![a-z0-9]){re.escape(each.lower())}", lower)) if each.isascii() else each in lower
            for each in self.mentions
        )

    def reply(self, before: str = "") -> Reply:
        """The question as a reply.

        Args:
            before: a sentence to say first.
        """
        text = f"{before} {self.text}" if before else self.text
        speech = f"{before} {self.speech}" if before and self.speech else self.speech
        return Reply(text, speech=speech, follow_up=True)


def read_answer(question: Question, turn: Turn) -> Any:
    """Reads the answer in a turn as the question's kind.

    Raises:
        InvalidAnswer: it does not; the message says, in the question's language, what would.
    """
    if question.confirms:
        return _consent(question, turn)
    if question.mentioned(turn.utterance):
        return turn.utterance.strip()
    if question.choices:
        return _choice(question, turn)
    value = _READERS[question.kind](turn)
    if value is None:
        raise InvalidAnswer(say(f"wanted_{question.kind}", question.language))
    return value


def _consent(question: Question, turn: Turn) -> Any:
    consent = read_consent(turn.utterance, asked=question.text)
    if consent == "yes":
        return True
    if question.mentioned(turn.utterance):  # "no, the red one"
        return turn.utterance.strip()
    if consent == "no":
        return False
    raise InvalidAnswer(phrases.confirm_clearly(consent, question.text))


def _choice(question: Question, turn: Turn) -> str:
    said = turn.utterance
    found = match_choice(said, question.choices) or _by_position(said, question.choices)
    if found is None and {choice.lower() for choice in question.choices} == {"yes", "no"}:
        agreed = read_yes_no(said)
        found = next((c for c in question.choices if agreed is not None and c.lower() == ("no", "yes")[agreed]), None)
    if found is None:
        choices = listed(question.choices, question.language)
        raise InvalidAnswer(say("wanted_choice", question.language, choices=choices))
    return found


def _by_position(said: str, choices: Sequence[str]) -> str | None:
    """The choice meant by "2", "the second one" or 第二个."""
    if not re.fullmatch(r"\W*(?:\d+|(?:the\s+)?\w+(?:\s+(?:one|option))?|第?[\w]个?)\W*", said, re.IGNORECASE):
        return None
    ordinals = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
    numbers = [int(mention.value) for mention in find_numbers(said.lower().replace(" one", ""))]
    numbers = [value for word, value in ordinals.items() if word in said.lower()] or numbers
    return choices[numbers[0] - 1] if len(numbers) == 1 and 1 <= numbers[0] <= len(choices) else None


def with_question(reply: Reply, question: Question | None) -> Reply:
    """A reply with the question that it interrupted."""
    if question is None:
        return reply
    asked = question.reply(say("back_to", question.language))
    return replace(reply, text=f"{reply.text}\n{asked.text}", speech=f"{reply.spoken} {asked.spoken}", follow_up=True)


def _text(turn: Turn) -> str | None:
    return turn.utterance.strip() or None


def _integer(turn: Turn) -> int | None:
    value = _float(turn)
    return int(value) if value is not None and value == int(value) else None


def _float(turn: Turn) -> float | None:
    values = {mention.value for mention in find_numbers(turn.utterance)}
    return values.pop() if len(values) == 1 else None


def _bool(turn: Turn) -> bool | None:
    consent = read_consent(turn.utterance)
    return {"yes": True, "no": False, "unsure": None}.get(consent, read_yes_no(turn.utterance))


def _entity(kind: type) -> Callable[[Turn], Any]:
    def read(turn: Turn) -> Any:
        values = read_entities(kind, turn.utterance, datetime.fromtimestamp(turn.at))
        return values[0] if len(values) == 1 else None

    return read


def _picture(turn: Turn) -> Picture | None:
    return turn.images[0] if turn.images else None


_READERS: dict[str, Callable[[Turn], Any]] = {
    "str": _text,
    "int": _integer,
    "float": _float,
    "bool": _bool,
    "picture": _picture,
    **{kind_name(kind): _entity(kind) for kind in ENTITY_KINDS},
}
