"""Routes of the page besides the own API: login, timers, history, plugins, settings."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from assistant.dialogue.answering import named_for
from assistant.dialogue.questions import Question
from assistant.language import language_of, say
from assistant.outputs.schedule import Scheduled
from assistant.server.app_state import Client, Here
from assistant.server.error_responses import ErrorResponse, missing
from assistant.server.schemas import SESSION
from assistant.server.turn_service import namespaced
from assistant.server.web.login import COOKIE_SECONDS, WebLogin, cookie_name
from assistant.storage import StoredTurn
from assistant.types import content_hash, new_id

__all__ = ["CodeBody", "Login", "around"]

around = APIRouter(prefix="/v1/web", include_in_schema=False)  # the page alone uses them

NUMBERED = re.compile(r"^\s*(\d{1,2})[.)、．]\s*(\S.*)$", re.MULTILINE)
MOST_TIMERS = 100
SHOWN_SETTINGS = (
    *("speech.model", "speech.language", "vision.model", "memory.enabled", "library.read_pictures"),
    *("voice.mode", "voice.wake_words", "voice.engine", "voice.speed", "voice.silence", "voice.follow_up"),
)
"""the settings shown; `assistant config show` lists all"""


class CodeBody(BaseModel):
    """The secret of a link."""

    model_config = ConfigDict(extra="forbid")

    code: str


def _login(request: Request) -> WebLogin:
    login: WebLogin = request.state.login
    return login


Login = Annotated[WebLogin, Depends(_login)]


@around.post("/codes", summary="Make a link that logs the page in")
async def new_code(login: Login, client: Client) -> CodeBody:
    """Opened as `/web/#CODE` within five minutes, it logs a browser in as this token's client, once."""
    return CodeBody(code=login.new_code(client))


@around.post("/login", summary="Log the page in", status_code=204)
async def log_in(request: Request, here: Here, login: Login, body: CodeBody) -> Response:
    """Exchanges a link's secret for a cookie; needs no token."""
    host = request.headers.get("host", "")
    client, mine = login.client_of_code(body.code), new_id()
    key = f"link {content_hash(body.code)}"
    used = client and (await asyncio.to_thread(here.app.requests.open, client, key, "", "", mine)).turn != mine
    if not client or used:
        error = "This link was used before, or is too old."
        raise ErrorResponse(403, "link_used", error, "`assistant web` makes a new one.")
    cookie = login.cookie(client, host)
    response = Response(status_code=204)
    secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    name = cookie_name(host)
    response.set_cookie(name, cookie, COOKIE_SECONDS, httponly=True, samesite="strict", secure=secure)
    return response


@around.post("/logout", summary="Log the page out", status_code=204)
async def log_out(request: Request, client: Client) -> Response:
    """Takes the cookie away."""
    response = Response(status_code=204)
    response.delete_cookie(cookie_name(request.headers.get("host", "")), httponly=True, samesite="strict")
    return response


@around.get("/state", summary="See what is open in a conversation")
async def state(here: Here, client: Client, session: Annotated[str, Query(pattern=SESSION)]) -> dict[str, Any]:
    """The question that waits, with its options, and what will ring for this client."""
    name = namespaced(client, session)
    question = await asyncio.to_thread(here.app.dialogues.waiting.open_question, name)
    last = await asyncio.to_thread(here.app.history.turns, name, 1)
    entries = await asyncio.to_thread(here.app.scheduler.schedule.find, "", name, "", MOST_TIMERS)
    asked = _question(question) if question else _clarifying(last[-1]) if last else None
    return {
        "question": asked,
        "timers": [_timer(entry) for entry in entries if entry.due is not None],
        "now": datetime.now().astimezone().timestamp(),
        "answering": bool(last) and last[-1].status == "open",
    }


def _question(question: Question) -> dict[str, Any]:
    options = [{"label": choice, "say": choice} for choice in question.choices] or _numbered(question.text)
    if question.kind == "bool" and not options:
        words = [say(word, question.language) for word in ("yes", "no")]
        options = [{"label": word, "say": word} for word in words]
    return {"text": question.text, "kind": question.kind, "options": options, "confirms": question.confirms}


def _by_language(said: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for sentence in said:
        found.setdefault(language_of(sentence), []).append(sentence)
    return found


def _numbered(text: str) -> list[dict[str, str]]:
    """The lines of a question that are numbered from 1 on: they are answered by their number."""
    found = [(number, label.strip()) for number, label in NUMBERED.findall(text)]
    counted = [number for number, _ in found] == [str(at) for at in range(1, len(found) + 1)]
    return [{"label": label, "say": number} for number, label in found] if counted and len(found) > 1 else []


def _clarifying(last: StoredTurn) -> dict[str, Any] | None:
    if last.outcome != "clarify" or not last.options:
        return None
    return {"text": last.reply, "kind": "choice", "options": _numbered(last.reply), "confirms": False}


def _timer(entry: Scheduled) -> dict[str, Any]:
    assert entry.due is not None
    return {
        "plugin": entry.plugin,
        "key": entry.key,
        "text": entry.reply.text,
        "due": entry.due.timestamp(),
        "repeats": entry.repeat is not None,
        "insistent": entry.insistent,
        "data": dict(entry.reply.data),
    }


@around.delete("/timers/{plugin}/{key}", summary="Take back what would ring", status_code=204)
async def cancel_timer(here: Here, client: Client, plugin: str, key: Annotated[str, Path(max_length=500)]) -> Response:
    """Cancels a timer, an alarm or a reminder of this client."""
    schedule = here.app.scheduler.schedule
    own = await asyncio.to_thread(schedule.find, plugin, namespaced(client, "-"), key)
    if not any(entry.key == key for entry in own):
        raise missing("such timer", "It may have rung.")
    await asyncio.to_thread(schedule.drop, plugin, [key])
    here.app.scheduler.changed()
    return Response(status_code=204)


@around.get("/history", summary="Search past turns")
async def search_history(
    here: Here, client: Client, q: Annotated[str, Query(min_length=1, max_length=200)]
) -> list[dict[str, Any]]:
    """The latest turns that hold all of these words."""
    prefix = namespaced(client, "")
    found = await asyncio.to_thread(here.app.history.search, q, 40, prefix)
    return [
        {
            "session": turn.session.removeprefix(prefix),
            "turn": turn.id,
            "at": turn.at,
            "said": turn.text or turn.transcript or "",
            "reply": turn.reply,
        }
        for turn in found
    ]


@around.get("/plugins", summary="List plugins and what they may do")
async def plugins(here: Here, client: Client, language: str = "en") -> list[dict[str, Any]]:
    """Every plugin: whether it works, what it understands, and what it may use.

    Each intent is named in this language: by its summary, or by a sentence that asks for it.
    """
    kept = ("name", "origin", "status", "reason", "capabilities", "isolated", "unlimited")
    intents = {intent.name: intent for intent in here.app.plugins.intents}
    # Questions about an ability are asked in examples of the ability.
    asked = {
        name: intent if language == "en" else intents.get(intent.about, intent) for name, intent in intents.items()
    }
    known = {name: named_for(intent, language) for name, intent in asked.items()}
    found = []
    for info in here.app.plugins.infos:
        values = {name: each for name, each in asdict(info).items() if name in kept}
        values["title"], values["summary"] = info.translations.get(language, (info.title, info.summary))
        mine = [name for name in info.intents if name in known]
        does = [{"name": name, "summary": known[name], "acts": name in info.acting} for name in mine]
        found.append({**values, "intents": does, "try": _by_language(info.welcome)})
    return found


@around.get("/settings", summary="Show the settings that matter")
async def settings(here: Here, client: Client) -> list[dict[str, Any]]:
    """Their values and what they do; they are changed in the settings file."""
    shown = [each for each in here.settings.each() if each[0] in SHOWN_SETTINGS]
    return [{"name": name, "value": value, "description": about} for name, value, about in shown]
