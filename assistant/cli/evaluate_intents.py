"""``assistant evaluate intents``: how good the intent decision is, on data of one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.intent_figures import show_runs
from assistant.cli.machine import machine

if TYPE_CHECKING:
    from assistant.evaluation.evidence import EncodedTurn
    from assistant.evaluation.intents import Trial
    from assistant.evaluation.labelled import Row
    from assistant.evaluation.outcomes import Outcome
    from assistant.plugins.api import Intent
    from assistant.settings import Settings

__all__: list[str] = []

CSV = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
Outcomes = dict[str, "list[Outcome]"]
"""condition → what became of its turns"""


@click.command()
@click.option("--train", type=CSV, help="CSV with text and label; without it the plugins' own intents are taken.")
@click.option("--test", type=CSV, required=True, help="CSV with text and label, and maybe image and audio.")
@click.option("--oos", type=CSV, help="CSV of turns that belong to no intent.")
@click.option("--data-root", type=FOLDER, help="Folder of images and audio; by default that of each CSV.")
@click.option("--fusion", default="attention", show_default=True, help="attention, early, late, text, image or audio.")
@click.option("--shots", type=click.IntRange(1), help="Examples per intent, drawn at random from --train.")
@click.option(
    "--seeds", default=1, show_default=True, type=click.IntRange(1), help="Draws of --shots, and of the controls."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--plots", type=FOLDER, help="Folder to draw plots in (needs matplotlib).")
def intents(
    train: Path | None,
    test: Path,
    oos: Path | None,
    data_root: Path | None,
    fusion: str,
    shots: int | None,
    seeds: int,
    as_json: bool,
    plots: Path | None,
) -> None:
    """Measure the intent decision on labelled turns.

    The label of turns that belong to no intent is none, oos or out_of_scope. Turns with a picture or a
    recording are also decided with each modality alone, missing, and exchanged for another turn's.
    """
    from assistant.evaluation.intents import Trial
    from assistant.evaluation.labelled import require_known
    from assistant.settings import load_settings
    from assistant.terminal.steps import steps_shown

    if plots is not None:
        from assistant.evaluation.plots import prepare_folder

        prepare_folder(plots)
    settings = load_settings()
    rows = _test_rows(test, oos, data_root)
    examples = _examples(train, rows)
    draws = list(_draws(examples, settings, shots, seeds))
    require_known(rows, {intent.name for intent in draws[0]})
    with steps_shown() as progress:
        trial = Trial(settings, fusion, progress)
        turns = trial.encode(rows)
        runs: list[dict[str, Any]] = []
        outcomes: Outcomes = {}
        for seed in range(seeds):
            run, decided = _run(trial, draws[seed] if seed < len(draws) else None, turns, seed)
            runs.append(run)
            outcomes = outcomes or decided
            progress("deciding", seed + 1, seeds)
        runs[0]["turn_ms"] = round(trial.turn_ms(rows), 2)
    drawn = _draw(outcomes, plots) if plots is not None else []
    if as_json:
        files = {"train": str(train or "plugins"), "test": str(test), "oos": str(oos) if oos else None}
        report = files | {"fusion": fusion, "machine": machine(), "runs": runs, "plots": [str(path) for path in drawn]}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        show_runs(runs, rows)
        for path in drawn:
            click.echo(f"Drawn: {path}")


# Reading


def _test_rows(test: Path, oos: Path | None, root: Path | None) -> list[Row]:
    from dataclasses import replace

    from assistant.evaluation.labelled import read_rows

    rows = read_rows(test, root)
    if oos is not None:
        rows += [replace(row, label="none") for row in read_rows(oos, root)]
    return rows


def _examples(train: Path | None, test: Sequence[Row]) -> list[Row]:
    """The examples to learn from, with a word on stderr about those that are left out."""
    from assistant.evaluation.labelled import examples_of, read_rows, seen_before

    if train is None:
        return []
    examples, warnings = examples_of(read_rows(train, check_files=False))
    _warn([*warnings, *seen_before(examples, test)])
    return examples


def _draws(examples: list[Row], settings: Settings, shots: int | None, seeds: int) -> Iterator[Sequence[Intent]]:
    """What each run learns: one set of intents for all, or a draw for each."""
    from assistant.evaluation.labelled import draw_shots, intents_of

    if not examples:
        yield _plugin_intents(settings)
    elif shots is None:
        yield intents_of(examples)
    else:
        for seed in range(seeds):
            yield intents_of(draw_shots(examples, shots, seed))


def _plugin_intents(settings: Settings) -> Sequence[Intent]:
    from assistant.bus import Bus
    from assistant.plugins.manager import PluginManager

    plugins = PluginManager(settings, Bus())
    plugins.load()
    return plugins.intents


def _warn(warnings: Sequence[str], most: int = 5) -> None:
    for line in warnings[:most]:
        click.echo(line, err=True)
    if len(warnings) > most:
        click.echo(f"… and {len(warnings) - most} more", err=True)


# Measuring


def _run(
    trial: Trial, intents: Sequence[Intent] | None, turns: Sequence[EncodedTurn], seed: int
) -> tuple[dict[str, Any], Outcomes]:
    """Fit, unless what is fitted already serves, and decide everything."""
    from assistant.evaluation.figures import figures_of
    from assistant.evaluation.metrics import confusions

    run: dict[str, Any] = {"seed": seed}
    if intents is not None:
        fitted = trial.fit(intents)
        run["fit"] = {
            "intents": fitted.report.intents,
            "examples": fitted.report.examples,
            "seconds": round(fitted.report.seconds - fitted.encoding_seconds, 3),
            "seconds_with_encoding": round(fitted.report.seconds, 3),
            "temperature": round(fitted.report.temperature, 4),
        }
    outcomes = dict(trial.decide(turns, seed))
    run["figures"] = [figures_of(name, decided).to_json() for name, decided in outcomes.items()]
    ours = [outcome for outcome in outcomes[trial.name] if outcome.label]
    wrong = confusions([outcome.label for outcome in ours], [outcome.best for outcome in ours])
    run["confused"] = [{"right": right, "predicted": guess, "turns": n} for right, guess, n in wrong[:20]]
    return run, outcomes


def _draw(outcomes: Outcomes, folder: Path) -> list[Path]:
    from assistant.evaluation.plots import draw_confusion, draw_reliability, draw_risk_coverage

    first = next(iter(outcomes.values()))
    if not any(outcome.label for outcome in first):
        return [draw_risk_coverage(outcomes, folder / "risk-coverage.png")]
    return [
        draw_confusion(first, folder / "confusion.png"),
        draw_reliability(first, folder / "reliability.png"),
        draw_risk_coverage(outcomes, folder / "risk-coverage.png"),
    ]
