"""What is shown: replies, explanations and tables, as rich renderables that also read well without colour."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from assistant.messages import MODALITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console, RenderableType

    from assistant.messages import Modality, TurnResult
    from assistant.storage import StoredTurn

__all__ = ["details", "make_console", "printable", "show_reply", "show_result", "show_turns", "show_why"]

BAR = 24
"""characters of a full bar"""

LEAST = 0.005
"""shares below this are not worth a line"""

PIPE_WIDTH = 250
"""characters of a line where no terminal limits it"""

CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""terminal commands and control characters: a reply may quote what stood in a picture or came from the network"""


def printable(text: str) -> str:
    """The text without anything that would command the terminal."""
    return CONTROL.sub("", text.replace("\r\n", "\n").expandtabs(4)).encode("utf-8", "replace").decode()


def make_console(*, stderr: bool = False) -> Console:
    """A console that adds nothing of its own: no markup, no emoji codes, no highlighting."""
    from rich.console import Console

    console = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width, console.soft_wrap = PIPE_WIDTH, True
    return console


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _shares(contributions: Mapping[Modality, float]) -> str:
    present = [(m, contributions.get(m, 0.0)) for m in MODALITIES if contributions.get(m, 0.0) >= LEAST]
    return " ".join(f"{modality} {_percent(share)}" for modality, share in present)


def _time(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 10_000 else f"{milliseconds / 1000:.1f} s"


def details(result: TurnResult) -> str:
    """One line: intent, confidence, shares of the modalities, time."""
    decision = result.decision
    parts = [
        decision.intent if decision.outcome != "out_of_scope" else "no intent fits",
        _percent(decision.confidence),
        _shares(decision.contributions),
        _time(result.latency_ms.get("total", 0.0)),
    ]
    return " · ".join(part for part in parts if part)


def show_reply(result: TurnResult, console: Console, notices: Console) -> None:
    """Print a reply and what belongs to it, and nothing else; what went wrong goes to `notices`."""
    console.print(printable(result.reply.text))
    for path in result.reply.attachments:
        console.print(f"→ {printable(path)}", style="cyan")
    for notice in result.notices:
        reason = notice.partition(": ")[2]
        if reason and reason in result.reply.text:
            continue  # the reply says so already
        notices.print(f"Note: {printable(notice)}", style="yellow")


def show_result(result: TurnResult, console: Console, *, notices: Console | None = None) -> None:
    """Print a reply, what belongs to it, and how it came about.

    Args:
        notices: where notices go; the same console by default.
    """
    if result.turn.transcript is not None and result.turn.transcript.text:
        console.print(f"You said: {printable(result.turn.transcript.text)}", style="dim")
    show_reply(result, console, notices or console)
    console.print(details(result), style="dim")


def _bars(rows: Iterable[tuple[str, float]]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for label, share in rows:
        filled = round(max(0.0, min(1.0, share)) * BAR)
        bar = Text("█" * filled, "cyan") + Text("░" * (BAR - filled), "dim")
        table.add_row("", Text(printable(label)), bar, Text(_percent(share)))
    return table


def show_why(result: TurnResult, console: Console) -> None:
    """Explain a decision: shares as bars, alternatives, and the words and patches that counted."""
    decision = result.decision
    console.print(f"Decided by {decision.source}: {decision.intent} ({_percent(decision.confidence)})")
    sections: dict[str, list[tuple[str, float]]] = {
        "Share of each input": [(str(m), decision.contributions[m]) for m in MODALITIES if m in decision.contributions],
        "Alternatives": [
            (c.intent, c.confidence)
            for c in decision.candidates
            if c.intent != decision.intent and c.confidence >= LEAST
        ][:5],
        "What counted most": [(f"{word}  ({m})", share) for m, word, share in decision.attended[:8]],
    }
    for title, rows in sections.items():
        if rows:
            console.print(title, style="bold")
            console.print(_bars(rows))
    console.print(f"Belongs to no intent at all: {_percent(decision.out_of_scope)}", style="dim")
    stages = [f"{stage} {_time(ms)}" for stage, ms in result.latency_ms.items()]
    if stages:
        console.print("Time: " + " · ".join(stages), style="dim")


def show_turns(turns: Iterable[StoredTurn], console: Console, *, stages: bool = False) -> None:
    """Print stored turns, oldest first.

    Args:
        stages: also how long each stage took.
    """
    for turn in turns:
        said = printable(turn.transcript or "") + (" " if turn.transcript and turn.text else "") + printable(turn.text)
        shown = f" [{len(turn.images)} picture{'s' * (len(turn.images) > 1)}]" if turn.images else ""
        console.print(f"{time.strftime('%Y-%m-%d %H:%M', time.localtime(turn.at))}  > {said}{shown}", style="bold")
        console.print(printable(turn.reply) or f"({turn.status})")
        shares = {m: turn.contributions.get(m, 0.0) for m in MODALITIES}
        parts = [turn.intent, _percent(turn.confidence) if turn.intent else "", _shares(shares)]
        if stages:
            parts += [f"{stage} {_time(ms)}" for stage, ms in turn.latency_ms.items()]
        elif "total" in turn.latency_ms:
            parts.append(_time(turn.latency_ms["total"]))
        console.print(" · ".join(part for part in parts if part), style="dim")
