"""The assistant behind one client's voice loop: within the server's limits, and each answer told in full."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from assistant.errors import UserError
from assistant.events import Event, IntentRecognized
from assistant.server.app_state import AppState
from assistant.server.error_responses import ErrorResponse
from assistant.server.listening.protocol import shown
from assistant.server.turn_service import public
from assistant.types import Picture, Reply, Turn, TurnResult
from assistant.voice.backend import AppBackend
from assistant.voice.interfaces import Outlook

__all__ = ["RemoteBackend"]


class RemoteBackend(AppBackend):
    """Answers one client's spoken turns, with the pictures it has sent; `tell` gets ``intent`` and ``reply`` messages.

    With `repeat_question`, a question that was open before is asked again at the start.
    """

    def __init__(
        self, app_state: AppState, tell: Callable[[Mapping[str, Any]], object], *, repeat_question: bool
    ) -> None:
        super().__init__(app_state.app)
        self.pictures: list[Picture] = []
        """shown with the next spoken turn"""
        self._state, self._tell, self._starting = app_state, tell, not repeat_question

    async def open_question(self, session: str) -> Reply | None:
        """The question that still waits for an answer."""
        starting, self._starting = self._starting, False
        return None if starting else await super().open_question(session)

    async def preview(self, session: str, text: str) -> Outlook:
        """Decides on words without acting on them; while a picture waits, what is said is meant for us."""
        outlook = await super().preview(session, text)
        if self.pictures and outlook.outcome != "answer":
            return replace(outlook, outcome="answer", confidence=1.0, complete=False)
        return outlook

    async def respond(self, turn: Turn) -> TurnResult:
        """Answers a turn; UserError when it cannot be answered, or there is too much to do."""
        turn = replace(turn, images=tuple(self.pictures))
        self.pictures.clear()

        def put(event: Event) -> None:
            if isinstance(event, IntentRecognized) and event.turn == turn.id:
                self._tell(shown(event))

        service, began, outcome = self._state.turn_service, time.monotonic(), "failed"
        stop_listening = self._state.app.bus.listen(put, (IntentRecognized,))
        try:
            async with service.limiter.admitted():
                result = await super().respond(turn)
            outcome = "answered"
        except ErrorResponse as refused:
            outcome = "refused"
            raise UserError(refused.error) from refused
        finally:
            stop_listening()
            service.metrics.turn(outcome, time.monotonic() - began)
        self._tell({"type": "reply", **public(result.to_json())})
        return result
