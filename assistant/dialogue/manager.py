"""Manages dialogues: starts, answers, suspends, and resumes them after a restart.

A handler that asks stays suspended in memory, holding no thread. When memory is lost (a restart, a crash,
another process), it is run again from its start with the recorded answers, until it asks what is still open.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from assistant.bus import Bus
from assistant.dialogue import phrases
from assistant.dialogue.acts import says_again, says_cancel
from assistant.dialogue.conversation import Conversation
from assistant.dialogue.journal import Journal
from assistant.dialogue.pending_questions import PendingQuestions
from assistant.dialogue.questions import InvalidAnswer, Question, read_answer, with_question
from assistant.dialogue.run import Run, last_words
from assistant.errors import PluginError
from assistant.events import DialogueAsked
from assistant.intents.slots import missing_slots, slot_question
from assistant.language import say
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.plugins.parent_process import ProcessLost
from assistant.plugins.schema import given_to
from assistant.plugins.serialization import (
    Store,
    deserialize,
    deserialize_reply,
    deserialize_turn,
    serialize,
    serialize_turn,
)
from assistant.storage import DialogueLog, DialogueRecord
from assistant.types import Reply, Turn

__all__ = ["DialogueManager"]


class DialogueManager:
    """Runs handlers that may ask.

    Args:
        log: where dialogues are kept.
        store: where their pictures are kept (`assistant.storage.Attachments`).
        plugins: who answers.
        bus: receives an event for every question.
        kept: most suspended handlers held in memory; those beyond are run again from the log when answered.
        confirm_within: seconds after which a yes no longer confirms what was asked.

    Attributes:
        waiting: the questions that wait for the user.
    """

    def __init__(
        self,
        log: DialogueLog,
        store: Store,
        plugins: PluginManager,
        bus: Bus | None = None,
        kept: int = 32,
        confirm_within: float = 600.0,
    ) -> None:
        self._plugins = plugins
        self._log = log
        self._store = store
        self._bus = bus
        self._kept = kept
        self._confirm_within = confirm_within
        self.effects_known: Callable[[str], Sequence[Mapping[str, Any]]] | None = None
        """for a replay: the side effects (key, result) that a new dialogue of this intent had before and must not have
        again"""
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._at_work: set[str] = set()
        self.waiting = PendingQuestions(log, store, self._at_work, lambda: plugins.intents)

    def remembering(self, session: str) -> AbstractContextManager[None]:
        """For the length of a turn: what waits in its session is read once; see `DialogueLog.remembering`."""
        return self._log.remembering(session)

    async def start(self, intent: Intent, turn: Turn, slots: Mapping[str, Any]) -> Reply:
        """Answer a turn: with the handler's reply, or with the first question it asks.

        Required slots that are missing are asked for first.

        Raises:
            PluginError: the plugin failed, or rests.
            UserError: the handler raised it on purpose.
        """
        if "dialogue" not in given_to(intent.handler) and not missing_slots(intent, slots):
            return await self._plugins.answer(intent, turn, slots)
        self.waiting.suspend(turn.session)
        dialogue = self._open(intent, turn, slots)
        for effect in self.effects_known(intent.name) if self.effects_known else ():
            self._log.append(dialogue, "did", dict(effect))
        journal = Journal(self._log, self._store, dialogue)
        return await self._advance(self._run(intent, turn, slots, journal))

    async def propose(self, intent: Intent, turn: Turn, slots: Mapping[str, Any], question: str) -> Reply:
        """Ask whether to do what the user has not asked for word for word; a clear yes begins it, over restarts too.

        Args:
            question: a yes-or-no question that says what is done.
        """
        self.waiting.suspend(turn.session)
        journal = Journal(self._log, self._store, self._open(intent, turn, slots, question))
        return await self._advance(self._run(intent, turn, slots, journal, question))

    def queue(self, intent: Intent, turn: Turn, slots: Mapping[str, Any]) -> None:
        """Keep a request, over restarts too, until the question of an earlier one is settled; see `begin_queued`."""
        Journal(self._log, self._store, self._open(intent, turn, slots)).queue()

    async def begin_queued(self, turn: Turn) -> Reply:
        """Answer the first request that waits, as `start`, now that a turn has settled what was before it."""
        record, journal = self.waiting.queued(turn.session)[0]
        journal.begin()
        return await self._advance(self._replay(record, journal, turn.id))

    async def digress(self, intent: Intent, turn: Turn, slots: Mapping[str, Any], *, ask_again: bool = True) -> Reply:
        """Starts like `start`; if that asks nothing, the question that was open before is open again.

        Args:
            ask_again: the question is asked again with the reply; False where its answer is at hand.

        Raises:
            PluginError: the plugin failed, or rests; the open question stays.
            UserError: the handler raised it on purpose.
        """
        left = self.waiting.current(turn.session)
        reply = await self.start(intent, turn, slots)
        if left is None or reply.follow_up:
            return reply
        journal = Journal(self._log, self._store, left[0].id)
        if journal.suspended:
            journal.wake()
        return with_question(reply, journal.open_question) if ask_again else reply

    async def resume(self, session: str, turn: Turn, *, directs: str | None = None) -> Reply:
        """Answer the open question with a turn, and return what the handler says next.

        What does not fit is asked for again; "cancel" (取消) ends the dialogue. A dialogue that was cut off after
        an answer goes on from there first. A confirmation that was asked for too long ago is asked for again.

        Args:
            session: the conversation.
            turn: the answer.
            directs: "stop" leaves the dialogue, "repeat" asks the question again, "hedge" lets it wait; None reads it
                off the turn.

        Raises:
            PluginError: nothing waits here, or the plugin failed, rests or is gone.
            UserError: the handler raised it on purpose.
        """
        current = self.waiting.current(session)
        if current is None:
            raise PluginError("dialogue", "no question is open")
        record, journal = current
        question = journal.open_question
        if question is None:  # killed after an answer was recorded, before the handler went on
            return await self._advance(self._replay(record, journal))
        if directs == "stop" or says_cancel(turn, question.choices):
            return self._leave(record, question, turn)
        if directs == "repeat" or says_again(turn):
            return question.reply()
        if directs == "hedge":
            return question.reply(phrases.take_your_time(question.text))
        if question.confirms and time.time() - journal.asked_at > self._confirm_within:
            journal.ask_again()
            return question.reply(phrases.confirmation_expired(question.text))
        try:
            value = read_answer(question, turn)
        except InvalidAnswer as invalid:
            return question.reply(f"{invalid} {say('way_out', question.language)}")
        return await self._advance(self._continue(record, journal, value, turn))

    def with_open_question(self, session: str, reply: Reply) -> Reply:
        """Returns a reply with the question that is open asked again behind it."""
        current = self.waiting.current(session)
        return with_question(reply, current[1].open_question if current else None)

    async def recover(self, session: str) -> list[Reply]:
        """Take up dialogues of a session that were cut off while a handler was at work; what each says next."""
        replies = []
        for record in self._log.pending(session):
            journal = Journal(self._log, self._store, record.id)
            # Also one that was opened and got no further: its turn was never answered.
            waits = journal.suspended or journal.queued
            if journal.open_question is None and not waits and record.id not in self._at_work:
                replies.append(await self._advance(self._replay(record, journal)))
        return replies

    async def answer_again(self, turn: Turn) -> tuple[str, Reply] | None:
        """Returns the intent and reply of a turn whose process was killed.

        A handler that was at work goes on from the log, so that what it did is not done again. None when the turn
        had led to nothing yet: it can be answered as a new one.

        Raises:
            PluginError: it had done something and then failed, or fails now.
            UserError: the handler raised it on purpose.
        """
        for story in reversed(self._log.story(turn.session)):
            if story.turn["turn"]["id"] != turn.id and not any(data.get("turn") == turn.id for _, data in story.events):
                continue
            journal = Journal(self._log, self._store, story.id)
            if journal.queued:
                continue
            if story.closed_at is None and journal.open_question is not None:
                return story.intent, journal.open_question.reply()
            if story.closed_at is None:
                record = DialogueRecord(story.id, turn.session, story.intent, dict(story.turn), story.opened_at)
                return story.intent, await self._advance(self._replay(record, journal, turn.id))
            if said := [data for kind, data in story.events if kind == "replied" and data["turn"] == turn.id]:
                return story.intent, deserialize_reply(said[-1]["reply"])
            if story.effects:
                what = ", ".join(effect["key"] for effect in story.effects)
                plugin = story.intent.partition(".")[0]
                raise PluginError(plugin, f"it was stopped after doing this: {what}. Check before you ask again")
            return None
        return None

    def forget(self, session: str) -> None:
        """Release the suspended handlers of a session that is deleted."""
        for dialogue, run in list(self._runs.items()):
            if run.conversation.session == session:
                del self._runs[dialogue]
                run.task.cancel()

    async def close(self) -> None:
        """Release all suspended handlers; their dialogues stay in the log."""
        tasks = [run.task for run in self._runs.values()]
        self._runs.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # One handler

    def _open(self, intent: Intent, turn: Turn, slots: Mapping[str, Any], asks_first: str = "") -> str:
        stored = {"turn": serialize_turn(turn, self._store), "slots": serialize(dict(slots), self._store)}
        stored |= {"asks_first": asks_first} if asks_first else {}
        return self._log.open(turn.session, intent.name, stored)

    def _run(self, intent: Intent, turn: Turn, slots: Mapping[str, Any], journal: Journal, asks_first: str = "") -> Run:
        conversation = Conversation(turn.session, intent.plugin, journal, confirms=intent.may_act)
        task = asyncio.get_running_loop().create_task(self._handle(intent, turn, slots, conversation, asks_first))
        return Run(intent, turn.id, conversation, task, (turn, slots), asks_first)

    async def _handle(
        self, intent: Intent, turn: Turn, slots: Mapping[str, Any], conversation: Conversation, asks_first: str
    ) -> Reply:
        if asks_first and await conversation.ask(asks_first, kind=bool) is not True:
            return Reply(phrases.not_done("refused", "", asks_first))
        filled = dict(slots)
        for slot in missing_slots(intent, slots):
            question = slot_question(intent, slot)
            filled[slot.name] = await conversation.ask(question, kind=slot.kind, choices=slot.choices)
        return await self._plugins.answer(intent, turn, filled, conversation)

    def _continue(self, record: DialogueRecord, journal: Journal, value: Any, turn: Turn) -> Run:
        run = self._runs.pop(record.id, None)
        if run is not None and run.stands_at(journal):
            run.turn = turn.id
            run.conversation.give(value, turn.id)
            return run
        if run is not None:
            run.end()
        journal.answered(value, turn.id)
        return self._replay(record, journal, turn.id)

    def _replay(self, record: DialogueRecord, journal: Journal, answers: str = "") -> Run:
        intent = self._plugins.intent(record.intent)
        if intent is None:
            self._log.close(record.id, "gone")
            plugin, _, what = record.intent.partition(".")
            raise PluginError(plugin, f"{what} is gone, so your unfinished request cannot be completed")
        turn = deserialize_turn(record.turn["turn"], self._store)
        slots, asks_first = deserialize(record.turn["slots"], self._store), str(record.turn.get("asks_first", ""))
        run = self._run(intent, turn, slots, journal, asks_first)
        run.turn = answers or run.turn
        return run

    async def _advance(self, run: Run, *, again: bool = False) -> Reply:
        """Wait until the handler asks or ends; one whose process was lost is run again from the log.

        Args:
            again: it is run again already.
        """
        waiting = asyncio.ensure_future(run.conversation.waiting.wait())
        dialogue = run.conversation.id
        self._at_work.add(dialogue)
        try:
            await asyncio.wait({run.task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not run.task.done():
                return self._ask(run)
            reply = run.task.result()
        except asyncio.CancelledError:
            run.task.cancel()
            said = self._plugins.live.said(run.conversation.session)
            self._log.close(dialogue, "cancelled", last_words(Reply(said), run.turn) if said else None)
            raise
        except Exception as error:
            if isinstance(error, ProcessLost) and not again:
                journal = Journal(self._log, self._store, dialogue)
                anew = self._run(run.intent, *run.began, journal, run.asks_first)
                anew.turn = run.turn
                return await self._advance(anew, again=True)
            self._log.close(dialogue, "failed")
            raise
        finally:
            waiting.cancel()
            self._at_work.discard(dialogue)
        self._log.close(dialogue, "answered", last_words(reply, run.turn))
        return reply

    def _ask(self, run: Run) -> Reply:
        conversation = run.conversation
        question = conversation.journal.open_question
        assert question is not None
        self._runs[conversation.id] = run
        run.task.add_done_callback(lambda task: task.cancelled() or task.exception())  # its process may be lost
        while len(self._runs) > self._kept:
            self._runs.popitem(last=False)[1].task.cancel()
        if self._bus is not None:
            asked = DialogueAsked(
                turn=run.turn, session=conversation.session, plugin=run.intent.plugin, question=question.text
            )
            self._bus.publish(asked)
        return question.reply()

    def _leave(self, record: DialogueRecord, question: Question, turn: Turn) -> Reply:
        reply = Reply(phrases.left(question.text, confirms=question.confirms))
        self._log.close(record.id, "cancelled", last_words(reply, turn.id))
        run = self._runs.pop(record.id, None)
        if run is not None:
            run.end()
        return reply
