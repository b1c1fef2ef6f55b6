"""`assistant train`: make the fusion's weights again."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.terminal.lazy_group import CommandTable, LazyGroup

if TYPE_CHECKING:
    from assistant.training.run import TrainingReport

__all__ = ["TRAININGS"]

TRAININGS: CommandTable = {
    "pictures": ("assistant.cli.train_pictures:pictures", "Make a plugin recognize kinds of pictures from a folder."),
    "tone": ("assistant.cli.train_tone:tone", "Teach the assistant to hear arousal, anger and distress."),
}
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
@click.option("--fresh", is_flag=True, help="Forget what an interrupted run has left, and begin anew.")
@click.pass_context
def train(ctx: click.Context, seed: int, epochs: int, out: Path, fresh: bool) -> None:
    """Train the fusion: the shared space, the shipped plugins' picture kinds and the three strategies.

    Works in a source checkout. Learns from pictures that it draws, from the public-domain clip art in
    ASSISTANT_DATA, and from sentences of its own; takes some minutes on a processor. What it has computed is kept
    in the cache folder, so that an interrupted run goes on. The same seed gives the same weights. The shipped
    plugins' picture kinds are written to plugins/ in the folder.
    """
    if ctx.invoked_subcommand is not None:
        return
    from assistant.settings import cache_dir
    from assistant.terminal.steps import steps_shown
    from assistant.training.run import train as run

    work = cache_dir() / "training"
    if fresh:
        shutil.rmtree(work, ignore_errors=True)
    elif work.is_dir() and any(work.iterdir()):
        click.echo(f"Goes on from what an earlier run left in {work}; --fresh begins anew.", err=True)
    began = time.monotonic()
    with steps_shown() as progress:
        report = run(out, work, seed=seed, epochs=epochs, progress=progress)
    for checkpoint in work.glob("*.safetensors"):
        checkpoint.unlink()  # a run that has ended is not to be gone on from; what was encoded stays
    _report(out, seed, epochs, time.monotonic() - began, report)


def _report(out: Path, seed: int, epochs: int, seconds: float, report: TrainingReport) -> None:
    """What came out: on the screen, and in ``report.json`` beside the weights."""
    from rich.console import Console
    from rich.table import Table

    from assistant.fusion.shipped import WEIGHTS, read_sums
    from assistant.settings import shipped_dir

    made, shipped = read_sums(out), read_sums(WEIGHTS)
    table = Table("held out", "%", title="What the new weights can do", title_justify="left", box=None, pad_edge=False)
    for name, share in report.figures.items():
        table.add_row(name, f"{100 * share:.1f}")
    Console().print(table)
    for file, digest in made.items():
        same = ", as shipped" if shipped.get(file) == digest else ""
        click.echo(f"{file}  {(out / file).stat().st_size / 1e3:.1f} kB  sha256 {digest[:12]}…{same}")
    for path in sorted((out / "plugins").glob("*/*.safetensors")):
        file = path.relative_to(out).as_posix()
        made[file] = hashlib.sha256(path.read_bytes()).hexdigest()
        ours = shipped_dir("plugins") / path.relative_to(out / "plugins")
        same = ", as shipped" if ours.is_file() and ours.read_bytes() == path.read_bytes() else ""
        click.echo(f"{file}  {path.stat().st_size / 1e3:.1f} kB  sha256 {made[file][:12]}…{same}")
    told = {"seed": seed, "epochs": epochs, "seconds": round(seconds, 1), "figures": report.figures, "sha256": made}
    (out / "report.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    click.echo(f"{report.bytes / 1e6:.2f} MB of weights in {out} after {seconds:.0f} s; all figures in report.json")
