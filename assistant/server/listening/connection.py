"""One client of `/v1/listen`, from its first message to its last, and the assistant behind its voice loop."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.bus import Bus
from assistant.errors import InputError, UserError
from assistant.events import Announced, Event, IntentRecognized
from assistant.inputs.assembler import MAX_ATTACHED
from assistant.outputs.schedule import audience
from assistant.server.app_state import AppState
from assistant.server.error_responses import ErrorResponse, error_response_of
from assistant.server.listening.microphone import RemoteMicrophone
from assistant.server.listening.outbox import Outbox, RemoteLoudspeaker
from assistant.server.listening.protocol import TOLD, Start, read_message, read_start, shown
from assistant.server.request_parsing import decode_base64, open_picture
from assistant.server.turn_service import namespaced, public
from assistant.types import Picture, Reply, Turn, TurnResult, new_id
from assistant.voice.backend import AppBackend, front_end_parts
from assistant.voice.interfaces import Outlook
from assistant.voice.loop import VoiceLoop

__all__ = ["Connection", "RemoteBackend", "listening"]


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
        """Decides on words without acting on them; while a picture waits, all speech is for the assistant."""
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


PATIENCE = 10.0
"""seconds to wait for the first message"""
MOST_ERRORS, WITHIN = 50, 60.0
"""wrong messages within so many seconds, after which the connection is closed"""
REFUSED, TOO_SLOW = 1008, 1013
"""codes of a closed WebSocket (RFC 6455, and the IANA registry)"""


class Connection:
    """Runs a voice loop between an accepted WebSocket and the assistant, for the client whose token it came with."""

    def __init__(self, socket: WebSocket, app_state: AppState, client: str) -> None:
        self._socket, self._state, self._client = socket, app_state, client
        self._outbox = Outbox(socket)
        self._errors: deque[float] = deque(maxlen=MOST_ERRORS)

    async def run(self) -> None:
        """Serves the client until one side closes; a client's errors never raise."""
        try:
            async with asyncio.timeout(PATIENCE):
                start = read_start(await self._socket.receive_text())
            microphone, loop, backend = self._parts(start)
        except (UserError, TimeoutError, KeyError) as error:  # KeyError: binary came where text belongs
            told = str(error) if isinstance(error, UserError) else 'The first message must be {"type": "start", …}.'
            await self._close(REFUSED, InputError(told))
            return
        except WebSocketDisconnect:
            return
        try:
            await self._converse(start, microphone, loop, backend)
        finally:
            await backend.close()

    def _parts(self, start: Start) -> tuple[RemoteMicrophone, VoiceLoop, RemoteBackend]:
        settings = self._state.settings
        given = {name: getattr(start, name) for name in ("mode", "barge_in", "silence")}
        voice = settings.voice.model_copy(update={name: each for name, each in given.items() if each is not None})
        bus = Bus()
        bus.listen(lambda event: self._outbox.put(shown(event)), TOLD)
        backend = RemoteBackend(self._state, self._outbox.put, repeat_question=start.repeat_question)
        microphone = RemoteMicrophone(start.format, start.rate, lambda: loop.clock.skip())
        loop = VoiceLoop(
            microphone,
            backend,
            RemoteLoudspeaker(self._outbox, start.reply_rate),
            self._state.voice,
            front_end_parts(voice, echo=start.echo == "server"),
            bus,
            settings.model_copy(update={"voice": voice}),
            session=namespaced(self._client, start.session or new_id()),
        )
        return microphone, loop, backend

    async def _converse(
        self, start: Start, microphone: RemoteMicrophone, loop: VoiceLoop, backend: RemoteBackend
    ) -> None:
        session = loop.session.rpartition("/")[2]
        mode = start.mode or self._state.settings.voice.mode
        self._outbox.put({"type": "ready", "session": session, "mode": mode, "reply_rate": start.reply_rate})
        ringing = self._state.app.scheduler.ringing(
            lambda event: self._ring(event, loop), audience=audience(loop.session), session=loop.session
        )
        with ringing if start.announcements else nullcontext():
            tasks = {
                asyncio.create_task(self._outbox.run(), name="send to a microphone's client"),
                asyncio.create_task(loop.run(), name="the voice loop of a client"),
                asyncio.create_task(self._receive(microphone, loop, backend), name="take a client's sound"),
            }
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
        ended = next((task.exception() for task in done if not task.cancelled()), None)
        if isinstance(ended, TimeoutError):
            await self._close(TOO_SLOW, UserError("The connection was closed: its messages were not read in time."))
        elif isinstance(ended, ErrorResponse):
            await self._close(REFUSED, ended)
        elif ended is not None and not isinstance(ended, WebSocketDisconnect):
            await self._close(1011, ended)
        else:
            await self._close(1000, None)
        del results

    async def _receive(self, microphone: RemoteMicrophone, loop: VoiceLoop, backend: RemoteBackend) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                if (sound := message.get("bytes")) is not None:
                    await microphone.room()
                    microphone.feed(sound)
                elif not await self._obey(read_message(message.get("text") or ""), microphone, loop, backend):
                    return
            except (UserError, ErrorResponse) as error:
                self._complain(error)
            await asyncio.sleep(0)  # ten thousand tiny messages let others work, too

    async def _obey(
        self, message: dict[str, Any], microphone: RemoteMicrophone, loop: VoiceLoop, backend: RemoteBackend
    ) -> bool:
        """Does what a client asks for; False when it ends the conversation."""
        match message["type"]:
            case "push":
                await microphone.heard()
                loop.push()
            case "release":
                await microphone.heard()
                loop.release()
            case "stop":
                loop.stop()
            case "image":
                await self._take_picture(message, backend)
            case "end":
                return False
            case other:
                raise InputError(f"{other[:40]!r} is an unknown message; use push, release, stop, image or end.")
        return True

    async def _take_picture(self, message: dict[str, Any], backend: RemoteBackend) -> None:
        """Keeps a picture for the next spoken turn."""
        if len(backend.pictures) >= MAX_ATTACHED:
            raise InputError(f"At most {MAX_ATTACHED} pictures make a turn.")
        content = decode_base64(str(message.get("data", "")), "data")
        backend.pictures.append(await open_picture(content, self._state.settings))
        self._outbox.put({"type": "image", "count": len(backend.pictures)})

    def _ring(self, event: Announced, loop: VoiceLoop) -> None:
        values = {name: value for name, value in event.to_json().items() if name not in ("event", "at")}
        self._outbox.put({"type": "announcement", **values, "session": event.session.rpartition("/")[2]})
        loop.announce(event)

    def _complain(self, error: UserError | ErrorResponse) -> None:
        now = time.monotonic()
        if len(self._errors) == MOST_ERRORS and now - self._errors[0] < WITHIN:
            told = f"More than {MOST_ERRORS} messages in a minute could not be understood."
            raise ErrorResponse(400, "bad_request", told, "See the protocol's page.") from error
        self._errors.append(now)
        self._outbox.put({"type": "error", **error_response_of(error).to_json()})

    async def _close(self, code: int, error: BaseException | None) -> None:
        """Sends the reason if possible, and closes."""
        with suppress(Exception):
            async with asyncio.timeout(2):
                if error is not None:
                    await self._socket.send_json({"type": "error", **error_response_of(error).to_json()})
                await self._socket.close(code)


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
