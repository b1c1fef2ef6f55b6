"""What a turn is decided as: by a plugin that recognises it, by the question that is open, or by the intent model.

Deciding changes nothing: the pipeline decides turns here, and so do explanations and the early guess about words that
are still being said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from assistant.dialogue.acts import asks_something, carries_on, says_cancel, says_go_back
from assistant.dialogue.clarification import Clarifications
from assistant.dialogue.pending_questions import PendingQuestions
from assistant.encoders.runner import ModelRunner
from assistant.plugins.manager import PluginManager
from assistant.storage import History
from assistant.types import OUT_OF_SCOPE, Decision, Encoding, Modality, Turn

__all__ = ["Decided", "Decider", "DecisionModel", "even_shares"]

CHANGE_OF_SUBJECT = 0.6
"""how sure a new request must be to leave a question open that waits for another kind of answer"""
SHORTEST_REQUEST = 12
"""bytes (four Chinese characters) below which words answer a question that any words could answer"""
ANOTHER_MATTER = 0.9
"""how sure a request to another plugin must be to leave open a question that any words could answer"""


class DecisionModel(Protocol):
    """Makes one decision of everything that was typed, said and shown."""

    def decide(self, encodings: Sequence[Encoding]) -> Decision:
        """Decide; quick, called on the models' thread."""
        ...

    def respell(self, text: str) -> str:
        """A request as it was perhaps meant: its slips mended."""
        ...


@dataclass(frozen=True)
class Decided:
    """A decision, and what it rests on."""

    decision: Decision
    turn: Turn
    """what the decision is about: joined with an earlier turn where this one answers the assistant's own question"""
    basis: Turn
    """what the model decided on: the turn as it came, or with its slips mended"""
    encodings: Sequence[Encoding] = field(default=(), repr=False)
    """of `basis`"""
    by_model: bool = False
    """whether the intent model was asked; the assistant's own question before this turn is then answered or left"""


class Decider:
    """Decides turns.

    Args:
        runner: runs the intent model.
        model: the intent model.
        plugins: some recognise their turns themselves.
        pending: questions that plugins wait for.
        clarifications: questions of the assistant's own.
        history: what was asked for before.
    """

    def __init__(
        self,
        runner: ModelRunner,
        model: DecisionModel,
        plugins: PluginManager,
        pending: PendingQuestions,
        clarifications: Clarifications,
        history: History,
    ) -> None:
        self._runner, self._model, self._plugins = runner, model, plugins
        self._pending, self._clarifications, self._history = pending, clarifications, history

    async def decide(self, turn: Turn, encodings: Sequence[Encoding]) -> Decided:
        """Decide a turn from its encodings.

        Raises:
            QueueFull: too many calls of models wait already.
            DeadlineExceeded: the model took too long.
        """
        recognized = await self._plugins.recognize_intent(turn)
        # A plugin that waits for an answer and knows its own subject in it has been answered, not asked anew.
        if recognized is not None and recognized.intent != self._pending.pending(turn.session):
            return Decided(recognized, turn, turn, encodings)
        return await self._in_dialogue(turn, encodings)

    async def _in_dialogue(self, turn: Turn, encodings: Sequence[Encoding]) -> Decided:
        pending = self._pending.pending(turn.session)
        answer = Decision(pending, 1.0, "answer", source="dialogue", contributions=even_shares(turn))
        if says_go_back(turn) and (left := pending or next(iter(self._pending.set_aside(turn.session)), "")):
            return Decided(replace(answer, intent=left, source="set aside"), turn, turn, encodings)
        if not pending:
            return await self._by_model(turn, encodings)
        freely = self._pending.takes_any_words(turn.session)
        leaves = freely and len(turn.utterance.encode()) >= SHORTEST_REQUEST and not says_cancel(turn)
        if self._pending.fits(turn) and not leaves:
            return Decided(answer, turn, turn, encodings)
        decided = await self._by_model(turn, encodings)
        if self._changes_subject(turn, decided.decision, pending, freely=freely):
            return decided
        return replace(decided, decision=answer)

    def _changes_subject(self, turn: Turn, decision: Decision, pending: str, *, freely: bool) -> bool:
        # Any words may answer a free question, so only a clear request to another plugin leaves it, or a question.
        sure = decision.outcome == "answer" and decision.confidence >= (ANOTHER_MATTER if freely else CHANGE_OF_SUBJECT)
        return sure and not (freely and self._related(turn, decision, pending))

    def _related(self, turn: Turn, decision: Decision, pending: str) -> bool:
        """Whether a decision belongs to what is asked already, so that the turn may be its answer."""
        plugin = pending.partition(".")[0]
        if asks_something(turn) and not self._plugins.recognizes(plugin):
            return decision.intent == pending
        return decision.plugin == plugin

    async def _by_model(self, turn: Turn, encodings: Sequence[Encoding]) -> Decided:
        if not any(encoding.text or encoding.modality == "image" for encoding in encodings):
            nothing = Decision(OUT_OF_SCOPE, 1.0, "out_of_scope", contributions=even_shares(turn), out_of_scope=1.0)
            return Decided(nothing, turn, turn, encodings)
        decision = await self._runner.call(self._model.decide, encodings)
        decided = Decided(decision, turn, turn, encodings, by_model=True)
        if decision.outcome != "answer":
            decided = await self._without_slips(decided)
        decision, about = self._clarifications.resolve(turn, decided.decision)
        decided = replace(decided, decision=decision, turn=about)
        return decided if decision.outcome == "answer" else await self._carry_on(decided)

    async def _without_slips(self, decided: Decided) -> Decided:
        """What words without their slips decide, when the words as they stand decide nothing."""
        turn = decided.turn
        text = await self._runner.call(self._model.respell, turn.utterance)
        if turn.images or text == turn.utterance:
            return decided
        encodings = await self._runner.read(text, "text" if turn.text else "audio", [])
        again = await self._runner.call(self._model.decide, encodings)
        if again.outcome == "out_of_scope":
            return decided
        return replace(decided, decision=again, basis=_respelled(turn, text), encodings=encodings)

    async def _carry_on(self, decided: Decided) -> Decided:
        """Words that say little on their own, such as "and the lamp?", mean what was asked for last."""
        turn = decided.turn
        if not carries_on(turn) or self._pending.pending(turn.session):
            return decided
        turns = await asyncio.to_thread(self._history.turns, turn.session, 2)
        last = next((each for each in reversed(turns) if each.id != turn.id), None)
        known = last is not None and any(intent.name == last.intent for intent in self._plugins.intents)
        if last is None or last.outcome != "answer" or not known:
            return decided
        if self._plugins.recognizes(last.intent.partition(".")[0]):
            return decided  # what was said of one complaint is not to be taken for another
        meant = replace(decided.decision, intent=last.intent, confidence=1.0, outcome="answer", options=())
        return replace(decided, decision=replace(meant, source="carried on"))


def even_shares(turn: Turn) -> dict[Modality, float]:
    """Equal shares of the modalities present, for a decision that no model weighed."""
    return {modality: 1 / len(turn.present) for modality in turn.present}


def _respelled(turn: Turn, text: str) -> Turn:
    """The turn with all its words as mended, which the model read as typed if any were."""
    if turn.text or turn.transcript is None:
        return replace(turn, text=text, transcript=None)
    return replace(turn, transcript=replace(turn.transcript, text=text))
