"""Colours of the line being typed: a known command, an unknown one, and a dropped file."""

from __future__ import annotations

from collections.abc import Callable, Container

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

__all__ = ["STYLE", "LineLexer"]


class LineLexer(Lexer):
    """Colours slash commands; those now known are given without the slash."""

    def __init__(self, commands: Callable[[], Container[str]]) -> None:
        self._commands = commands

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """The styled fragments of each line."""
        lines = document.lines
        command = self._command(lines[0])

        def fragments(number: int) -> StyleAndTextTuples:
            line = lines[number] if number < len(lines) else ""
            return command if number == 0 and command else [("class:words", line)]

        return fragments

    def _command(self, line: str) -> StyleAndTextTuples:
        if not line.startswith("/"):
            return []
        name, space, rest = line.partition(" ")
        if "/" in name[1:]:
            return [("class:path", line)]
        known = name[1:] in self._commands()
        return [("class:command" if known else "class:unknown", name), ("class:argument", space + rest)]


STYLE = Style.from_dict(
    {
        "prompt": "ansicyan bold",
        "continuation": "ansibrightblack",
        "command": "ansicyan",
        "unknown": "ansired",
        "argument": "ansigreen",
        "path": "ansigreen",
        "bottom-toolbar": "noreverse ansibrightblack",
        "toolbar.ready": "ansigreen",
        "toolbar.busy": "ansiyellow",
        "toolbar.failed": "ansired",
        "toolbar.waiting": "ansicyan",
        "auto-suggestion": "ansibrightblack",
    }
)
