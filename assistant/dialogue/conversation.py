"""One handler's conversation with the user: its `Dialogue`. Runs on the assistant's own loop."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from assistant.dialogue.journal import UNANSWERED, Journal
from assistant.dialogue.questions import Question
from assistant.errors import PluginError

__all__ = ["Conversation"]

T = TypeVar("T")


class Conversation:
    """Answers a handler's questions from the journal, and waits for the user at the first that is open.

    Args:
        session: the session it belongs to.
        plugin: whose handler it is.
        journal: what happened so far.
        confirms: whether a yes to it may change something, so that only an unmistakable one counts.
    """

    def __init__(self, session: str, plugin: str, journal: Journal, *, confirms: bool = False) -> None:
        self.session = session
        self.id = journal.dialogue
        self.journal = journal
        self.waiting = asyncio.Event()
        """set while the handler waits for the user"""
        self._plugin = plugin
        self._confirms = confirms
        self._position = 0
        self._answer: asyncio.Future[Any] | None = None
        self._questions = asyncio.Lock()
        self._effects = asyncio.Lock()

    async def ask(
        self,
        question: str,
        *,
        kind: type[T] | None = None,
        choices: Sequence[str] = (),
        mentions: Sequence[str] = (),
        speech: str = "",
    ) -> Any:
        """See `Dialogue.ask`. Questions asked at the same time are put one after the other.

        Raises:
            PluginError: the question cannot be asked.
        """
        try:
            asked = Question.of(question, kind, choices, speech, mentions, confirms=self._confirms)
        except TypeError as error:
            raise PluginError(self._plugin, str(error)) from error
        async with self._questions:
            position, self._position = self._position, self._position + 1
            answer = self.journal.answer(position, asked)
            return answer if answer is not UNANSWERED else await self._from_user()

    async def _from_user(self) -> Any:
        self._answer = asyncio.get_running_loop().create_future()
        self.waiting.set()
        try:
            return await self._answer
        finally:
            self._answer = None
            self.waiting.clear()

    def give(self, value: Any, turn: str = "") -> None:
        """Hand the waiting handler its answer, which is recorded first, with the id of the turn that gave it."""
        self.journal.answered(value, turn)
        if self._answer is not None and not self._answer.done():
            self.waiting.clear()
            self._answer.set_result(value)

    async def once(self, key: str, effect: Callable[[], T | Awaitable[T]]) -> T:
        """See `Dialogue.once`.

        Between the effect and its record lies an instant: killed there, it runs again. What must not even then
        happen twice uses ``f"{dialogue.id}:{key}"`` as its idempotency key.

        Raises:
            PluginError: the result is not a JSON value.
        """
        async with self._effects:
            if self.journal.effect(key) is UNANSWERED:
                made = effect()
                result = await made if inspect.isawaitable(made) else made
                try:
                    self.journal.did(key, result, durable=self._confirms)
                except TypeError as error:
                    raise PluginError(self._plugin, f"once({key!r}): {error}; return plain values") from error
            recorded: T = self.journal.effect(key)
            return recorded
