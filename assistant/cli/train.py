"""`assistant train`: make the fusion's weights again."""

from __future__ import annotations

from pathlib import Path

import click

from assistant.cli.lazy import CommandTable, LazyGroup

__all__ = ["TRAININGS"]

TRAININGS: CommandTable = {}
"""what is trained apart from the fusion, which ``assistant train`` alone trains"""


@click.group(cls=LazyGroup, table=TRAININGS, invoke_without_command=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of everything random.")
@click.option("--epochs", type=click.IntRange(min=1), default=6, show_default=True, help="Of each fusion strategy.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("fusion-weights"),
    show_default=True,
    help="Folder to write the weights to.",
)
@click.pass_context
def train(ctx: click.Context, seed: int, epochs: int, out: Path) -> None:
    """Train the fusion: the shared space, the picture detectors and the three strategies.

    Learns from pictures that it draws, from the public-domain clip art in ASSISTANT_DATA, and from
    sentences of its own; takes some minutes on a processor. What it has computed is kept in the cache
    folder, so that an interrupted run goes on. The same seed gives the same weights.
    """
    if ctx.invoked_subcommand is not None:
        return
    from rich.console import Console
    from rich.table import Table

    from assistant.cli.steps import steps_shown
    from assistant.settings import cache_dir
    from assistant.training.run import train as run

    with steps_shown() as progress:
        report = run(out, cache_dir() / "training", seed=seed, epochs=epochs, progress=progress)
    table = Table("held out", "%", title="What the new weights can do")
    for name, share in report.figures.items():
        table.add_row(name, f"{100 * share:.1f}")
    Console().print(table)
    click.echo(f"{report.bytes / 1e6:.2f} MB of weights in {out}")
