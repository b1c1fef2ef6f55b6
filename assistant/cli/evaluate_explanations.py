"""``assistant evaluate explanations``: whether the parts that an explanation points at really carry the decision."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.evaluation.explanations import Faithfulness

__all__: list[str] = []

CSV = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--train", type=CSV, help="CSV with text and label; without it the plugins' own intents are taken.")
@click.option("--test", type=CSV, help="CSV with text and label; BANKING77 in ASSISTANT_DATA by default.")
@click.option("--pictures", type=CSV, help="CSV with text, image and label; pairs_intents by default.")
@click.option("--data-root", type=click.Path(file_okay=False, path_type=Path), help="Folder of the pictures.")
@click.option("--sample", default=100, show_default=True, type=click.IntRange(2), help="Sentences drawn at random.")
@click.option("--pictures-sample", default=24, show_default=True, type=click.IntRange(2), help="Pictures drawn.")
@click.option("--seed", default=0, show_default=True, help="Of everything random.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explanations(
    train: Path | None,
    test: Path | None,
    pictures: Path | None,
    data_root: Path | None,
    sample: int,
    pictures_sample: int,
    seed: int,
    as_json: bool,
) -> None:
    """Measure whether explanations point at what really counts.

    Deletion: the parts that counted most are taken away, and the winner's probability must fall further than
    without random parts. Insertion: with nothing but those parts, it must be higher.
    """
    from assistant.errors import InputError
    from assistant.evaluation.explanations import measure_pictures, measure_words
    from assistant.settings import load_settings

    settings = load_settings()
    root = Path(os.environ["ASSISTANT_DATA"]) if os.environ.get("ASSISTANT_DATA") else None
    if root is not None and test is None and pictures is None:
        train, test = root / "text_banking77/train_10.csv", root / "text_banking77/fewshot_test.csv"
        pictures, data_root = root / "pairs_intents/pairs.csv", root
    if test is None and pictures is None:
        raise InputError("Name a CSV of sentences with --test or of pictures with --pictures, or set ASSISTANT_DATA.")
    found: dict[str, list[Faithfulness]] = {}
    if test is not None:
        found["words"] = measure_words(train, test, settings, sample, seed)
    if pictures is not None:
        found["picture parts"] = measure_pictures(pictures, data_root, settings, pictures_sample, seed)
    if as_json:
        rows = {name: [each.to_json() for each in group] for name, group in found.items()}
        click.echo(json.dumps(rows, indent=2))
    else:
        for name, group in found.items():
            _show(name, group)


def _show(name: str, group: Sequence[Faithfulness]) -> None:
    from rich.console import Console
    from rich.table import Table

    titles = ("parts", "deletion", "random", "difference, 95 %", "insertion", "random", "difference, 95 %")
    table = Table(name, *titles, box=None)
    for each in group:
        for row in each.rows:
            table.add_row(
                each.method,
                str(row.parts),
                f"{row.deletion:.3f}",
                f"{row.random_deletion:.3f}",
                _between(row.interval),
                f"{row.insertion:.3f}",
                f"{row.random_insertion:.3f}",
                _between(row.insertion_interval),
            )
    Console().print(table)
    click.echo(f"{group[0].cases} {'sentences' if name == 'words' else 'pictures'}")


def _between(interval: tuple[float, float]) -> str:
    return f"{interval[0]:+.3f} to {interval[1]:+.3f}"
