"""Decides and explains a turn without answering or keeping it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from assistant.dialogue.manager import DialogueManager
from assistant.dialogue.turn_state import TurnState
from assistant.encoders.runner import ModelRunner
from assistant.intents import IntentModel
from assistant.intents.slots import extract_slots, missing_slots
from assistant.pipeline import Pipeline
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.types import Decision, Transcript, Turn

if TYPE_CHECKING:
    from assistant.explanation import Explanation

__all__ = ["Considering", "Explained"]

Explained = tuple[Turn, "Explanation", list[str]]
"""a turn with its transcript as it was decided on, the explanation, and what could not be looked at or listened to"""


class Considering:
    """Decides turns as they would be decided now; waits for the models first."""

    def __init__(
        self,
        pipeline: Pipeline,
        runner: ModelRunner,
        model: IntentModel,
        plugins: PluginManager,
        dialogues: DialogueManager,
        wait_ready: Callable[[], Awaitable[None]],
    ) -> None:
        self._pipeline, self._runner, self._model = pipeline, runner, model
        self._plugins, self._dialogues, self._wait_ready = plugins, dialogues, wait_ready

    async def decide(self, turn: Turn) -> Decision:
        """Decide a turn without answering or storing it. Raises `ModelUnavailable`."""
        await self._wait_ready()
        return (await self._pipeline.consider(turn)).decision

    async def would_change(self, turn: Turn) -> list[Intent]:
        """Returns the intents that a turn would let change something now; see `decide`."""
        await self._wait_ready()
        parts = (await self._pipeline.consider(turn)).parts
        meant = {each.decision.intent for each in parts if each.decision.outcome == "answer" and not each.obstacle}
        return [intent for intent in self._plugins.intents if intent.name in meant and intent.may_act]

    async def explain(self, turn: Turn) -> Explained:
        """Why a turn would be decided as it would be now; see `decide`."""
        await self._wait_ready()
        return await self.explain_state(await self._pipeline.consider(turn))

    async def explain_state(self, state: TurnState) -> Explained:
        """Why a turn was decided as it was; see `explain`."""
        from assistant.explanation import explain

        made = state.decided
        assert made is not None
        given = (made.basis, made.encodings, made.decision, self._runner.models.encoders)
        explanation = await self._runner.call(explain, self._model.decide, *given)
        return made.basis, explanation, list(state.notices)

    async def preview(self, session: str, text: str) -> tuple[Decision, bool]:
        """Decide on words that may be incomplete, without acting on them.

        Returns:
            The decision, and whether they leave nothing open: a question answered with yes or with one of its
            choices, or an intent that has every slot it needs.
        """
        await self._wait_ready()
        state = await self._pipeline.consider(Turn(session=session, transcript=Transcript(text, "")))
        decision = state.decision
        if decision.source == "dialogue":
            return decision, self._dialogues.waiting.settles(state.turn)
        intent = self._plugins.intent(decision.intent)
        slots = {**extract_slots(intent, state.turn.utterance), **decision.slots} if intent else {}
        return decision, intent is not None and not missing_slots(intent, slots)
