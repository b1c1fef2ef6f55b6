"""Runs the tools. A client's model is not the user: a change needs the user's own yes."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent

from assistant.app import App
from assistant.dialogue.questions import Question
from assistant.errors import DeadlineExceeded, InputError
from assistant.inputs.assembler import clean_text
from assistant.inputs.audio_file import decode_audio, read_audio
from assistant.inputs.image_file import decode_picture, read_picture
from assistant.plugins.api import Intent
from assistant.plugins.tool_schema import read_arguments, tool_name
from assistant.server.mcp.resources import CONFIRMATION, OWN, REQUEST, SESSION
from assistant.server.mcp.work import Work
from assistant.types import Decision, Turn, TurnResult

__all__ = ["ToolCalls", "failed", "result_of"]

ROUNDS = 6
"""questions of one call"""
LARGEST = 25_000_000
"""bytes of a picture or recording"""
LARGEST_SENT = 2_000_000
"""bytes of a picture that a reply shows"""
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
NOT_CONFIRMED = "Nothing was done: the user did not confirm it."

Run = Callable[[Work], Awaitable[CallToolResult]]


def result_of(text: str, data: Mapping[str, Any] | None = None, *more: ContentBlock) -> CallToolResult:
    """A result with a text, and its values for programs."""
    content: list[ContentBlock] = [TextContent(text=text), *more]
    return CallToolResult(content=content, structured_content=dict(data) if data else None)


def failed(reason: str) -> CallToolResult:
    """The result of a call that was not done."""
    return CallToolResult(content=[TextContent(text=reason)], is_error=True)


class ToolCalls:
    """Answers calls of tools: of the intents that are `offered`, and our own; with `paths`, files may be named."""

    def __init__(self, app: App, offered: Callable[[], list[Intent]], *, paths: bool) -> None:
        self._app, self._offered, self._paths = app, offered, paths

    def prepare(self, tool: str, arguments: Mapping[str, Any], prefix: str, default: str) -> Run:
        """The work of a call in its session: `prefix` and the call's session name, or the `default`.

        InputError when the tool does not exist, or an argument is missing, unknown, or cannot be.
        """
        given = {name: value for name, value in arguments.items() if name != CONFIRMATION and value is not None}
        session = prefix + _session(given.pop(SESSION, default))
        if tool in OWN:
            self._check(tool, given)
            own = {"ask": self._ask, "look": self._look, "transcribe": self._transcribe, "library_search": self._find}
            return lambda work: own[tool](work, session, given)
        intent = next((each for each in self._offered() if tool_name(each) == tool), None)
        if intent is None:
            raise InputError(f"There is no tool {tool[:80]!r}.")
        words = given.pop(REQUEST, "")
        if not isinstance(words, str):
            raise InputError(f"{tool}: {REQUEST} must be a text: the user's words.")
        slots = read_arguments(intent, given)
        said = clean_text(words or _in_words(intent, given), self._app.settings.text.max_chars)
        spoken = " ".join([said, *(value for value in given.values() if isinstance(value, str))])
        return lambda work: self._act(work, Turn(session, said), intent, slots, given, spoken)

    def _check(self, tool: str, given: Mapping[str, Any]) -> None:
        _, properties, required, _ = OWN[tool]
        for name, value in given.items():
            kind = properties.get(name, {}).get("type")
            if kind is None or (name == "path" and not self._paths):
                raise InputError(f"{tool} has no argument {name[:60]!r}; it takes {', '.join(properties)}.")
            if not isinstance(value, str if kind == "string" else int) or isinstance(value, bool):
                raise InputError(f"{tool}: {name} must be {'a text' if kind == 'string' else 'a whole number'}.")
        missing = [name for name in required if not given.get(name)]
        if missing:
            raise InputError(f"{tool} needs the argument {', '.join(missing)}.")

    # Turns

    async def _act(
        self,
        work: Work,
        turn: Turn,
        intent: Intent,
        slots: Mapping[str, Any],
        given: Mapping[str, Any],
        spoken: str,
    ) -> CallToolResult:
        if self._app.safety.check(spoken) is not None:
            return await self._told(work, await self._respond(Turn(turn.session, spoken)))
        if intent.may_act:
            listed = "; ".join(f"{name} = {str(value)[:200]}" for name, value in given.items())
            said = f" The request: “{turn.text[:500]}”." if turn.text else ""
            what = intent.summary.rstrip(".") + (f" ({listed})" if listed else "")
            if not await self._confirmed(work, f"{what}?{said}"):
                return result_of(NOT_CONFIRMED, {"done": False})
        chosen = Decision(intent.name, 1.0, "answer", contributions={"text": 1.0}, source="tool", slots=dict(slots))
        return await self._told(work, await self._respond(turn, chosen))

    async def _ask(self, work: Work, session: str, given: Mapping[str, Any]) -> CallToolResult:
        turn = Turn(session, clean_text(given["text"], self._app.settings.text.max_chars))
        if self._app.safety.check(turn.text) is not None:
            return await self._told(work, await self._respond(turn))
        await self._app.wait_ready()
        question = self._app.dialogues.waiting.open_question(session)
        if question is not None and question.confirms and work.asks:
            answer = await work.ask(question.text, _form(question))  # a model's yes is not its user's
            return await self._told(work, await self._respond(Turn(session, _said(answer))))
        if question is None and (acting := await self._app.considering.would_change(turn)):
            what = " ".join(f"{intent.summary.rstrip('.')}?" for intent in acting)
            if not await self._confirmed(work, f"{what} The request: “{turn.text[:500]}”."):
                return result_of(NOT_CONFIRMED, {"done": False})
        return await self._told(work, await self._respond(turn))

    async def _look(self, work: Work, session: str, given: Mapping[str, Any]) -> CallToolResult:
        most = self._app.settings.vision.max_megapixels
        data = self._content(given, "image")
        if isinstance(data, bytes):
            picture = await asyncio.to_thread(decode_picture, data, "the picture", most)
        else:
            picture = await asyncio.to_thread(read_picture, data, most)
        words = clean_text(given.get("question", ""), self._app.settings.text.max_chars)
        return await self._told(work, await self._respond(Turn(session, words, images=(picture,))))

    async def _confirmed(self, work: Work, text: str) -> bool:
        schema = {"type": "boolean", "title": "Yes, do it", "default": False}
        return await work.ask(text, schema) is True

    async def _respond(self, turn: Turn, chosen: Decision | None = None) -> TurnResult:
        seconds = self._app.settings.serve.timeout
        try:
            async with asyncio.timeout(seconds):
                return await self._app.respond(turn, chosen)
        except TimeoutError as error:
            raise DeadlineExceeded(f"There was no answer within {seconds:g} s.") from error

    async def _told(self, work: Work, result: TurnResult) -> CallToolResult:
        """The result of a turn, once the user has answered the questions that follow from it."""
        session = result.turn.session
        for _ in range(ROUNDS):
            if not result.reply.follow_up or not work.asks:
                break
            open_question = self._app.dialogues.waiting.open_question(session)
            if open_question is not None and open_question.kind == "picture":
                break
            answer = await work.ask(result.reply.text, _form(open_question))
            result = await self._respond(Turn(session, _said(answer)))
        reply = result.reply
        text = "\n".join([reply.text, *(f"Note: {notice}" for notice in result.notices)])
        data = {
            "intent": result.decision.intent,
            "session": session.rpartition("/")[2],
            "waits_for_answer": reply.follow_up,
            **({"data": dict(reply.data)} if reply.data else {}),
        }
        if reply.follow_up:
            text += "\n(The assistant waits for the user's answer: pass it on with the tool ask, in the same session.)"
        return result_of(text, data, *await asyncio.to_thread(_pictures, reply.attachments))

    # Files

    async def _transcribe(self, work: Work, session: str, given: Mapping[str, Any]) -> CallToolResult:
        longest = self._app.settings.speech.max_minutes
        data = self._content(given, "audio")
        if isinstance(data, bytes):
            clip = await asyncio.to_thread(decode_audio, data, "the recording", longest)
        else:
            clip = await asyncio.to_thread(read_audio, data, longest)
        heard = await self._app.transcribe(clip, given.get("language", ""))
        stretches = [{"start": start, "end": end, "text": text} for start, end, text in heard.segments]
        values = {"text": heard.text, "language": heard.language, "segments": stretches}
        return result_of(heard.text or "Nothing is said in it.", values)

    def _content(self, given: Mapping[str, Any], name: str) -> bytes | Path:
        if ("path" in given) == (name in given):
            raise InputError(f"Give either {'a path or ' if self._paths else ''}{name}, in base64.")
        if "path" in given:
            return Path(given["path"]).expanduser()
        text = given[name].partition(",")[2] if given[name].startswith("data:") else given[name]
        if len(text) > LARGEST * 4 / 3:
            raise InputError(f"{name} is larger than {LARGEST // 1_000_000} MB.")
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InputError(f"{name} is not base64.") from error

    async def _find(self, work: Work, session: str, given: Mapping[str, Any]) -> CallToolResult:
        top = given.get("top", 5)
        if not 1 <= top <= 20:
            raise InputError("library_search: top must be 1 to 20.")
        hits = await self._app.find(given["query"], top=top)
        found = [
            {"source": hit.source, "kind": hit.kind, "place": hit.place, "start": hit.start, "text": hit.text[:2_000]}
            for hit in hits
        ]
        lines = [f"{', '.join(filter(None, (hit.source, hit.place)))}: {hit.text[:400]}" for hit in hits]
        return result_of("\n".join(lines) or "Nothing is found about that.", {"found": found})


def _session(given: Any) -> str:
    if not isinstance(given, str) or not 1 <= len(given) <= 64 or not all(c.isalnum() or c in "._-" for c in given):
        raise InputError("session must be up to 64 letters, digits, dots, dashes and underscores.")
    return given


def _in_words(intent: Intent, given: Mapping[str, Any]) -> str:
    """A request that names what a call names, for a call without the user's words."""
    said = " ".join(f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in given.items())
    return f"{intent.name.partition('.')[2]} {said}".replace("_", " ").strip()


def _form(question: Question | None) -> dict[str, Any]:
    """The form of a question."""
    if question is not None and question.kind == "bool":
        return {"type": "boolean", "title": "Yes", "default": False}
    if question is not None and question.choices:
        return {"type": "string", "title": "Answer", "enum": list(question.choices)}
    kinds = {"int": "integer", "float": "number"}
    return {"type": kinds.get(question.kind, "string") if question is not None else "string", "title": "Answer"}


def _said(answer: Any) -> str:
    """An answer of a form in words; none given leaves the matter."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "never mind" if answer is None or not str(answer).strip() else str(answer)


def _pictures(attachments: tuple[str, ...]) -> list[ContentBlock]:
    shown: list[ContentBlock] = []
    for path in map(Path, attachments):
        kind = PICTURES.get(path.suffix.lower())
        if kind and path.is_file() and path.stat().st_size <= LARGEST_SENT:
            shown.append(ImageContent(data=base64.b64encode(path.read_bytes()).decode(), mime_type=kind))
    return shown
