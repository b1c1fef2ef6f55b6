"""One turn, from what came in to what is answered. Read this file first.

::

    turn ─▶ keep ──▶ listen ─▶ read ─▶ look ──▶ decide ─▶ answer ─▶ store ──▶ reply
            history  Whisper   BERT    vision   fusion    plugin    history

`Pipeline.run` walks a turn through all of it and announces each stage on the bus. `Pipeline.consider` walks it up to
its decision and does nothing about it: for explanations, and for the early guess about words that are still being
said. Whatever fails on the way leaves a notice, and the turn goes on with what is left; a turn always ends in a reply,
unless the user cancels it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from assistant.bus import Bus
from assistant.dialogue import phrases
from assistant.dialogue.clarification import Clarifications
from assistant.dialogue.deciding import Decided, Decider, even_shares
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
from assistant.types import OUT_OF_SCOPE, Decision, Encoding, Reply, Turn, TurnResult

__all__ = ["Pipeline", "TurnState"]


@dataclass
class TurnState:
    """One turn on its way through the pipeline: each step reads it and adds to it."""

    turn: Turn
    """as it came in; then with its transcript; then with what it is about, where it answers a question"""
    encodings: list[Encoding] = field(default_factory=list)
    decided: Decided | None = None
    reply: Reply = field(default_factory=lambda: Reply(""))
    notices: list[str] = field(default_factory=list)
    latency_ms: dict[str, float] = field(default_factory=dict)
    """milliseconds per stage, and "total" at the end"""
    began: float = field(default_factory=time.perf_counter)

    @property
    def decision(self) -> Decision:
        """What was decided; only after the step `decide`."""
        assert self.decided is not None, "the turn is not decided yet"
        return self.decided.decision

    @property
    def result(self) -> TurnResult:
        """Everything that came of the turn so far."""
        elapsed = (time.perf_counter() - self.began) * 1000
        latency = {**self.latency_ms, "total": self.latency_ms.get("total", elapsed)}
        return TurnResult(self.turn, self.decision, self.reply, latency, tuple(dict.fromkeys(self.notices)))


Step = Callable[[TurnState], Awaitable[None]]


class Pipeline:
    """Answers turns. Its steps up to `decide` change nothing but the state they are given.

    Args:
        runner: the models.
        decider: decides turns.
        plugins: answer them.
        dialogues: questions that plugins wait for.
        history: where every turn is kept.
        clarifications: questions of the assistant's own.
        bus: told of every stage.
    """

    def __init__(
        self,
        runner: ModelRunner,
        decider: Decider,
        plugins: PluginManager,
        dialogues: DialogueManager,
        history: History,
        clarifications: Clarifications,
        bus: Bus,
    ) -> None:
        self._runner = runner
        self._decider = decider
        self._plugins = plugins
        self._dialogues = dialogues
        self._history = history
        self._clarifications = clarifications
        self._bus = bus

    async def run(self, turn: Turn, *, again: bool = False) -> TurnState:
        """Answer a turn and keep it.

        Args:
            turn: what the user did.
            again: it may have been begun before, by a process that was killed; what it did is not done again.

        Raises:
            StorageError: the turn could not be stored; nothing was done about it.
            asyncio.CancelledError: the user stopped it; that is stored too.
        """
        state = TurnState(turn)
        self._bus.publish(TurnStarted(turn=turn.id, session=turn.session, modalities=turn.present))
        with self._stage(state, "keep"):
            await asyncio.to_thread(partial(self._history.begin, turn, again=again))
        try:
            if not (again and await self._finish(state)):
                await self._walk(state)
        except asyncio.CancelledError:
            self._history.mark(state.turn, "cancelled")
            self._bus.publish(TurnCancelled(turn=turn.id, session=turn.session))
            raise
        except Exception as error:
            self._history.mark(state.turn, "failed", str(error))
            self._bus.publish(TurnFailed(turn=turn.id, session=turn.session, reason=str(error)))
            raise
        with self._stage(state, "store"):
            await asyncio.to_thread(self._history.finish, state.result)
        state.latency_ms["total"] = state.result.latency_ms["total"]
        text, intent = state.reply.text, state.decision.intent
        self._bus.publish(ReplyReady(turn=turn.id, session=turn.session, text=text, intent=intent))
        return state

    async def consider(self, turn: Turn) -> TurnState:
        """Walk a turn up to its decision, as `run` would now; nothing is announced, answered or kept."""
        state = TurnState(turn)
        for _, step in self.steps(state):
            await step(state)
        return state

    def steps(self, state: TurnState) -> Iterator[tuple[str, Step]]:
        """The steps of a turn up to its decision, by name, in order; those it has no input for are left out."""
        if state.turn.audio is not None:
            yield "listen", self.listen
        yield "read", self.read
        if state.turn.images:
            yield "look", self.look
        yield "decide", self.decide

    async def _walk(self, state: TurnState) -> None:
        for name, step in self.steps(state):
            with self._stage(state, name):
                await step(state)
            self._announce(name, state)
        with self._stage(state, "answer"):
            await self.answer(state)

    async def _finish(self, state: TurnState) -> bool:
        """Take what the turn led to before it was cut off to its end; False when it led to nothing."""
        turn = state.turn
        try:
            found = await self._dialogues.answer_again(turn)
        except PluginError as error:
            found = "", self._plugin_failed(state, error)
        if found is None:
            return False
        shares = even_shares(turn)
        decision = Decision(found[0] or OUT_OF_SCOPE, 1.0, "answer", source="dialogue", contributions=shares)
        state.decided = Decided(decision, turn, turn)
        state.reply = _signed(found[1], decision)
        return True

    # The steps

    async def listen(self, state: TurnState) -> None:
        """Transcribe the recording, unless the turn carries its transcript; add its encodings and tone."""
        turn, notices = state.turn, state.notices
        transcript, heard = await self._runner.listen(turn, notices)
        if transcript is not None and not transcript.text and (turn.text or turn.images):
            notices.append(phrases.recording_empty(transcript.rejected, turn.text))
        state.encodings += heard
        state.turn = replace(turn, transcript=transcript, tone=self._runner.tone(turn, heard))

    async def read(self, state: TurnState) -> None:
        """Encode the words, typed and spoken."""
        turn = state.turn
        state.encodings += await self._runner.read(turn.text, "text", state.notices)
        spoken = turn.transcript.text if turn.transcript else ""
        state.encodings += await self._runner.read(spoken, "audio", state.notices)

    async def look(self, state: TurnState) -> None:
        """Encode the pictures."""
        state.encodings += await self._runner.look(state.turn.images, state.notices)

    async def decide(self, state: TurnState) -> None:
        """Decide what the turn asks for."""
        state.decided = await self._decider.decide(state.turn, tuple(state.encodings))
        state.turn = state.decided.turn

    async def answer(self, state: TurnState) -> None:
        """Do what was decided, and reply."""
        if state.decided is not None and state.decided.by_model:
            self._clarifications.close(state.turn.session)
        state.reply = _signed(await self._answer(state), state.decision)

    async def _answer(self, state: TurnState) -> Reply:
        turn, decision = state.turn, state.decision
        if _nothing_said(turn):
            return Reply(phrases.heard_nothing(turn.transcript.rejected if turn.transcript else ""))
        if decision.outcome == "clarify":
            return self._clarify(turn, decision)
        intent = self._intent(decision.intent)
        try:
            if decision.source == "dialogue":
                return await self._dialogues.resume(turn.session, turn)
            if decision.source == "set aside":
                question = self._dialogues.waiting.wake(turn.session, turn.utterance)
                if question is not None:
                    return question
            if intent is None or decision.outcome == "out_of_scope":
                reply = await self._plugins.answer_fallback(turn, decision, state.notices)
                return reply or Reply(phrases.not_understood(turn.utterance))
            slots = {**extract_slots(intent, turn.utterance), **decision.slots}
            # Whoever outranks the model is no digression to come back from: after an alarm nothing else matters.
            begin = self._dialogues.start if self._plugins.recognizes(intent.plugin) else self._dialogues.digress
            return await begin(intent, turn, slots)
        except PluginError as error:
            return self._plugin_failed(state, error)

    def _plugin_failed(self, state: TurnState, error: PluginError) -> Reply:
        state.notices.append(str(error))
        return Reply(phrases.plugin_failed(error.plugin, error.reason, state.turn.utterance))

    def _clarify(self, turn: Turn, decision: Decision) -> Reply:
        intents = [intent for name in decision.options if (intent := self._intent(name))]
        self._clarifications.ask(turn, [intent.name for intent in intents])
        if len(intents) < 2:
            return Reply(phrases.tell_me_more(turn.utterance, bool(turn.images)), follow_up=True)
        return Reply(phrases.clarify([_named(intent, turn) for intent in intents], turn.utterance), follow_up=True)

    def _intent(self, name: str) -> Intent | None:
        return next((intent for intent in self._plugins.intents if intent.name == name), None)

    # Announcing

    def _announce(self, step: str, state: TurnState) -> None:
        turn = state.turn
        if step == "listen" and turn.transcript is not None:
            self._bus.publish(TurnHeard(turn=turn.id, text=turn.transcript.text, language=turn.transcript.language))
        if step == "decide":
            made = state.decision
            self._bus.publish(
                IntentRecognized(turn=turn.id, intent=made.intent, confidence=made.confidence, outcome=made.outcome)
            )

    @contextmanager
    def _stage(self, state: TurnState, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            ms = (time.perf_counter() - began) * 1000
            state.latency_ms[stage] = ms
            self._bus.publish(StageFinished(turn=state.turn.id, stage=stage, milliseconds=ms))


def _named(intent: Intent, turn: Turn) -> str:
    # Summaries are written in English; to a Chinese speaker, something Chinese that one would say means more.
    if language_of(turn.utterance) == "zh":
        return next((example for example in intent.examples if language_of(example) == "zh"), intent.summary)
    return intent.summary


def _signed(reply: Reply, decision: Decision) -> Reply:
    return replace(reply, intent=decision.intent, confidence=decision.confidence, contributions=decision.contributions)


def _nothing_said(turn: Turn) -> bool:
    said = turn.transcript.text if turn.transcript else ""
    return turn.audio is not None and turn.transcript is not None and not (said or turn.text or turn.images)
