"""``assistant train understanding``: fits the weights that split turns into clauses and read them."""

from __future__ import annotations

from pathlib import Path

import click

__all__: list[str] = []


@click.command()
@click.option(
    "--data",
    type=click.Path(exists=True, path_type=Path),
    help="File or folder of labelled turns; the training half in the source repository by default.",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; the shipped one by default."
)
def understanding(data: Path | None, out: Path | None) -> None:
    """Fit the weights that split a turn into clauses and read each clause.

    Takes about a minute on one processor core. The same turns give the same weights.
    """
    from assistant.training.understanding import DATA, fit_reader, read_turns, save_reader
    from assistant.understanding.model import WEIGHTS

    turns = read_turns(data or DATA / "train")
    path = out or WEIGHTS
    save_reader(fit_reader(turns), path)
    clauses = sum(len(turn.clauses) for turn in turns)
    click.echo(f"{len(turns)} turns, {clauses} clauses; {path.stat().st_size / 1e6:.2f} MB written to {path}")
