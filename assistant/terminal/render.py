"""What is shown: replies, explanations and tables, as rich renderables that also read well without colour."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Protocol

from assistant.types import MODALITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import IO

    from rich.console import Console

    from assistant.storage import StoredTurn
    from assistant.types import Modality, TurnResult

__all__ = [
    "LEAST",
    "Shown",
    "details",
    "in_time",
    "make_console",
    "percent",
    "printable",
    "show_reply",
    "show_result",
    "show_turns",
]

LEAST = 0.005
"""shares below this are not worth a line"""

PIPE_WIDTH = 250
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


class Shown(Protocol):
    """What was shown of a reply while it came."""

    @property
    def text(self) -> str:
        """The beginning of the reply; "" for nothing."""

    def finish(self, whole: str) -> None:
        """Show the rest."""


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


def show_reply(result: TurnResult, console: Console, notices: Console, live: Shown | None = None) -> None:
    """Print a reply and what belongs to it but what `live` has shown; what went wrong goes to `notices`."""
    if live is not None and live.text:
        live.finish(result.reply.text)
    else:
        console.print(printable(result.reply.text))
    for path in result.reply.attachments:
        console.print(f"→ {printable(path)}", style="cyan")
    for notice in result.notices:
        reason = notice.partition(": ")[2]
        if reason and reason in result.reply.text:
            continue  # the reply says so already
        notices.print(f"Note: {printable(notice)}", style="yellow")


def show_result(
    result: TurnResult,
    console: Console,
    *,
    notices: Console | None = None,
    detailed: bool = False,
    live: Shown | None = None,
) -> None:
    """Prints a reply and what belongs to it; with `detailed` also what decided, how surely, and how long it took.

    Notices go to the same console by default. What `live` has shown is not printed again.
    """
    begun = live is not None and live.text
    if result.turn.transcript is not None and result.turn.transcript.text and not begun:
        console.print(f"You said: {printable(result.turn.transcript.text)}", style="dim")
    show_reply(result, console, notices or console, live)
    if detailed:
        console.print(details(result), style="dim")


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
