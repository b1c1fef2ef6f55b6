"""Explanations in the terminal: shaded words, a picture's heat in characters, bars; readable without colour too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.terminal.render import LEAST, details, in_time, percent, printable
from assistant.types import MODALITIES, TurnResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console, RenderableType
    from rich.text import Text

    from assistant.explanation import Explanation, Heat, Passage

__all__ = ["show_explanation", "show_why"]

BAR = 24
"""characters of a full bar"""
USUAL = {"polarity": "positive", "time": "now", "whose": "mine", "scope": "one"}
"""fields of a clause that are named only when they have another value"""
MOST_NAMED = 6
"""words named below a shaded sentence"""
NOTICEABLE = 0.05
"""nats; a word that changes less is not named"""
DENSITY = " ·░▒▓█"
"""characters from nothing to most"""


def show_explanation(explanation: Explanation, console: Console) -> None:
    """Print a decision and what counted."""
    decision = explanation.decision
    console.print(f"Decided by {decision.source}: {decision.intent} ({percent(decision.confidence)})")
    if explanation.intent and explanation.intent != decision.intent:
        console.print(f"Nearest, and explained here: {explanation.intent}", style="dim")
    shares = [(str(m), decision.contributions[m]) for m in MODALITIES if m in decision.contributions]
    others = [(c.intent, c.confidence) for c in decision.candidates if c.intent != decision.intent]
    _section("Share of each input", shares, console)
    for passage in explanation.passages:
        _show_words(passage, console)
    for heat in explanation.heats:
        _show_heat(heat, len({each.picture for each in explanation.heats}), console)
    _section("Alternatives", [(name, share) for name, share in others if share >= LEAST][:5], console)
    console.print(f"Belongs to no intent at all: {percent(decision.out_of_scope)}", style="dim")


def show_why(result: TurnResult, explanation: Explanation, console: Console) -> None:
    """Print what an answered turn says clause by clause, why it was decided so, and where its time went."""
    console.print(details(result), style="dim")
    _show_clauses(result.clauses, console)
    show_explanation(explanation, console)
    stages = [f"{stage} {in_time(ms)}" for stage, ms in result.latency_ms.items()]
    if stages:
        console.print("Time: " + " · ".join(stages), style="dim")


def _show_clauses(clauses: Sequence[Mapping[str, Any]], console: Console) -> None:
    """One line per clause: its words, its act, and unusual properties."""
    if not clauses:
        return
    console.print("Said", style="bold")
    for clause in clauses:
        unusual = [clause[name] for name in USUAL if clause[name] != USUAL[name]]
        console.print(f"  “{printable(clause['text'].strip())}”: {', '.join([clause['act'], *unusual])}")


def _section(title: str, rows: list[tuple[str, float]], console: Console) -> None:
    if rows:
        console.print(title, style="bold")
        console.print(_bars(rows))


def _show_words(passage: Passage, console: Console) -> None:
    console.print("Words" if passage.modality == "text" else "Words that were heard", style="bold")
    console.print(_shaded(passage), soft_wrap=False)
    most = max((abs(word.weight) for word in passage.words), default=0.0)
    ranked = sorted(passage.words, key=lambda word: -word.weight)
    named = [(word.text, word.weight / most) for word in ranked if word.weight > NOTICEABLE]
    if named:
        console.print(_bars(named[:MOST_NAMED], with_share=False))
    against = [printable(word.text) for word in reversed(ranked) if word.weight < -NOTICEABLE]
    if against:
        console.print(f"  spoke against it: {', '.join(against[:MOST_NAMED])}", style="dim")


def _shaded(passage: Passage) -> Text:
    """The sentence, each word on a ground as strong as it counted: orange for, blue against."""
    from rich.text import Text

    most = max((abs(word.weight) for word in passage.words), default=0.0) or 1.0
    line, at = Text("  "), 0
    for word in passage.words:
        line.append(printable(passage.text[at : word.start]))
        strength = min(abs(word.weight) / most, 1.0)
        line.append(printable(word.text), _ground(strength, word.weight > 0))
        at = word.end
    line.append(printable(passage.text[at:]))
    return line


def _ground(strength: float, speaks_for: bool) -> str:
    if strength < 0.1:
        return ""
    full = (240, 120, 32) if speaks_for else (70, 130, 190)
    red, green, blue = (round(250 + (channel - 250) * strength) for channel in full)
    return f"black on rgb({red},{green},{blue})"


def _show_heat(heat: Heat, count: int, console: Console) -> None:
    """A small map: the picture's middle, row by row."""
    where = f", where “{heat.thing}” is" if heat.thing else ""
    console.print((f"Picture {heat.picture + 1}" if count > 1 else "Picture") + where, style="bold")
    most = float(heat.grid.max())
    for row in heat.grid:
        levels = (max(float(value), 0.0) / most if most > 0 else 0.0 for value in row)
        console.print("  " + "".join(2 * DENSITY[round(level * (len(DENSITY) - 1))] for level in levels), style="cyan")


def _bars(rows: Iterable[tuple[str, float]], *, with_share: bool = True) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for label, share in rows:
        filled = round(max(0.0, min(1.0, share)) * BAR)
        bar = Text("█" * filled, "cyan") + Text("░" * (BAR - filled), "dim")
        table.add_row("", Text(printable(label)), bar, Text(percent(share) if with_share else ""))
    return table
