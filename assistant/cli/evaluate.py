"""``assistant evaluate``: how good the assistant is, on data of one's own."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from assistant.contracts import Intent
    from assistant.settings import Settings

__all__ = ["evaluate"]

CSV = click.Path(dir_okay=False, path_type=Path)
SHOWN = (
    ("accuracy", "accuracy"),
    ("macro_f1", "macro F1"),
    ("decided_rightly", "decided rightly"),
    ("ece_before", "ECE raw"),
    ("ece", "ECE"),
    ("oos_auroc", "OOS AUROC"),
    ("oos_recall", "OOS recall at 95 %"),
    ("accuracy_at_threshold", "accuracy at threshold"),
    ("recall_at_threshold", "OOS recall at threshold"),
    ("coverage", "coverage"),
    ("set_size", "set size"),
    ("decide_ms", "decide ms"),
)


class _Measures(click.Group):
    """Also finds what plugins measure: a plugin's command called ``evaluate NAME`` is ``assistant evaluate NAME``."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        from assistant.cli import plugin_command

        known = super().get_command(ctx, cmd_name)
        return known or (None if cmd_name.startswith("-") else plugin_command(f"{self.name} {cmd_name}"))


@click.group(cls=_Measures)
def evaluate() -> None:
    """Measure how good the assistant is."""


@evaluate.command()
@click.option("--train", type=CSV, help="CSV with text and label; without it the plugins' own intents are taken.")
@click.option("--test", type=CSV, required=True, help="CSV with text and label, and maybe image and audio.")
@click.option("--oos", type=CSV, help="CSV of turns that belong to no intent.")
@click.option("--data-root", type=click.Path(file_okay=False, path_type=Path), help="Folder of images and audio.")
@click.option("--fusion", default="attention", show_default=True, help="attention, early, late, text, image or audio.")
@click.option("--shots", type=click.IntRange(1), help="Examples per intent, drawn at random from --train.")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(1), help="Draws of --shots.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def intents(
    train: Path | None,
    test: Path,
    oos: Path | None,
    data_root: Path | None,
    fusion: str,
    shots: int | None,
    seeds: int,
    as_json: bool,
) -> None:
    """Measure the intent decision on labelled turns.

    The label of turns that belong to no intent is none, oos or out_of_scope.
    """
    from dataclasses import replace

    from assistant.evaluation.intents import draw_shots, evaluate_intents, intents_of, read_rows
    from assistant.settings import load_settings

    settings = load_settings()
    rows = read_rows(test, data_root)
    if oos is not None:
        rows += [replace(row, label="none") for row in read_rows(oos, data_root)]
    examples = read_rows(train, data_root) if train is not None else []
    runs: list[dict[str, Any]] = []
    for seed in range(seeds if shots else 1):
        drawn = draw_shots(examples, shots, seed) if shots else examples
        known = intents_of(drawn) if train is not None else _plugin_intents(settings)
        report, figures = evaluate_intents(known, rows, settings, fusion)
        fitted = {"intents": report.intents, "examples": report.examples, "seconds": round(report.seconds, 2)}
        runs.append({"seed": seed, "fit": fitted | {"kept": report.cached}, "figures": [f.to_json() for f in figures]})
        _warn(report.warnings)
    if as_json:
        click.echo(json.dumps({"test": str(test), "runs": runs}, ensure_ascii=False, indent=2))
    else:
        _show(runs)


def _plugin_intents(settings: Settings) -> Sequence[Intent]:
    from assistant.bus import Bus
    from assistant.plugins import PluginManager

    plugins = PluginManager(settings, Bus())
    plugins.load()
    return plugins.intents


def _warn(warnings: Sequence[str], most: int = 5) -> None:
    for line in warnings[:most]:
        click.echo(line, err=True)
    if len(warnings) > most:
        click.echo(f"… and {len(warnings) - most} more", err=True)


def _show(runs: Sequence[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    fitted = runs[0]["fit"]
    kept = " (kept from before)" if fitted["kept"] else ""
    click.echo(f"{fitted['intents']} intents, {fitted['examples']} examples, fitted in {fitted['seconds']} s{kept}")
    table = Table("", *(figures["name"] for figures in runs[0]["figures"]), box=None, pad_edge=False)
    for key, title in SHOWN:
        cells = []
        for column in range(len(runs[0]["figures"])):
            values = [value for run in runs if (value := run["figures"][column][key]) is not None]
            cells.append(_cell(key, values))
        table.add_row(title, *cells)
    Console().print(table)


def _cell(key: str, values: Sequence[float]) -> str:
    if not values:
        return "-"
    scale, unit = (1.0, "") if key in ("set_size", "decide_ms") else (100.0, " %")
    spread = f" ± {scale * statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{scale * statistics.fmean(values):.2f}{spread}{unit}"
