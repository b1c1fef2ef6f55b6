"""What is offered: a tool for each intent, and four of the assistant's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mcp.types import Tool, ToolAnnotations

from assistant.plugins.api import Intent
from assistant.plugins.schema import given_to
from assistant.plugins.tool_schema import input_schema, tool_name

__all__ = ["CONFIRMATION", "OWN", "REQUEST", "SESSION", "list_tools"]

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
        "Write down what is said in a recording, with the seconds of each stretch.",
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
