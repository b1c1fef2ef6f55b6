"""``assistant evaluate tone``: how well arousal, anger and distress are heard in voices never heard before."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assistant.evaluation.tone import ToneFigures
    from assistant.training.tone import Voices

__all__ = ["listen", "show"]

ACTED = "emotion_emodb"
CALM = ("speech_librispeech_resemblyzer", "speech_zh_aishell3_biaobei")
STRANGE = ("speech_misc_gold",)
"""read and plain speech that is never learned from"""


@click.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Folder of acted emotional speech.")
@click.option(
    "--calm",
    type=click.Path(file_okay=False, path_type=Path),
    multiple=True,
    help="Folder of read speech, as what calm people sound like; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tone(data: Path | None, calm: tuple[Path, ...], as_json: bool) -> None:
    """Measure how well tone is heard in voices never heard before.

    One speaker of the acted speech is left out at a time. Nothing is installed.
    """
    from assistant.evaluation.tone import evaluate_tone

    figures = evaluate_tone(*listen(data, calm))
    if as_json:
        click.echo(json.dumps([each.to_json() for each in figures], indent=2))
    else:
        show(figures)


def listen(data: Path | None, calm: Sequence[Path]) -> tuple[Voices, list[Voices], list[Voices]]:
    """The voices to learn from and to measure with: acted, calm, and calm ones that are never learned from."""
    from rich.console import Console
    from rich.progress import Progress

    from assistant.settings import load_settings
    from assistant.training.tone import data_folder, read_voices

    settings = load_settings()
    folder = data_folder(data, ACTED)
    root = Path(os.environ.get("ASSISTANT_DATA", ""))
    beside = [root / name for name in CALM] if os.environ.get("ASSISTANT_DATA") else []
    quiet = [data_folder(each, each.name) for each in calm] or [each for each in beside if each.is_dir()]
    strange = [each for name in STRANGE if beside and (each := root / name).is_dir()]
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("")

        def progress(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total)

        acted = read_voices(folder, settings, progress)
        return (
            acted,
            [read_voices(each, settings, progress) for each in quiet],
            [read_voices(each, settings, progress) for each in strange],
        )


def show(figures: Sequence[ToneFigures]) -> None:
    """Print a table."""
    from rich.console import Console
    from rich.table import Table

    from assistant.evaluation.tone import ALARM

    first = figures[0]
    table = Table("voices left out", *(each.dimension for each in figures), box=None, pad_edge=False)
    rows = {
        "recordings that have it": [f"{100 * each.share:.0f} %" for each in figures],
        "AUROC": [f"{100 * each.auroc:.1f}" for each in figures],
        "unweighted average recall": [f"{100 * each.recall:.1f} %" for each in figures],
        "the same, always saying no": ["50.0 %" for _ in figures],
        f"found at {ALARM}": [f"{100 * each.found:.0f} %" for each in figures],
        f"false alarms at {ALARM}, acted speech": [f"{100 * each.false_alarms:.1f} %" for each in figures],
        f"false alarms at {ALARM}, read speech": [f"{100 * each.calm_alarms:.1f} %" for each in figures],
    }
    for title, cells in rows.items():
        table.add_row(title, *cells)
    Console().print(table)
    click.echo(f"{first.recordings} acted recordings, {first.calm} of read speech")
