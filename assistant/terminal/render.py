"""Renders replies, explanations and tables with rich; they also read well without colour."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING

from assistant.folders import write_private
from assistant.types import MODALITIES, Modality, TurnResult

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from assistant.retrieval.items import Hit
    from assistant.storage import StoredTurn

__all__ = [
    "LEAST",
    "clock",
    "details",
    "draw_terminal",
    "draw_turns",
    "in_time",
    "make_console",
    "percent",
    "printable",
    "show_hits",
    "show_turns",
    "write_svg",
]

LEAST = 0.005
"""shares below this are not worth a line"""

PIPE_WIDTH, DRAWN_WIDTH = 250, 96
"""characters of a line where no terminal limits it"""

CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # a command
    r"|(?:\x1b[P\]X^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # a string for the device, to its end
    r"|\x1b[ -/]*[0-~]"  # a short command
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
    r"|[\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f]"  # text turned round, or unseen
)
"""terminal commands and control characters: a reply may quote what stood in a picture or came from the network. Marks
that lay text out otherwise than it is written go too; the plain marks of Arabic and Hebrew (U+200E, U+200F) stay"""


def printable(text: str) -> str:
    """The text without anything that would command the terminal, or show it otherwise than it is."""
    return CONTROL.sub("", text.replace("\r\n", "\n").expandtabs(4)).encode("utf-8", "replace").decode()


def make_console(*, stderr: bool = False, file: IO[str] | None = None, width: int | None = None) -> Console:
    """A console that adds nothing of its own: no markup, no emoji codes, no highlighting.

    Args:
        file: prints there; then `width` says how wide the terminal is that shows it, None that there is none.
    """
    from rich.console import Console

    known = {"file": file, "width": width, "force_terminal": width is not None} if file is not None else {}
    console = Console(stderr=stderr, markup=False, emoji=False, highlight=False, **known)  # type: ignore[arg-type]
    if not console.is_terminal:
        console.width, console.soft_wrap = PIPE_WIDTH, True
    return console


def percent(share: float) -> str:
    """A share 0 to 1 as people write it."""
    return f"{100 * share:.0f}%"


def _shares(contributions: Mapping[Modality, float]) -> str:
    present = [(m, contributions.get(m, 0.0)) for m in MODALITIES if contributions.get(m, 0.0) >= LEAST]
    return " ".join(f"{modality} {percent(share)}" for modality, share in present)


def in_time(milliseconds: float) -> str:
    """Milliseconds, or seconds where there are many."""
    return f"{milliseconds:.0f} ms" if milliseconds < 10_000 else f"{milliseconds / 1000:.1f} s"


def details(result: TurnResult) -> str:
    """One line: intent, confidence, shares of the modalities, time."""
    decision = result.decision
    parts = [
        decision.intent if decision.outcome != "out_of_scope" else "no intent fits",
        percent(decision.confidence),
        _shares(decision.contributions),
        in_time(result.latency_ms.get("total", 0.0)),
    ]
    return " · ".join(part for part in parts if part)


def show_turns(turns: Iterable[StoredTurn], console: Console, *, stages: bool = False, sessions: bool = False) -> None:
    """Prints stored turns, oldest first, with what decided and the time of each stage, or their sessions, if wanted."""
    for turn in turns:
        said = printable(turn.transcript or "") + (" " if turn.transcript and turn.text else "") + printable(turn.text)
        shown = f" [{len(turn.images)} picture{'s' * (len(turn.images) > 1)}]" if turn.images else ""
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(turn.at))
        named = f"  {printable(turn.session)}" if sessions else ""
        console.print(f"{when}{named}  > {said}{shown}", style="bold")
        cut_here = f"\n({turn.status})" if turn.reply and turn.status == "open" else ""
        console.print(printable(turn.reply) + cut_here or f"({turn.status})")
        if not stages:
            continue
        shares = {m: turn.contributions.get(m, 0.0) for m in MODALITIES}
        parts = [turn.intent, percent(turn.confidence) if turn.intent else "", _shares(shares)]
        parts += [f"{stage} {in_time(ms)}" for stage, ms in turn.latency_ms.items()]
        console.print(" · ".join(part for part in parts if part), style="dim")


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


_TEXT = re.compile(r'<text[^>]*?( textLength="[^"]*")[^>]*>([^<]*)</text>')
"""Rich reckons with one column a character, and would squeeze Chinese."""
_FONT_FACE = re.compile(r"\s*@font-face \{\{.*?\}\}\n", re.DOTALL)


def draw_terminal(show: Callable[[Console], None], *, title: str) -> str:
    """Returns an SVG of what `show` prints; it refers to no other file."""
    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.console import Console

    console = Console(record=True, width=DRAWN_WIDTH, file=io.StringIO(), markup=False, emoji=False, highlight=False)
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
