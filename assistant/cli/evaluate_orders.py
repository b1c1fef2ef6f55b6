"""``assistant evaluate orders``: how many spoken orders are understood exactly."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

__all__: list[str] = []


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--most", default=0, type=click.IntRange(0), help="Most orders; 0 is all.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def orders(folder: Path, most: int, as_json: bool) -> None:
    """Measure how many spoken coffee orders are understood exactly, intent and every slot.

    FOLDER holds recordings and a manifest.csv with file, intent and slots (Picovoice's speech-to-intent benchmark).
    """
    from assistant.evaluation.orders import evaluate_orders
    from assistant.settings import load_settings

    report = asyncio.run(evaluate_orders(folder, load_settings(), most))
    click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2) if as_json else str(report))
