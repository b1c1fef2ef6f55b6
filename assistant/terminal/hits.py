"""What a search brought: where it is, the words that matched, and why it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.terminal.render import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from assistant.retrieval.items import Hit

__all__ = ["clock", "show_hits"]

NAMES = {"shared": "alike", "meaning": "meaning", "words": "words"}


def clock(seconds: float | None) -> str:
    """A moment as mm:ss; "" without one."""
    return "" if seconds is None else f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def show_hits(hits: Sequence[Hit], query: str, console: Console, *, surely: bool = True) -> None:
    """Print hits, best first, the words searched for in bold; unless they `surely` fit, says that they are near."""
    from rich.text import Text

    from assistant.retrieval.items import SHOWS
    from assistant.retrieval.terms import mark, snippet

    if not hits:
        console.print("Nothing in the library fits. `assistant library add FOLDER` adds files to it.")
    elif not surely:
        console.print("Nothing surely fits. The nearest:")
    for number, hit in enumerate(hits, 1):
        where = " · ".join(part for part in (printable(hit.source), hit.place, clock(hit.start)) if part)
        console.print(f"{number:2}. {where}", style="bold")
        if text := printable(snippet(hit.text or str(hit.metadata.get(SHOWS, "")), query)):
            shown = Text("    " + text)
            for start, end in mark(text, query):
                shown.stylize("bold green", start + 4, end + 4)
            console.print(shown)
        console.print(f"    {hit.kind} · {_reasons(hit)}", style="dim")


def _reasons(hit: Hit) -> str:
    fits = [] if hit.relevance is None else [f"fits {hit.relevance:.2f}"]
    return " · ".join(
        fits + [f"{NAMES[name]} {hit.likeness[name]:.2f} (no. {rank})" for name, rank in sorted(hit.ranks.items())]
    )
