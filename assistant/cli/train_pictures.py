"""``assistant train pictures``: a file of picture kinds for a plugin, from a folder of photographs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assistant.training.picture_folder import FolderReport

__all__: list[str] = []

SHOWN = 5
"""skipped files that are named"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("picture_kinds.safetensors"),
    show_default=True,
    help="File to write.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the cross-validation.")
def pictures(folder: Path, out: Path, seed: int) -> None:
    """Make a plugin recognize kinds of pictures.

    FOLDER has one sub-folder for each kind, named after it, with a handful of photographs or more; pictures in a
    sub-folder "other" belong to no kind. A file phrases.txt in a sub-folder lists what such a picture is called,
    one phrase a line. Some everyday pictures come with the assistant. Takes seconds; nothing leaves the machine.

    The report is a cross-validation: how many held-out pictures of a kind are recognized, and how many everyday
    pictures are taken for it. A plugin uses the file so:

    \b
        register(handler, examples=[…], looks_like=["a phrase"], picture_kinds="picture_kinds.safetensors")
    """
    from assistant.encoders.text import BertEncoder
    from assistant.encoders.vision import VisionEncoder
    from assistant.fusion.picture_kinds import write_detector
    from assistant.terminal.steps import steps_shown
    from assistant.training.picture_folder import fit_folder, read_folder

    with steps_shown() as progress:
        found = read_folder(folder, VisionEncoder(), progress)
        detector, report = fit_folder(found, BertEncoder(), seed)
    write_detector(out, detector)
    if found.skipped:
        click.echo(f"Skipped, as not readable as pictures: {len(found.skipped)}", err=True)
        for line in found.skipped[:SHOWN]:
            click.echo(f"  {line}", err=True)
    _show(report)
    for kind in detector.kinds:
        click.echo(f"{kind.name}: looks_like {', '.join(repr(phrase) for phrase in kind.phrases)}")
    click.echo(f"Written: {out} ({out.stat().st_size / 1e3:.0f} kB)")


def _show(report: FolderReport) -> None:
    from rich.console import Console
    from rich.table import Table

    click.echo(f"Held out in {report.folds} folds, beside {report.everyday} everyday pictures, in %:")
    table = Table("kind", box=None, pad_edge=False)
    for column in ("pictures", "recognized", "everyday taken for it"):
        table.add_column(column, justify="right")
    for name, kind in report.kinds.items():
        table.add_row(name, str(kind.pictures), f"{100 * kind.found:.1f}", f"{100 * kind.false_alarms:.1f}")
    Console().print(table)
