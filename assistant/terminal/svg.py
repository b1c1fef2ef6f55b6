"""A conversation as a picture of a terminal, for pages and reports."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from assistant.terminal.render import printable

if TYPE_CHECKING:
    from assistant.storage import StoredTurn

__all__ = ["draw_turns"]

_TEXT = re.compile(r'<text[^>]*?( textLength="[^"]*")[^>]*>([^<]*)</text>')
"""Rich reckons with one column a character, and would squeeze Chinese."""
_FONT_FACE = re.compile(r"\s*@font-face \{\{.*?\}\}\n", re.DOTALL)


def draw_turns(turns: Iterable[StoredTurn], *, title: str, width: int = 96) -> str:
    """Returns an SVG of turns as the conversation shows them; it refers to no other file.

    Args:
        turns: oldest first.
        title: of the window.
        width: columns.
    """
    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.console import Console

    console = Console(record=True, width=width, file=io.StringIO(), markup=False, emoji=False, highlight=False)
    for turn in turns:
        said = " ".join(filter(None, (printable(turn.transcript or ""), printable(turn.text))))
        shown = f" [{len(turn.images)} picture{'s' * (len(turn.images) > 1)}]" if turn.images else ""
        console.print("› ", style="bold cyan", end="")
        console.print(f"{said}{shown}", style="bold")
        console.print(printable(turn.reply) or f"({turn.status})")
        console.print()
    # Rich's own template loads a font from elsewhere.
    drawn = console.export_svg(title=title, code_format=_FONT_FACE.sub("", CONSOLE_SVG_FORMAT))
    return _TEXT.sub(lambda text: text.group() if text[2].isascii() else text.group().replace(text[1], ""), drawn)
