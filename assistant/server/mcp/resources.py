"""Lists the tools (one per intent, and our own) and resources (past conversations, the library's files)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from mcp.types import Resource, TextResourceContents, Tool, ToolAnnotations

from assistant.app import App
from assistant.errors import InputError, UserError
from assistant.plugins.api import Intent
from assistant.plugins.schema import given_to
from assistant.plugins.tool_schema import input_schema, tool_name

__all__ = ["CONFIRMATION", "OWN", "REQUEST", "SESSION", "Resources", "list_tools"]

REQUEST, SESSION, CONFIRMATION = "request", "session", "confirmation"
"""arguments besides an intent's slots"""
SHOWN_EXAMPLES = 4

_SESSION = {
    "type": "string",
    "pattern": "^[A-Za-z0-9._-]{1,64}$",
    "description": "the conversation it belongs to; that of this connection by default",
}
_CONFIRMATION = {
    "type": "string",
    "description": "only when an earlier call with the same arguments asked for it, and the user said yes",
}
_PATH = "path of a file on the assistant's computer"
_BASE64 = "its content in base64, instead of a path"

OWN: dict[str, tuple[str, dict[str, Any], list[str], bool]] = {
    "ask": (
        "Ask the assistant, in the user's own words. Also for emergencies, and to answer what the assistant asked.",
        {"text": {"type": "string", "description": "the user's words"}, SESSION: _SESSION, CONFIRMATION: _CONFIRMATION},
        ["text"],
        False,
    ),
    "look": (
        "Let the assistant look at a picture and answer a question about it.",
        {
            "question": {"type": "string", "description": "the user's words about the picture"},
            "path": {"type": "string", "description": _PATH},
            "image": {"type": "string", "description": _BASE64},
            SESSION: _SESSION,
        },
        [],
        True,
    ),
    "transcribe": (
        "Transcribe a recording, with the seconds of each segment.",
        {
            "path": {"type": "string", "description": _PATH},
            "audio": {"type": "string", "description": _BASE64},
            "language": {"type": "string", "description": "ISO 639-1, such as en; found out by default"},
        },
        [],
        True,
    ),
    "library_search": (
        "Find the user's own files by meaning: passages, pictures and recordings, with page or minute.",
        {
            "query": {"type": "string", "description": "a question, or some words, in any language"},
            "top": {"type": "integer", "minimum": 1, "maximum": 20, "description": "most results; 5 by default"},
        },
        ["query"],
        True,
    ),
}
"""name → what it does, its properties, the required ones, and whether it only reads"""


def list_tools(intents: Sequence[Intent], *, paths: bool = True) -> list[Tool]:
    """A tool for each intent with examples, and our own; with `paths` files may be named, as the client is here."""
    own = [_own(name, paths=paths) for name in OWN]
    return own + [_of_intent(intent) for intent in intents if intent.examples]


def _own(name: str, *, paths: bool) -> Tool:
    told, properties, required, reads = OWN[name]
    kept = {key: each for key, each in properties.items() if paths or key != "path"}
    schema = {"type": "object", "properties": kept, "required": required, "additionalProperties": False}
    hints = ToolAnnotations(read_only_hint=reads, destructive_hint=not reads, open_world_hint=False)
    return Tool(name=name, description=told, input_schema=schema, annotations=hints)


def _of_intent(intent: Intent) -> Tool:
    schema = input_schema(intent)
    words = {"type": "string", "description": "what the user said, in their own words: details are read from them"}
    schema["properties"] |= {REQUEST: words, SESSION: _SESSION}
    if "turn" in given_to(intent.handler):
        schema["required"] = [*schema["required"], REQUEST]
    if intent.may_act:
        schema["properties"][CONFIRMATION] = _CONFIRMATION
    examples = [each for each in intent.examples if each.isascii()][:SHOWN_EXAMPLES]
    acts = " It changes something, so the user is asked first." if intent.may_act else ""
    said = "; ".join(f"“{each}”" for each in examples)
    told = f"{intent.summary.rstrip('.')}.{acts}{f' People say: {said}.' if said else ''}"
    hints = ToolAnnotations(
        title=intent.summary.rstrip("."),
        read_only_hint=not intent.may_act,
        destructive_hint=intent.may_act,
        open_world_hint=False,
    )
    return Tool(name=tool_name(intent), description=told, input_schema=schema, annotations=hints)


HISTORY, LIBRARY = "assistant://history/", "assistant://library/"
MOST_LISTED = 100
"""of each kind; all can be read by their names"""
LONGEST = 400_000
"""characters of one"""


class Resources:
    """Lists and reads past conversations (with `history`) and the library's files (with `library`)."""

    def __init__(self, app: App, *, history: bool, library: bool) -> None:
        self._app, self._offers_history, self._offers_library = app, history, library

    async def listed(self, prefix: str) -> list[Resource]:
        """The latest conversations whose names begin with `prefix`, and the files of the library."""
        sessions = await asyncio.to_thread(self._app.history.sessions, prefix) if self._offers_history else []
        found = [
            Resource(
                uri=HISTORY + quote(each.session[len(prefix) :], safe=""),
                name=f"{_when(each.last_at)} {each.last_text[:60]}".strip(),
                description=f"A conversation of {each.turns} turn{'s' * (each.turns != 1)}",
                mime_type="text/markdown",
            )
            for each in sessions[:MOST_LISTED]
        ]
        sources = await asyncio.to_thread(self._sources) if self._offers_library else []
        return found + [
            Resource(uri=LIBRARY + quote(path, safe="/"), name=path.rpartition("/")[2], mime_type="text/plain")
            for path in sources[:MOST_LISTED]
        ]

    async def read(self, uri: str, prefix: str) -> TextResourceContents:
        """One of them as text; InputError when there is none of that name."""
        if uri.startswith(HISTORY) and self._offers_history:
            text = await asyncio.to_thread(self._conversation, prefix + unquote(uri[len(HISTORY) :]))
            return TextResourceContents(uri=uri, mime_type="text/markdown", text=text[:LONGEST])
        if uri.startswith(LIBRARY) and self._offers_library:
            text = await asyncio.to_thread(self._file, unquote(uri[len(LIBRARY) :]))
            return TextResourceContents(uri=uri, mime_type="text/plain", text=text[:LONGEST])
        raise InputError(f"There is no resource {uri[:200]}.")

    def _conversation(self, session: str) -> str:
        turns = self._app.history.turns(session)
        if not turns:
            raise InputError("There is no such conversation.")
        return "\n\n".join(
            f"**{_when(turn.at)}** {turn.transcript or ''} {turn.text}\n\n{turn.reply}" for turn in turns
        )

    def _sources(self) -> list[str]:
        try:
            library = self._app.library()
            known = library.table.sources() if library is not None else {}
        except UserError:  # its packages are not installed
            return []
        return sorted(path for path, source in known.items() if not source.reason)

    def _file(self, path: str) -> str:
        """The text of a file of the library; other files cannot be read."""
        library = self._app.library()
        if library is None or path not in self._sources():
            raise InputError("The library holds no such file.")
        rows = (row for row in library.table.rows() if row["source"] == path)
        parts = sorted(rows, key=lambda row: int(row["part"]))
        return "\n\n".join(f"[{row['place']}]\n{row['text']}" if row["place"] else str(row["text"]) for row in parts)


def _when(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"
