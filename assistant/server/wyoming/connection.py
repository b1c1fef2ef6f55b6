"""One client's connection: events in any order."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Any

from wyoming.asr import Transcribe
from wyoming.error import Error
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.intent import Entity, Intent, NotRecognized
from wyoming.ping import Pong
from wyoming.wake import Detection, NotDetected

from assistant.errors import AudioError
from assistant.inputs.assembler import clean_text
from assistant.server.app_state import AppState
from assistant.server.error_responses import ErrorResponse, error_response_of
from assistant.server.request_parsing import ParsedTurn
from assistant.server.wyoming.events import EventError, Peer
from assistant.server.wyoming.info import describe, voice_language_of
from assistant.server.wyoming.recognizing import Incoming, Recognizing, Speaking
from assistant.speech.wake import WakeWords
from assistant.speech.wake_models import WAKE_WORDS, known
from assistant.types import Turn, new_id

__all__ = ["CLIENT", "Connection"]

CLIENT = ":wyoming"
"""whose sessions these are: no token's client can have this name"""
MOST_PROMPT = 1000
"""characters of words that are likely to be said"""


class Connection:
    """Answers one client until it leaves."""

    def __init__(self, here: AppState, peer: Peer) -> None:
        self._here, self._peer = here, peer
        self._session = f"wyoming-{new_id()}"
        self._incoming = Incoming()
        self._recognizing: Recognizing | None = None
        self._asked = Transcribe()
        self._wake: WakeWords | None = None
        self._speaking: Speaking | None = None

    async def run(self) -> None:
        """Reads events and answers them. An event that fails gets an error, and the next is answered."""
        try:
            while (event := await self._peer.read()) is not None:
                await asyncio.sleep(0)  # let other connections run, however fast the events come
                try:
                    await self._answer(event)
                except (ConnectionError, asyncio.CancelledError):
                    raise
                except Exception as error:
                    self._reset()
                    await self._fail(error_response_of(error))
        except EventError as error:
            with suppress(ConnectionError):
                await self._fail(ErrorResponse(400, "bad-event", str(error), "The connection is closed."))
                await self._peer.let_go()
        except ConnectionError:
            pass
        finally:
            self._reset()

    async def _fail(self, error: ErrorResponse) -> None:
        await self._peer.write(Error(f"{error.error} {error.what_to_do}".strip(), error.code).event())

    def _reset(self) -> None:
        if self._recognizing is not None:
            self._recognizing.close()
        self._incoming, self._recognizing, self._wake, self._speaking = Incoming(), None, None, None

    async def _answer(self, event: Event) -> None:
        match event.type:
            case "describe":
                await self._peer.write((await asyncio.to_thread(describe, self._here.settings)).event())
            case "ping":
                await self._peer.write(Pong(text=_words(event, "text") or None).event())
            case "transcribe":
                self._reset()
                names, terms = _list(event, "transcript_names"), _list(event, "transcript_terms")
                language = _words(event, "language") or None
                self._asked = Transcribe(language=language, transcript_names=names, transcript_terms=terms)
            case "detect":
                self._reset()
                self._wake = await self._wake_words(_list(event, "names"))
            case "audio-start":
                self._begin(event)
            case "audio-chunk":
                await self._sound(event)
            case "audio-stop":
                await self._stop()
            case "transcript":
                await self._handle(event)
            case "recognize":
                await self._recognize(_text(event))
            case "synthesize" if self._speaking is None:  # a copy of the whole for servers that cannot stream
                await Speaking(self._here, _language_of(event), self._peer.write).say(_text(event))
            case "synthesize-start":
                self._speaking = Speaking(self._here, _language_of(event), self._peer.write)
            case "synthesize-chunk" | "synthesize-stop" if self._speaking is None:
                raise _out_of_order(event.type, "synthesize-start")
            case "synthesize-chunk" if self._speaking is not None:
                await self._speaking.add(_text(event))
            case "synthesize-stop" if self._speaking is not None:
                speaking, self._speaking = self._speaking, None
                await speaking.end()

    # Sound

    def _begin(self, event: Event) -> None:
        self._incoming = Incoming()
        if self._recognizing is not None:
            self._recognizing.close()
            self._recognizing = None
        if self._wake is None:
            self._recognizing = self._recognition()

    def _recognition(self) -> Recognizing:
        asked = self._asked
        language = (asked.language or "").replace("_", "-").partition("-")[0].lower()
        likely = ", ".join([*(asked.transcript_names or []), *(asked.transcript_terms or [])])[:MOST_PROMPT]
        return Recognizing(self._here, language, likely, self._peer.write)

    async def _sound(self, event: Event) -> None:
        given = (event.data.get(name) for name in ("rate", "width", "channels"))
        samples = self._incoming.add(event.payload or b"", *given)
        if self._wake is None:
            self._recognizing = self._recognizing or self._recognition()
            await self._recognizing.add(samples)
        elif len(samples):
            for hit in await asyncio.to_thread(self._wake.process, samples):
                name = hit.word.replace(" ", "_")
                at = event.data.get("timestamp")
                at = at if isinstance(at, int) else round(hit.at * 1000)
                await self._peer.write(Detection(name, at).event())

    async def _stop(self) -> None:
        recognizing, wake = self._recognizing, self._wake
        self._recognizing, self._wake, self._incoming = None, None, Incoming()
        if wake is not None:
            await self._peer.write(NotDetected().event())
        elif recognizing is not None:
            async with self._here.turn_service.limiter.admitted():
                await recognizing.end()
        else:
            raise _out_of_order("audio-stop", "audio-start")

    async def _wake_words(self, names: list[str]) -> WakeWords:
        voice = self._here.settings.voice
        words = [known(name) for name in names] or list(voice.all_wake_words)
        there = [*WAKE_WORDS, *map(known, voice.wake_models)]
        if unknown := [word for word in words if word not in there]:
            raise AudioError(f"there is no wake word {unknown[0][:40]!r}; there are {', '.join(there)}")
        wanted = {word: voice.all_wake_words.get(word, 0.5) for word in words}
        return await asyncio.to_thread(WakeWords, wanted, voice.wake_models)

    # Words

    async def _handle(self, event: Event) -> None:
        found = event.data.get("context")
        context: dict[str, Any] = found if isinstance(found, dict) else {}
        text = clean_text(_text(event), self._here.settings.text.max_chars)
        if not text:
            await self._peer.write(NotHandled("", context).event())
            return
        name = re.sub(r"[^\w.@+-]", "-", str(context.get("conversation_id") or ""))[:100] or self._session
        turn = ParsedTurn(text, name, "")
        answer, _ = await self._here.turn_service.answer(CLIENT, turn, new_id())
        said = answer["reply"]["speech"] or answer["reply"]["text"]
        kind = NotHandled if answer["out_of_scope"] else Handled
        await self._peer.write(kind(said, context or None).event())

    async def _recognize(self, text: str) -> None:
        decision = await self._here.app.considering.decide(
            Turn(self._session, clean_text(text, self._here.settings.text.max_chars))
        )
        if decision.outcome != "answer":
            await self._peer.write(NotRecognized().event())
            return
        entities = [
            Entity(slot, value if isinstance(value, str | int | float | bool) else str(value))
            for slot, value in decision.slots.items()
        ]
        await self._peer.write(Intent(decision.intent, entities).event())


def _words(event: Event, name: str) -> str:
    """A text among an event's data; "" for none."""
    found = event.data.get(name)
    if found is not None and not isinstance(found, str):
        raise ErrorResponse(400, "bad-event", f"{name} of {event.type} is not a text.", "Send a text, or none.")
    return found or ""


def _list(event: Event, name: str) -> list[str]:
    """Texts among an event's data."""
    found = event.data.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ErrorResponse(
            400, "bad-event", f"{name} of {event.type} is not a list of texts.", "Send a list, or none."
        )
    return found


def _text(event: Event) -> str:
    text = event.data.get("text")
    if not isinstance(text, str):
        raise ErrorResponse(400, "bad-event", f"The event {event.type} has no text.", "Send it under text.")
    if event.data.get("text_format") == "ssml":
        raise ErrorResponse(400, "bad-event", "SSML is not spoken.", "Send plain text.")
    return text


def _language_of(event: Event) -> str:
    voice = event.data.get("voice")
    given = [voice.get(name) if isinstance(voice, dict) else None for name in ("name", "language")]
    return voice_language_of(*(each if isinstance(each, str) else None for each in given))


def _out_of_order(came: str, missing: str) -> ErrorResponse:
    return ErrorResponse(400, "out-of-order", f"{came} came without {missing}.", f"Send {missing} first.")
