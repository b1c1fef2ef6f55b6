"""The phrases about tools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant import Language, Wording

from .tools import Tool, one_line

__all__ = ["choices_in", "said", "shown_arguments"]

_say = Wording(Path(__file__).parent).say


def choices_in(language: Language) -> tuple[str, ...]:
    """Once, always, never."""
    return tuple(_say(f"choice_{name}", language) for name in ("once", "always", "never"))


def said(what: str, language: Language, tool: Tool, **values: Any) -> str:
    """A phrase about a tool."""
    known = {"tool": tool.shown, "server": tool.server, "name": tool.name, "summary": tool.summary}
    return _say(what, language, choices=_say("choices", language), **known, **values)


def shown_arguments(arguments: Mapping[str, Any], language: Language) -> str:
    """Arguments as they are shown in a question; all of them, each cut where it is long."""
    if not arguments:
        return ""
    listed = (f"{name} = {one_line(str(value), 200)}" for name, value in arguments.items())
    return _say("arguments", language, listed=_say("between", language).join(listed))
