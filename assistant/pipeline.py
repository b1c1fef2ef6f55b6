"""One turn, from what came in to what is answered. Read this file first.

::

    turn ─▶ check ─▶ keep ──▶ listen ─▶ read ─▶ understand ─▶ look ──▶ decide ─▶ answer ─▶ store ──▶ reply
            safety   history  Whisper   BERT    clauses       vision   fusion    plugins   history

A turn about which a safety check raises an alarm gets the check's reply at once, and nothing else is done about it;
spoken words are checked as soon as they are heard.

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
from dataclasses import replace
from functools import partial

from assistant.bus import Bus
from assistant.dialogue import phrases
from assistant.dialogue.alarms import Alarms, alarm_decision
from assistant.dialogue.answering import Answerer
from assistant.dialogue.clarification import Clarifications
from assistant.dialogue.decided import Decided, even_shares, with_words
from assistant.dialogue.deciding import Decider
from assistant.dialogue.manager import DialogueManager
from assistant.dialogue.model_decisions import DecisionModel, ModelDecisions
from assistant.dialogue.preparing import prepare
from assistant.dialogue.request_acts import asked_in_examples, asks_for
from assistant.dialogue.tool_calls import ToolCalls
from assistant.dialogue.turn_state import TurnState
from assistant.dialogue.users_language import in_users_language
from assistant.encoders.runner import ModelRunner
from assistant.errors import PluginError, StorageError
from assistant.events import (
    IntentRecognized,
    ReplyReady,
    StageFinished,
    TurnCancelled,
    TurnFailed,
    TurnHeard,
    TurnStarted,
)
from assistant.intents.own_examples import OwnExamples
from assistant.plugins.answers import cut_off
from assistant.plugins.manager import PluginManager
from assistant.safety import Alarm, SafetyChecks
from assistant.settings import config_dir
from assistant.storage import History
from assistant.types import OUT_OF_SCOPE, Decision, Reply, Turn
from assistant.understanding.corrections import mended
from assistant.understanding.model import ClauseReader
from assistant.understanding.requests import without_dropped

__all__ = ["Pipeline"]

Step = Callable[[TurnState], Awaitable[None]]

SHORT = 1_000
"""characters that are split into clauses at once (milliseconds); longer texts go to a thread of their own"""


class Pipeline:
    """Answers turns. Its steps up to `decide` change nothing but the state they are given.

    Args:
        runner: the models.
        model: decides turns by what was learned from the plugins' examples.
        plugins: answer turns.
        dialogues: questions that plugins wait for.
        clarifications: questions which of several things is meant.
        history: where every turn is kept.
        bus: receives an event for every stage.
        checks: the shipped safety checks.
        reader: reads turns into clauses.
        own: sentences of the user's own, with what each is meant for.
        tools: what plugins may call while they answer.
    """

    def __init__(
        self,
        runner: ModelRunner,
        model: DecisionModel,
        plugins: PluginManager,
        dialogues: DialogueManager,
        clarifications: Clarifications,
        history: History,
        bus: Bus,
        checks: SafetyChecks | None = None,
        reader: ClauseReader | None = None,
        own: OwnExamples | None = None,
        tools: ToolCalls | None = None,
    ) -> None:
        self._runner, self._dialogues, self._history, self._bus = runner, dialogues, history, bus
        self._reader, self._tools, self._live = reader or ClauseReader(), tools or ToolCalls(plugins), plugins.live
        pending, own = dialogues.waiting, own or OwnExamples(config_dir() / "examples.toml")
        models = ModelDecisions(runner, model, plugins, pending, clarifications, history)
        self._decider = Decider(models, plugins, pending, asked_in_examples(self._reader), own, asks_for(self._reader))
        self._answerer = Answerer(plugins, dialogues, clarifications, self._tools)
        self._alarms = Alarms(checks, plugins, pending, history)
        self.prepare = partial(prepare, self._decider, self._reader)

    async def run(self, turn: Turn, *, again: bool = False, chosen: Decision | None = None) -> TurnState:
        """Answer a turn and keep it.

        Args:
            turn: what the user did.
            chosen: what is to be done about it, where another program has decided; safety checks come first all the
                same.
            again: it may have been begun before, by a process that was killed; what it did is not done again.

        Raises:
            StorageError: the turn could not be stored; nothing was done about it.
            asyncio.CancelledError: the user stopped it; that is stored too.
        """
        state = TurnState(turn, parts=(Decided(chosen, turn, turn),) if chosen is not None else ())
        started = TurnStarted(turn=turn.id, session=turn.session, modalities=turn.present, speaker=turn.speaker)
        self._bus.publish(started)
        if (alarm := await self._checked(state)) is not None:
            return await self._sound(state, alarm, again=again)
        begun = asyncio.create_task(asyncio.to_thread(self._history.begin, turn, again=again))
        try:
            # Writing pictures takes time; they are on the disk before the turn acts.
            if not turn.images or turn.audio is not None or again:
                with self._stage(state, "keep"):
                    await begun
        except StorageError:
            if turn.audio is None or turn.transcript is not None:
                raise
            await self.listen(state)
            if (alarm := await self._checked(state)) is None:
                raise
            return await self._sound(state, alarm, again=again)
        try:
            with self._dialogues.remembering(turn.session), self._history.remembering(turn.session):
                if not (again and await self._finish(state)):
                    alarm = await self._walk(state, begun)
            if alarm is not None:
                return await self._sound(state, alarm, again=True)
        except asyncio.CancelledError:
            await asyncio.wait({begun})
            self._history.mark(state.turn, "cancelled", _said(state))
            self._bus.publish(TurnCancelled(turn=turn.id, session=turn.session))
            raise
        except Exception as error:
            await asyncio.wait({begun})
            if begun.exception() is not None:  # nothing was done about it
                raise
            self._history.mark(state.turn, "failed", _said(state, str(error)) or str(error))
            self._bus.publish(TurnFailed(turn=turn.id, session=turn.session, reason=str(error)))
            raise
        with self._stage(state, "store"):
            await asyncio.to_thread(self._history.finish, state.result)
        state.latency_ms["total"] = (time.perf_counter() - state.began) * 1000
        return self._replied(state)

    async def consider(self, turn: Turn) -> TurnState:
        """Walk a turn up to its decision, as `run` would now; nothing is announced, answered or kept."""
        state = TurnState(turn)
        for _, step in self.steps(state):
            await step(state)
        return state

    def steps(self, state: TurnState) -> Iterator[tuple[str, Step]]:
        """The steps of a turn up to its decision, by name, in order; those it has no input for are left out.

        After a safety check that raises an alarm there are no more, nor where it is decided already.
        """
        if state.turn.audio is not None:
            yield "listen", self.listen
        if state.checked != state.turn.utterance:
            yield "check", self.check
        if state.alarm is not None or state.parts:
            return
        yield "read", self.read
        yield "understand", self.understand
        if state.turn.images:
            yield "look", self.look
        yield "decide", self.decide

    async def _checked(self, state: TurnState) -> Alarm | None:
        with self._stage(state, "check"):
            await self.check(state)
        return state.alarm

    async def _walk(self, state: TurnState, begun: asyncio.Task[None]) -> Alarm | None:
        for name, step in self.steps(state):
            with self._stage(state, name):
                await step(state)
            self._announce(name, state)
        if "keep" not in state.latency_ms:
            with self._stage(state, "keep"):
                await asyncio.shield(begun)
        if state.alarm is None:
            with self._stage(state, "answer"):
                await self.answer(state)
        return state.alarm

    async def _sound(self, state: TurnState, alarm: Alarm, *, again: bool) -> TurnState:
        """Answer a turn with an alarm's reply. It is kept where that can be done."""
        state.reply = _signed(alarm.reply, state.decision)
        with self._stage(state, "store"):
            state.notices += await self._alarms.keep(alarm, state.result, again=again)
        return self._replied(state)

    async def _finish(self, state: TurnState) -> bool:
        """Take what the turn led to before it was cut off to its end; False when it led to nothing."""
        turn = state.turn
        try:
            found = await self._dialogues.answer_again(turn)
        except PluginError as error:
            state.notices.append(str(error))
            found = "", Reply(phrases.plugin_failed(error.plugin, error.reason, turn.utterance))
        if found is None:
            return False
        shares = even_shares(turn)
        decision = Decision(found[0] or OUT_OF_SCOPE, 1.0, "answer", source="dialogue", contributions=shares)
        state.parts = (Decided(decision, turn, turn),)
        state.reply = _signed(found[1], decision)
        return True

    # The steps

    async def check(self, state: TurnState) -> None:
        """Ask the safety checks about the words so far; an alarm decides the turn."""
        state.checked = state.turn.utterance
        state.alarm = await self._alarms.find(state.turn)
        if state.alarm is not None:
            state.parts = (Decided(alarm_decision(state.alarm, state.turn), state.turn, state.turn),)

    async def listen(self, state: TurnState) -> None:
        """Transcribe the recording, unless the turn carries its transcript; add its encodings and tone."""
        turn, notices = state.turn, state.notices
        transcript, heard = await self._runner.listen(turn, notices)
        if transcript is not None:
            transcript = await self._alarms.heeding(transcript, turn)
            if transcript.doubtful and (transcript.text or turn.text or turn.images):
                notices.append(phrases.heard_in_doubt(transcript.doubtful))
            elif not transcript.text and (turn.text or turn.images):
                notices.append(phrases.recording_empty(transcript.rejected, turn.text))
        state.encodings += heard
        state.turn = replace(turn, transcript=transcript, tone=self._runner.tone(turn, heard))

    async def read(self, state: TurnState) -> None:
        """Mend slips that the user repaired in the same breath, and encode the words, typed and spoken.

        Beside the encoders, which leave the interpreter free, it looks the words up among the examples.
        """
        if (meant := mended(state.turn.utterance)) != state.turn.utterance:
            state.turn = with_words(state.turn, meant)
        turn = state.turn
        spoken = turn.transcript.text if turn.transcript else ""
        alone = not (turn.images or (turn.text and spoken))
        looked_up = asyncio.create_task(self._decider.look_up(turn))
        state.encodings += await self._runner.read(turn.text, "text", state.notices, alone=alone)
        state.encodings += await self._runner.read(spoken, "audio", state.notices, alone=alone)
        await looked_up

    async def understand(self, state: TurnState) -> None:
        """Split the words into clauses and read what each does, without what the user dropped in the same breath."""
        question = self._dialogues.waiting.open_question(state.turn.session)
        words, asked = state.turn.utterance, question.text if question else ""
        read = partial(self._reader.read, words, asked, "", tuple(state.encodings))
        state.understanding = read() if len(words) <= SHORT else await asyncio.to_thread(read)
        if (kept := without_dropped(state.understanding)) != words:
            state.turn = with_words(state.turn, kept)
            state.encodings = [each for each in state.encodings if not each.text]
            await self.read(state)
            await self.understand(state)

    async def look(self, state: TurnState) -> None:
        """Encode the pictures."""
        state.encodings += await self._runner.look(state.turn.images, state.notices)

    async def decide(self, state: TurnState) -> None:
        """Decide what the turn asks for, request by request."""
        state.parts = await self._decider.decide(state.turn, tuple(state.encodings), state.understanding)
        if len(state.parts) == 1:
            state.turn = state.parts[0].turn

    async def answer(self, state: TurnState) -> None:
        """Do what was decided, and reply."""
        turn = state.turn
        if _nothing_said(turn):
            doubtful, rejected = (turn.transcript.doubtful, turn.transcript.rejected) if turn.transcript else ("", "")
            reply = Reply(phrases.ask_again(doubtful) if doubtful else phrases.heard_nothing(rejected))
        else:
            parts = list(state.parts)
            tools = self._tools.answering(turn, parts, state.understanding)
            with self._live.answering(turn) as state.live, tools:
                keeping = asyncio.create_task(state.live.keep(self._history.said))
                try:
                    reply = await self._answerer.answer(parts, state.notices)
                finally:
                    keeping.cancel()
                    await asyncio.gather(keeping, return_exceptions=True)  # so that it does not overwrite the result
            state.parts = tuple(parts)
        if not (state.live and state.live.text):
            reply = in_users_language(reply, state.checked, turn.transcript.language if turn.transcript else "")
        state.reply = _signed(reply, state.decision)

    # Announcing

    def _replied(self, state: TurnState) -> TurnState:
        turn, reply = state.turn, state.reply
        self._bus.publish(ReplyReady(turn=turn.id, session=turn.session, text=reply.text, intent=state.decision.intent))
        return state

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


def _signed(reply: Reply, decision: Decision) -> Reply:
    return replace(reply, intent=decision.intent, confidence=decision.confidence, contributions=decision.contributions)


def _said(state: TurnState, reason: str = "") -> str:
    """The spoken part of a stopped reply, marked as cut off; "" for nothing."""
    text = state.live.text if state.live is not None else ""
    return f"{text}\n{cut_off(text, reason)}" if text.strip() else ""


def _nothing_said(turn: Turn) -> bool:
    return turn.audio is not None and turn.transcript is not None and not (turn.utterance or turn.images)
