"""What a terminal shows as a picture, for pages and reports."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from assistant.folders import write_private
from assistant.terminal.render import printable

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from assistant.storage import StoredTurn

__all__ = ["draw_terminal", "draw_turns", "write_svg"]

_TEXT = re.compile(r'<text[^>]*?( textLength="[^"]*")[^>]*>([^<]*)</text>')
"""Rich reckons with one column a character, and would squeeze Chinese."""
_FONT_FACE = re.compile(r"\s*@font-face \{\{.*?\}\}\n", re.DOTALL)


def draw_terminal(show: Callable[[Console], None], *, title: str, width: int = 96) -> str:
    """Returns an SVG of what `show` prints to a console of so many columns; it refers to no other file."""
    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.console import Console

    console = Console(record=True, width=width, file=io.StringIO(), markup=False, emoji=False, highlight=False)
    show(console)
    # Rich's own template loads a font from elsewhere.
    drawn = console.export_svg(title=title, code_format=_FONT_FACE.sub("", CONSOLE_SVG_FORMAT))
    return _TEXT.sub(lambda text: text.group() if text[2].isascii() else text.group().replace(text[1], ""), drawn)


def draw_turns(turns: Iterable[StoredTurn], *, title: str) -> str:
    """Returns an SVG of turns, oldest first, as the conversation shows them."""

    def show(console: Console) -> None:
        for turn in turns:
            said = " ".join(filter(None, (printable(turn.transcript or ""), printable(turn.text))))
            shown = f" [{len(turn.images)} picture{'s' * (len(turn.images) > 1)}]" if turn.images else ""
            console.print("› ", style="bold cyan", end="")
            console.print(f"{said}{shown}", style="bold")
            console.print(printable(turn.reply) or f"({turn.status})")
            console.print()

    return draw_terminal(show, title=title)


def write_svg(drawn: str, path: Path) -> None:
    """Write a drawing into a file that only its owner reads; raises `StorageError`."""
    write_private(path, lambda file: file.write(drawn.encode("utf-8")))
