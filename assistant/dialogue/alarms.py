"""Finds turns that a safety check answers, and stores them if possible."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from assistant.dialogue import phrases
from assistant.dialogue.decided import even_shares
from assistant.dialogue.pending_questions import PendingQuestions
from assistant.errors import UserError
from assistant.plugins.manager import PluginManager
from assistant.safety import Alarm, SafetyChecks
from assistant.storage import History
from assistant.types import Decision, Transcript, Turn, TurnResult

__all__ = ["Alarms", "alarm_decision"]

LOG = logging.getLogger(__name__)
KEEP_WITHIN = 2.0
"""seconds that a reply waits until its turn is kept"""


def alarm_decision(alarm: Alarm, turn: Turn) -> Decision:
    """The decision on a turn with an alarm."""
    return Decision(alarm.intent, 1.0, "answer", source="safety", contributions=even_shares(turn))


class Alarms:
    """Asks the safety checks: first the shipped ones, then those of the user's plugins.

    Args:
        checks: the shipped ones; None for none.
        plugins: may bring checks of their own.
        pending: questions that plugins wait for; an alarm sets them aside.
        history: where the turns are kept.
    """

    def __init__(
        self, checks: SafetyChecks | None, plugins: PluginManager, pending: PendingQuestions, history: History
    ) -> None:
        self._checks, self._plugins, self._pending, self._history = checks, plugins, pending, history

    async def find(self, turn: Turn) -> Alarm | None:
        """The first alarm about a turn's words, typed and heard; None for none."""
        words = turn.utterance
        if not words:
            return None
        alarm = await self._checks.check_soon(words) if self._checks is not None else None
        if alarm is not None:
            return alarm
        found = await self._plugins.check_safety(words, turn.session)
        return Alarm(*found) if found is not None else None

    async def heeding(self, transcript: Transcript, turn: Turn) -> Transcript:
        """Returns the transcript with its doubtful words taken as spoken if they are alarming."""
        if not transcript.doubtful:
            return transcript
        taken = transcript.with_doubtful
        return taken if await self.find(replace(turn, transcript=taken)) is not None else transcript

    async def keep(self, alarm: Alarm, result: TurnResult, *, again: bool) -> list[str]:
        """Keep an answered turn, set an open question aside, and let the plugin make its own note of it.

        Nothing of that may delay or change the reply: what takes longer than `KEEP_WITHIN` goes on by itself.

        Args:
            alarm: what answered it.
            result: the turn with its reply.
            again: the turn may be stored already.

        Returns:
            A notice where the turn could not be kept.
        """
        kept = asyncio.create_task(self._keep(result, again=again))
        noted = asyncio.create_task(self._note(alarm, result.turn))
        await asyncio.wait((kept, noted), timeout=KEEP_WITHIN)
        return [] if kept.done() and kept.result() else [phrases.not_kept(result.turn.utterance)]

    async def _keep(self, result: TurnResult, *, again: bool) -> bool:
        def work() -> None:
            self._history.begin(result.turn, again=again)
            self._history.finish(result)
            self._pending.suspend(result.turn.session)

        return await _without_failing(asyncio.to_thread(work))

    async def _note(self, alarm: Alarm, turn: Turn) -> None:
        """Call the intent that the alarm stands for, when it is the shipped plugin's own; its reply is not shown."""
        own = any(info.name == alarm.plugin and info.source == alarm.folder for info in self._plugins.infos)
        intent = self._plugins.intent(alarm.intent)
        if own and intent is not None:
            await _without_failing(self._plugins.answer(intent, turn, {}))


async def _without_failing(work: Coroutine[Any, Any, Any]) -> bool:
    try:
        await work
    except UserError as error:
        LOG.warning("After an alarm: %s", error)
        return False
    except Exception:
        LOG.exception("After an alarm, something could not be kept.")
        return False
    return True
