"""``assistant evaluate understanding``: how well turns are split into clauses and how well each clause is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assistant.evaluation.understanding import ReadingFigures

__all__ = ["show"]

CONFUSIONS = 12
"""lines of the confusion table shown"""


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--split",
    type=click.Choice(["held-out", "train", "all"]),
    default="held-out",
    show_default=True,
    help="Half of the labelled turns in the source repository, where no FILE is named.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def understanding(file: Path | None, split: str, as_json: bool) -> None:
    """Measure how well turns are read, on FILE (JSON lines, or a folder of them) or on our own labelled turns.

    The training half has been learned from: its figures say little about new turns.
    """
    from assistant.evaluation.understanding import evaluate_understanding
    from assistant.training.understanding import DATA, read_turns
    from assistant.understanding import ClauseReader

    halves = {"held-out": ["held_out"], "train": ["train"], "all": ["train", "held_out"]}[split]
    paths = [file] if file else [DATA / half for half in halves]
    turns = [turn for path in paths for turn in read_turns(path)]
    figures = evaluate_understanding(turns, ClauseReader().read)
    if as_json:
        click.echo(json.dumps([each.to_json() for each in figures], ensure_ascii=False, indent=2))
    else:
        show(figures)


def show(figures: Sequence[ReadingFigures]) -> None:
    """Print a table of shares, a column for each language, and the acts most often taken for another."""
    from rich.console import Console
    from rich.table import Table

    results = [each.to_json() for each in figures]
    table = Table("%", *(each.language for each in figures), box=None, pad_edge=False)
    names = ["act", "polarity", "time", "whose", "scope", "split", "whole", "acting_precision", "acting_recall"]
    for name in names:
        cells = ["–" if (share := result[name]) is None else f"{100 * share:.1f}" for result in results]
        table.add_row(name.replace("_", " "), *cells)
    table.add_row("turns", *(str(each.turns) for each in figures))
    table.add_row("clauses", *(str(each.clauses) for each in figures))
    Console().print(table)
    for each in figures:
        wrong = [(pair, count) for pair, count in each.confusion.most_common() if pair[0] != pair[1]]
        click.echo(f"{each.language}: labelled → read")
        for (gold, read), count in wrong[:CONFUSIONS]:
            click.echo(f"  {count:4}  {gold} → {read}")
