"""Questions that wait for the user: at most one in each session is open, others are suspended."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from assistant.dialogue.acts import says_again, says_cancel
from assistant.dialogue.journal import Journal
from assistant.dialogue.questions import InvalidAnswer, Question, read_answer
from assistant.plugins.api import Intent
from assistant.plugins.serialization import Store, deserialize_turn
from assistant.storage import DialogueLog, DialogueRecord
from assistant.types import Reply, Turn

__all__ = ["PendingQuestions"]


class PendingQuestions:
    """Reads the waiting questions from the log, so that they survive a restart and are shared between processes.

    Args:
        log: where dialogues are kept.
        store: where their pictures are kept.
        at_work: ids of the dialogues whose handlers are at work, as they come and go.
        intents: all that are known now.
    """

    def __init__(
        self, log: DialogueLog, store: Store, at_work: Collection[str], intents: Callable[[], Sequence[Intent]]
    ) -> None:
        self._log, self._store, self._at_work, self._intents = log, store, at_work, intents

    def pending(self, session: str) -> str:
        """Returns the intent that waits for the user; "" if none does."""
        current = self.current(session)
        return current[0].intent if current else ""

    def question(self, session: str) -> Reply | None:
        """The open question, to be shown again (after a restart, for instance); None when there is none."""
        question = self.open_question(session)
        return question.reply() if question else None

    def fits(self, turn: Turn) -> bool:
        """Returns whether a turn is an answer to the open question of its session, or leaves it."""
        question = self.open_question(turn.session)
        if question is None:
            return False
        try:
            read_answer(question, turn)
        except InvalidAnswer:
            return says_cancel(turn, question.choices) or says_again(turn)
        known = question.mentioned(turn.utterance) or not (question.mentions and question.kind == "str")
        return known or bool(question.choices) or says_cancel(turn, question.choices) or says_again(turn)

    def settles(self, turn: Turn) -> bool:
        """Returns whether a turn answers the open question completely: with a yes, or with a choice."""
        question = self.open_question(turn.session)
        return question is not None and bool(question.choices or question.kind == "bool") and self.fits(turn)

    def takes_any_words(self, session: str) -> bool:
        """Returns whether the open question of a session is one that any words could answer."""
        question = self.open_question(session)
        return question is not None and question.kind == "str" and not question.choices and not question.mentions

    def suspend(self, session: str) -> None:
        """Set the open question of a session aside: the user wants something else."""
        if current := self.current(session):
            current[1].suspend()

    def set_aside(self, session: str) -> list[str]:
        """The intents whose questions are suspended, the latest first."""
        return [record.intent for record, _ in self._set_aside(session)]

    def wake(self, session: str, words: str = "") -> Reply | None:
        """Take up a dialogue that is open or was set aside, and ask its question again; None when there is none.

        Args:
            session: the conversation.
            words: how the user named it; of several the one whose intent shares most words, else the latest.
        """
        current = self.current(session)
        here = [current] if current and current[1].open_question else []
        waiting = [*here, *self._set_aside(session)]
        if not waiting:
            return None
        _, journal = max(waiting, key=lambda each: self._likeness(each[0].intent, words))
        if journal.suspended:
            self.suspend(session)
            journal.wake()
        assert journal.open_question is not None
        return journal.open_question.reply()

    def current(self, session: str) -> tuple[DialogueRecord, Journal] | None:
        """Returns the current dialogue; None if there is none, or if its handler is at work."""
        for record in self._log.pending(session):
            journal = Journal(self._log, self._store, record.id)
            if journal.begun and not (journal.suspended or journal.queued) and record.id not in self._at_work:
                return record, journal
        return None

    def queued(self, session: str) -> list[tuple[DialogueRecord, Journal]]:
        """Requests that wait until an earlier one is settled, in the order in which they were made."""
        found = [(record, Journal(self._log, self._store, record.id)) for record in self._log.pending(session)]
        return [(record, journal) for record, journal in reversed(found) if journal.queued]

    def queued_words(self, session: str) -> list[str]:
        """The words of those requests."""
        turns = (deserialize_turn(record.turn["turn"], self._store) for record, _ in self.queued(session))
        return [turn.utterance for turn in turns]

    def open_question(self, session: str) -> Question | None:
        """The question that waits for the user; None when there is none."""
        current = self.current(session)
        return current[1].open_question if current else None

    def words(self, session: str) -> str:
        """The words with which the open dialogue of a session began; "" when there is none."""
        current = self.current(session)
        return deserialize_turn(current[0].turn["turn"], self._store).utterance if current else ""

    def _set_aside(self, session: str) -> list[tuple[DialogueRecord, Journal]]:
        found = [(record, Journal(self._log, self._store, record.id)) for record in self._log.pending(session)]
        return [(r, journal) for r, journal in found if journal.suspended and journal.open_question is not None]

    def _likeness(self, name: str, words: str) -> int:
        intent = next((each for each in self._intents() if each.name == name), None)
        told = " ".join((name, *(intent.examples if intent else ())))
        return len(_topics(words) & _topics(told))


def _topics(text: str) -> set[str]:
    """Words of four letters and more by their first five, and pairs of Chinese characters."""
    words = {word[:5] for word in re.findall(r"[a-z]{4,}", text.lower().replace("_", " ")) if word not in _EMPTY}
    chinese = "".join(re.findall(r"[\u4e00-\u9fff]", text))
    return words | {chinese[at : at + 2] for at in range(len(chinese) - 1)}


_EMPTY = {"back", "continue", "resume", "finish", "carry", "with", "that", "what", "were", "want"}
