"""The voice loop for microphones elsewhere."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.websockets import WebSocket

from assistant.server.app_state import AppState
from assistant.server.error_responses import ErrorResponse
from assistant.server.listening.connection import Connection

__all__ = ["listening"]

listening = APIRouter(tags=["Speech"])


@listening.websocket("/v1/listen")
async def listen(socket: WebSocket) -> None:
    """Sound in, events and sound out; `assistant/server/listening/README.md` has the messages."""
    app_state: AppState = socket.app.state.app_state
    await socket.accept()
    most = app_state.settings.serve.listeners
    if app_state.listeners >= most or app_state.turn_service.limiter.draining:
        full = ErrorResponse(429, "busy", f"{most} microphones are connected already.", "Try it again later.", 30)
        await socket.send_json({"type": "error", **full.to_json()})
        await socket.close(1013)
        return
    app_state.listeners += 1
    try:
        await Connection(socket, app_state, socket.scope["state"]["client"]).run()
    finally:
        app_state.listeners -= 1
