"""Calls intents as tools, for a plugin that runs a language model: under the rules for the user's own requests.

An intent that only answers is called at once. One that may change something is only proposed, and only when the user's
own words of this turn ask for a change and are about it; the assistant then asks, and a clear yes begins it as if the
user had typed it. What a model, a file or another tool says never counts as the user's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from assistant.dialogue.decided import Decided
from assistant.dialogue.questions import InvalidAnswer, Question, read_answer
from assistant.errors import InputError
from assistant.plugins.api import Intent, Slot
from assistant.plugins.manager import PluginManager
from assistant.plugins.schema import given_to
from assistant.plugins.tools import Tool
from assistant.types import Reply, Turn
from assistant.understanding.types import Understanding

__all__ = ["Proposal", "ToolCalls", "TurnTools", "own_words"]

REQUEST = "request"
"""the argument that stands for a turn's words, of a handler that reads these"""
LONGEST_WORDS = 400
"""characters of a turn that can be all the user's own; more was pasted"""
LONGEST_ARGUMENT = 500
"""characters"""
MOST_ARGUMENTS = 20
ABOUT = 0.05
"""confidence from which the user's words may be about an intent"""
_QUOTED = re.compile(r"[\"“”„«»「」『』\n]|(?<!\w)['‘]|:\s|：")
"""signs that a part of a turn is quoted from someone else"""
_JSON = {str: "string", int: "integer", float: "number", bool: "boolean"}
_FORMS = {"date": "a date, such as 2027-01-31", "time": "a time of day, such as 15:30", "datetime": "a date and time"}


@dataclass(frozen=True)
class Proposal:
    """A proposed action that waits for the user's yes."""

    intent: Intent
    turn: Turn
    slots: Mapping[str, Any]
    shown: str
    """what is asked about: the intent and its arguments"""


@dataclass
class _Answered:
    """A turn that is being answered."""

    turn: Turn
    parts: Sequence[Decided]
    understanding: Understanding
    proposal: Proposal | None = None

    @property
    def near(self) -> dict[str, float]:
        """Similarity of each intent to the user's words, nearest first."""
        near: dict[str, float] = {}
        for part in self.parts:
            for candidate in part.decision.candidates:
                near[candidate.intent] = max(candidate.confidence, near.get(candidate.intent, 0.0))
        return dict(sorted(near.items(), key=lambda each: -each[1]))


def own_words(turn: Turn) -> bool:
    """Returns whether all of a turn is the user's own words: one short line without quotation, colon or pictures."""
    words = turn.utterance
    return len(words) <= LONGEST_WORDS and not _QUOTED.search(words.strip()) and not turn.images


class ToolCalls:
    """The tools of the turns that are answered now.

    Args:
        plugins: have the intents.
    """

    def __init__(self, plugins: PluginManager) -> None:
        self._plugins = plugins
        self._answered: dict[str, _Answered] = {}

    @contextmanager
    def answering(self, turn: Turn, parts: Sequence[Decided], understanding: Understanding) -> Iterator[None]:
        """Let the plugin that answers this turn call tools."""
        self._answered[turn.session] = _Answered(turn, parts, understanding)
        try:
            yield
        finally:
            self._answered.pop(turn.session, None)

    def of(self, plugin: str, session: str) -> TurnTools:
        """The tools that a plugin may call in a session."""
        return TurnTools(self, plugin, session)

    def taken_proposal(self, session: str) -> Proposal | None:
        """The question to ask after the turn's reply, once."""
        answered = self._answered.get(session)
        if answered is None:
            return None
        proposal, answered.proposal = answered.proposal, None
        return proposal

    def listed(self, plugin: str, session: str, most: int) -> list[Tool]:
        """See `Tools.list`."""
        near = self._turn(session).near
        allowed = {intent.name: intent for intent in self._plugins.intents if self._allowed(intent, plugin)}
        ordered = [*(name for name in near if name in allowed), *(name for name in allowed if name not in near)]
        return [_tool(allowed[name]) for name in ordered[: max(0, most)]]

    async def call(self, plugin: str, session: str, name: str, arguments: Mapping[str, Any]) -> Reply:
        """See `Tools.call`."""
        answered = self._turn(session)
        intent = self._plugins.intent(name)
        if intent is None or not self._allowed(intent, plugin):
            raise InputError(f"There is no tool {str(name)[:60]!r}.")
        slots, words = _read(intent, arguments)
        turn = Turn(session=session, text=words, images=answered.turn.images)
        if not intent.may_act:
            return await self._plugins.answer(intent, turn, slots, live=False)
        self._permit(intent, answered)
        shown = ", ".join(f"{key}: {value}" for key, value in arguments.items())
        answered.proposal = Proposal(intent, Turn(session=session, text=words), slots, shown)
        return Reply("Nothing is done yet: the user is asked now, and it is done after a yes.")

    def _turn(self, session: str) -> _Answered:
        answered = self._answered.get(session)
        if answered is None:
            raise InputError("A tool can be called only during a turn, for the turn's conversation.")
        return answered

    def _permit(self, intent: Intent, answered: _Answered) -> None:
        if answered.proposal is not None:
            raise InputError("Not done: another change waits for its answer; a turn may make only one.")
        asks = any(clause.acting for clause in answered.understanding.clauses)
        about = answered.near.get(intent.name, 0.0) >= ABOUT
        if not (own_words(answered.turn) and asks and about):
            raise InputError(f"Not done: the user did not ask for {intent.name} in their own words.")

    def _allowed(self, intent: Intent, plugin: str) -> bool:
        """Returns whether an intent may be a tool: its values can be written, and no alarm depends on who asks."""
        asks = "dialogue" in given_to(intent.handler) and not intent.may_act  # it cannot ask within an answer
        own = intent.plugin == plugin or not intent.examples or intent.directs is not None
        return not (asks or own or intent.urgent or self._plugins.warns(intent.plugin))


class TurnTools:
    """Implements `assistant.plugins.tools.Tools`."""

    def __init__(self, calls: ToolCalls, plugin: str, session: str) -> None:
        self._calls, self._plugin, self._session = calls, plugin, session

    async def list(self, most: int = 12) -> list[Tool]:
        """The tools nearest to the turn's words."""
        return self._calls.listed(self._plugin, self._session, most)

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Reply:
        """Call a tool, or have the user asked."""
        return await self._calls.call(self._plugin, self._session, name, arguments)


def _tool(intent: Intent) -> Tool:
    properties = {slot.name: _schema(slot) for slot in intent.slots}
    required = [slot.name for slot in intent.slots if slot.required]
    if "turn" in given_to(intent.handler):
        said = f"What is wanted, as a short sentence such as: {intent.examples[0]}"
        properties[REQUEST] = {"type": "string", "description": said}
        required.append(REQUEST)
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return Tool(intent.name, intent.summary, schema, intent.may_act)


def _schema(slot: Slot) -> dict[str, Any]:
    if slot.choices:
        return {"type": "string", "enum": list(slot.choices)}
    if slot.kind in _JSON:
        return {"type": _JSON[slot.kind]}
    return {"type": "string", "description": _FORMS.get(slot.kind.__name__, slot.kind.__name__)}


def _read(intent: Intent, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The slots and the words of a call.

    Raises:
        InputError: an argument is unknown, missing, too long or of the wrong kind.
    """
    if not isinstance(arguments, Mapping):
        raise InputError(f"{intent.name} takes its arguments by name.")
    if len(arguments) > MOST_ARGUMENTS:
        raise InputError(f"{intent.name} was called with {len(arguments)} arguments; the limit is {MOST_ARGUMENTS}.")
    known = _tool(intent).parameters
    for name, value in arguments.items():
        if name not in known["properties"]:
            raise InputError(f"{intent.name} has no argument {str(name)[:40]!r}.")
        if not isinstance(value, (str, int, float, bool)) or len(str(value)) > LONGEST_ARGUMENT:
            raise InputError(f"The argument {name} of {intent.name} is not a short plain value.")
    if missing := [name for name in known["required"] if name not in arguments]:
        raise InputError(f"{intent.name} needs {', '.join(missing)}.")
    slots = {slot.name: _value(intent, slot, arguments[slot.name]) for slot in intent.slots if slot.name in arguments}
    return slots, str(arguments.get(REQUEST, ""))


def _value(intent: Intent, slot: Slot, given: Any) -> Any:
    """A value as the slot's kind, read as a typed answer is."""
    if slot.kind is str and not slot.choices:
        return str(given)
    if type(given) is slot.kind:
        return given
    if slot.kind is float and type(given) is int:
        return float(given)
    try:
        return read_answer(Question.of(slot.name, slot.kind, slot.choices, ""), Turn(text=str(given)))
    except InvalidAnswer as error:
        wanted = f"is not of type {slot.kind.__name__}: {str(given)[:60]!r}"
        raise InputError(f"The argument {slot.name} of {intent.name} {wanted}.") from error
