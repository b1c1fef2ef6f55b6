"""The corridor every turn walks, once, from what came in to what is answered. Read this file first.

::

    turn ─▶ keep ──▶ prepare ─▶ listen ─▶ read ─▶ look ──▶ decide ─▶ answer ─▶ store ──▶ result
            history  plugins    Whisper   BERT    vision   fusion    plugin    history

Each doorway is announced on the bus. Whatever fails on the way leaves a notice, and the turn goes on with
what is left; a turn always ends in a reply, unless the user cancels it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from assistant.bus import Bus
from assistant.dialogue import phrases
from assistant.dialogue.acts import asks_something, carries_on, says_cancel, says_go_back
from assistant.dialogue.clarification import Clarifications
from assistant.dialogue.manager import DialogueManager
from assistant.encoders.runner import ModelRunner
from assistant.errors import PluginError
from assistant.events import (
    IntentRecognized,
    ReplyReady,
    StageFinished,
    TurnCancelled,
    TurnFailed,
    TurnHeard,
    TurnStarted,
)
from assistant.intents.slots import extract_slots
from assistant.language import language_of
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.storage import History
from assistant.types import OUT_OF_SCOPE, Decision, Encoding, Modality, Reply, Turn, TurnResult

__all__ = ["DecisionModel", "Pipeline"]

logger = logging.getLogger(__name__)

CHANGE_OF_SUBJECT = 0.6
"""how sure a new request must be to leave a question open that waits for another kind of answer"""
SHORTEST_REQUEST = 12
"""bytes (four Chinese characters) below which words answer a question that any words could answer"""
ANOTHER_MATTER = 0.9
"""how sure a request to another plugin must be to leave open a question that any words could answer"""


class DecisionModel(Protocol):
    """Makes one decision of everything that was heard, seen and read."""

    def decide(self, encodings: Sequence[Encoding]) -> Decision:
        """Decide; quick, called on the inference worker."""
        ...

    def respell(self, text: str) -> str:
        """A request as it was perhaps meant: its slips mended."""
        ...


@dataclass
class _Passage:
    """One turn on its way through the corridor."""

    turn: Turn
    encodings: list[Encoding] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    latency_ms: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    def result(self, decision: Decision, reply: Reply) -> TurnResult:
        """Everything that came of the turn so far."""
        latency = {**self.latency_ms, "total": (time.perf_counter() - self.began) * 1000}
        return TurnResult(self.turn, decision, reply, latency, tuple(dict.fromkeys(self.notices)))


class Pipeline:
    """Answers turns.

    Args:
        senses: ears and eyes.
        model: the intent decision.
        plugins: who answers.
        dialogues: questions a plugin waits for.
        history: where every turn is kept.
        clarifications: questions of our own.
        bus: told at every doorway.
    """

    def __init__(
        self,
        senses: ModelRunner,
        model: DecisionModel,
        plugins: PluginManager,
        dialogues: DialogueManager,
        history: History,
        clarifications: Clarifications,
        bus: Bus,
    ) -> None:
        self._senses = senses
        self._model = model
        self._plugins = plugins
        self._dialogues, self._waiting = dialogues, dialogues.waiting
        self._history = history
        self._clarifications = clarifications
        self._bus = bus

    async def run(self, turn: Turn, *, again: bool = False) -> TurnResult:
        """Walk a turn through every stage.

        Args:
            turn: what the user did.
            again: it may have been begun before, by a process that was killed; what it did is not done again.

        Raises:
            StorageError: the turn could not be stored; nothing was done about it.
            asyncio.CancelledError: the user stopped it; that is stored too.
        """
        passage = _Passage(turn)
        self._bus.publish(TurnStarted(turn=turn.id, session=turn.session, modalities=turn.present))
        with self._stage(passage, "keep"):
            await asyncio.to_thread(partial(self._history.begin, turn, again=again))
        try:
            decision, reply = (await self._resume(passage) if again else None) or await self._walk(passage)
        except asyncio.CancelledError:
            self._history.mark(passage.turn, "cancelled")
            self._bus.publish(TurnCancelled(turn=turn.id, session=turn.session))
            raise
        except Exception as error:
            self._history.mark(passage.turn, "failed", str(error))
            self._bus.publish(TurnFailed(turn=turn.id, session=turn.session, reason=str(error)))
            raise
        with self._stage(passage, "store"):
            await asyncio.to_thread(self._history.finish, passage.result(decision, reply))
        self._bus.publish(ReplyReady(turn=turn.id, session=turn.session, text=reply.text, intent=decision.intent))
        return passage.result(decision, reply)

    async def _walk(self, passage: _Passage) -> tuple[Decision, Reply]:
        with self._stage(passage, "prepare"):
            passage.turn = await self._plugins.prepare_turn(passage.turn)
        await self._perceive(passage)
        with self._stage(passage, "decide"):
            decision = await self._decide(passage)
        with self._stage(passage, "answer"):
            reply = _signed(await self._answer(passage, decision), decision)
            reply = await self._plugins.prepare_reply(passage.turn, reply)
        return decision, _signed(reply, decision)

    async def _resume(self, passage: _Passage) -> tuple[Decision, Reply] | None:
        """What the turn led to before it was cut off, taken to its end; None when it led to nothing."""
        turn = passage.turn
        try:
            found = await self._dialogues.answer_again(turn)
        except PluginError as error:
            passage.notices.append(str(error))
            found = ("", Reply(phrases.plugin_failed(error.plugin, error.reason, turn.utterance)))
        if found is None:
            return None
        decision = Decision(found[0] or OUT_OF_SCOPE, 1.0, "answer", source="dialogue", contributions=_even(turn))
        reply = await self._plugins.prepare_reply(turn, _signed(found[1], decision))
        return decision, _signed(reply, decision)

    # What was heard, read and seen

    async def _perceive(self, passage: _Passage) -> None:
        turn, notices = passage.turn, passage.notices
        if turn.audio is not None:
            with self._stage(passage, "listen"):
                transcript, heard = await self._senses.listen(turn, notices)
                passage.encodings += heard
                # Who listened before the turn began (the voice loop) has also taken out what is not meant for us.
                transcript = turn.transcript or transcript
                if transcript is not None:
                    heard_words = TurnHeard(turn=turn.id, text=transcript.text, language=transcript.language)
                    self._bus.publish(heard_words)
                if transcript is not None and not transcript.text and (turn.text or turn.images):
                    notices.append(phrases.recording_empty(transcript.rejected, turn.text))
                passage.turn = turn = replace(turn, transcript=transcript, tone=self._senses.tone(turn, heard))
        with self._stage(passage, "read"):
            passage.encodings += await self._senses.read(turn.text, "text", notices)
            spoken = turn.transcript.text if turn.transcript else ""
            passage.encodings += await self._senses.read(spoken, "audio", notices)
        if turn.images:
            with self._stage(passage, "look"):
                passage.encodings += await self._senses.look(turn.images, notices)

    # What it means

    async def _decide(self, passage: _Passage) -> Decision:
        turn = passage.turn
        decision = await self._plugins.recognize_intent(turn)
        if decision is None or decision.intent == self._waiting.pending(turn.session):
            # Who waits for an answer and knows its own subject in it has been answered, not asked anew.
            decision = await self._decide_in_dialogue(passage)
        self._bus.publish(
            IntentRecognized(
                turn=turn.id, intent=decision.intent, confidence=decision.confidence, outcome=decision.outcome
            )
        )
        return decision

    async def _decide_in_dialogue(self, passage: _Passage) -> Decision:
        turn = passage.turn
        waiting = self._waiting.pending(turn.session)
        answer = Decision(waiting, 1.0, "answer", source="dialogue", contributions=_even(turn))
        if says_go_back(turn) and (left := waiting or next(iter(self._waiting.set_aside(turn.session)), "")):
            return replace(answer, intent=left, source="set aside")
        freely = self._waiting.takes_any_words(turn.session)
        leaves = freely and len(turn.utterance.encode()) >= SHORTEST_REQUEST and not says_cancel(turn)
        if waiting and self._waiting.fits(turn) and not leaves:
            return answer
        decision = await self._decide_by_model(passage)
        sure = decision.outcome == "answer" and decision.confidence >= (ANOTHER_MATTER if freely else CHANGE_OF_SUBJECT)
        # Any words may answer a free question, so only a clear request to another plugin leaves it, or a question.
        changes_subject = sure and not (freely and self._related(turn, decision, waiting))
        return answer if waiting and not changes_subject else decision

    def _related(self, turn: Turn, decision: Decision, waiting: str) -> bool:
        """Whether a decision belongs to what is asked already, so that the turn may be its answer."""
        plugin = _plugin(waiting)
        if asks_something(turn) and not self._plugins.recognizes(plugin):
            return decision.intent == waiting
        return decision.plugin == plugin

    async def _decide_by_model(self, passage: _Passage) -> Decision:
        if not any(encoding.text or encoding.modality == "image" for encoding in passage.encodings):
            return Decision(OUT_OF_SCOPE, 1.0, "out_of_scope", contributions=_even(passage.turn), out_of_scope=1.0)
        decision = await self._senses.call(self._model.decide, passage.encodings)
        if decision.outcome != "answer":
            decision = await self._read_again(passage.turn, decision)
        settled, passage.turn = self._clarifications.settle(passage.turn, decision)
        return settled if settled.outcome == "answer" else await self._carry_on(passage.turn, settled)

    async def _read_again(self, turn: Turn, decision: Decision) -> Decision:
        """What words without their slips decide, when the words as they stand decide nothing."""
        text = await self._senses.call(self._model.respell, turn.utterance)
        if turn.images or text == turn.utterance:
            return decision
        encodings = await self._senses.read(text, "text" if turn.text else "audio", [])
        again = await self._senses.call(self._model.decide, encodings)
        return decision if again.outcome == "out_of_scope" else again

    async def _carry_on(self, turn: Turn, decision: Decision) -> Decision:
        """Words that say little on their own, such as "and the lamp?", mean what was asked for last."""
        if not carries_on(turn) or self._waiting.pending(turn.session):
            return decision
        turns = await asyncio.to_thread(self._history.turns, turn.session, 2)
        last = next((each for each in reversed(turns) if each.id != turn.id), None)
        if last is None or last.outcome != "answer" or self._intent(last.intent) is None:
            return decision
        if self._plugins.recognizes(_plugin(last.intent)):
            return decision  # what was said of one complaint is not to be taken for another
        return replace(decision, intent=last.intent, confidence=1.0, outcome="answer", options=(), source="carried on")

    # What is answered

    async def _answer(self, passage: _Passage, decision: Decision) -> Reply:
        turn = passage.turn
        if _unheard(turn):
            return Reply(phrases.heard_nothing(turn.transcript.rejected if turn.transcript else ""))
        if decision.outcome == "clarify":
            return self._clarify(turn, decision)
        intent = self._intent(decision.intent)
        try:
            if decision.source == "dialogue":
                return await self._dialogues.resume(turn.session, turn)
            if decision.source == "set aside" and (question := self._waiting.wake(turn.session, turn.utterance)):
                return question
            if intent is None or decision.outcome == "out_of_scope":
                return await self._fall_back(passage, decision)
            slots = {**extract_slots(intent, turn.utterance), **decision.slots}
            # Whoever outranks the model is no digression to come back from: after a red flag nothing else matters.
            begin = self._dialogues.start if self._plugins.recognizes(intent.plugin) else self._dialogues.digress
            return await begin(intent, turn, slots)
        except PluginError as error:
            passage.notices.append(str(error))
            return Reply(phrases.plugin_failed(error.plugin, error.reason, turn.utterance))

    def _clarify(self, turn: Turn, decision: Decision) -> Reply:
        intents = [intent for name in decision.options if (intent := self._intent(name))]
        self._clarifications.ask(turn, [intent.name for intent in intents])
        if len(intents) < 2:
            return Reply(phrases.tell_me_more(turn.utterance, bool(turn.images)), follow_up=True)
        return Reply(phrases.clarify([_named(intent, turn) for intent in intents], turn.utterance), follow_up=True)

    async def _fall_back(self, passage: _Passage, decision: Decision) -> Reply:
        reply = await self._plugins.answer_fallback(passage.turn, decision, passage.notices)
        return reply or Reply(phrases.not_understood(passage.turn.utterance))

    def _intent(self, name: str) -> Intent | None:
        return next((intent for intent in self._plugins.intents if intent.name == name), None)

    # Bookkeeping

    @contextmanager
    def _stage(self, passage: _Passage, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            ms = (time.perf_counter() - began) * 1000
            passage.latency_ms[stage] = ms
            self._bus.publish(StageFinished(turn=passage.turn.id, stage=stage, milliseconds=ms))


def _named(intent: Intent, turn: Turn) -> str:
    # Summaries are written in English; to a Chinese speaker, something Chinese that one would say means more.
    if language_of(turn.utterance) == "zh":
        return next((example for example in intent.examples if language_of(example) == "zh"), intent.summary)
    return intent.summary


def _plugin(intent: str) -> str:
    return intent.partition(".")[0]


def _even(turn: Turn) -> dict[Modality, float]:  # shares of a decision that no model weighed
    return {modality: 1 / len(turn.present) for modality in turn.present}


def _signed(reply: Reply, decision: Decision) -> Reply:
    return replace(reply, intent=decision.intent, confidence=decision.confidence, contributions=decision.contributions)


def _unheard(turn: Turn) -> bool:
    said = turn.transcript.text if turn.transcript else ""
    return turn.audio is not None and turn.transcript is not None and not (said or turn.text or turn.images)
