"""``assistant train``: make the fusion's weights again, and fit parts of the assistant to data of one's own."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.measured import CSV, FOLDER, measured, table_of
from assistant.settings import Settings, cache_dir, data_dir, load_settings, shipped_dir
from assistant.terminal.lazy_group import LazyGroup
from assistant.terminal.report import Report, show_report
from assistant.terminal.steps import StepProgress, steps_shown

if TYPE_CHECKING:
    from assistant.training.picture_folder import FolderReport

__all__: list[str] = []

SHOWN = 5
"""skipped files that are named"""


@click.command()
@click.option("--data", type=FOLDER, help="Folder of acted speech; by default emotion_emodb in ASSISTANT_DATA.")
@click.option("--calm", type=FOLDER, multiple=True, help="Folder of calm read speech; repeatable.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; by default your own.")
@measured
def tone(progress: StepProgress, data: Path | None, calm: tuple[Path, ...], out: Path | None) -> Report:
    """Teach the assistant to hear arousal, anger and distress.

    Each folder has a manifest.csv with the columns file, speaker and emotion. The recordings' licence holds for what
    is learned.
    """
    from dataclasses import replace

    from assistant.evaluation.tone import evaluate_tone
    from assistant.speech.tone import save_tone, tone_file
    from assistant.training.tone import fit_tone, read_corpora

    acted, quiet, strange = read_corpora(data, calm, load_settings(), progress)
    report = evaluate_tone(acted, quiet, strange)
    save_tone(fit_tone(acted, quiet), out or tone_file())
    return replace(report, name="train tone", notes=[f"Written: {out}" if out else f"Installed: {tone_file()}"])


@click.command()
@click.argument("pairs", type=CSV)
@click.option("--data-root", type=FOLDER, help="Folder of the pictures; by default the CSV's folder.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Random seed.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; by default in your data folder.",
)
@measured
def fusion(progress: StepProgress, pairs: Path, data_root: Path | None, seed: int, out: Path | None) -> Report:
    """Fit attention fusion to turns of your own plugins.

    PAIRS is a CSV with text, image and label (an intent such as dice.roll_die). One turn of five is kept aside; the
    weights are installed if they decide these no worse than before.
    """
    from dataclasses import replace

    from assistant.evaluation.labelled import read_rows
    from assistant.evaluation.own_pairs import AFTER, BEFORE, fit_pairs
    from assistant.fusion.shipped import save_weights

    report, weights = fit_pairs(read_rows(pairs, data_root), load_settings(), progress, seed)
    folder = out or data_dir() / "fusion"
    if out is None and report.value(AFTER) < report.value(BEFORE):
        return replace(report, notes=["Nothing is installed: it would decide worse than before."])
    save_weights("attention", weights, folder)
    return replace(report, notes=[f"Written to {folder}; delete attention.safetensors there to go back."])


@click.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="File or folder of labelled turns.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; by default the shipped one."
)
@click.option(
    "--networks",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="Number of networks over the text encoders' states; 0 needs no encoder.",
)
def understanding(data: Path | None, out: Path | None, networks: int) -> None:
    """Fit the weights that split a turn into clauses and read each clause.

    Learns from the training turns of a source checkout by default. The same turns give the same weights.
    """
    from assistant.encoders.cache import EncodingCache
    from assistant.encoders.factory import create_encoders
    from assistant.training.understanding import DATA, fit_reader, read_turns, save_reader, states_of, with_spoken
    from assistant.understanding.model import WEIGHTS

    turns, path = with_spoken(read_turns(data or DATA / "train")), out or WEIGHTS
    encoders = [each for each in create_encoders(Settings(), EncodingCache(0)) if each.modality == "text"]
    save_reader(fit_reader(turns, states_of(turns, encoders) if networks else (), networks), path)
    clauses = sum(len(turn.clauses) for turn in turns)
    click.echo(f"{len(turns)} turns, {clauses} clauses; {path.stat().st_size / 1e6:.2f} MB written to {path}")


@click.command("stop-words")
@click.option(
    "--examples", type=click.IntRange(min=1000), default=30_000, show_default=True, help="Number of examples to draw."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Random seed.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; by default the shipped one."
)
def stop_words(examples: int, seed: int, out: Path | None) -> None:
    """Teach the assistant to spot "stop" and the like while it speaks.

    espeak-ng and the assistant's own voice say the words. Recordings and noises in ASSISTANT_DATA, if there are any,
    are the counter-examples. Takes a quarter of an hour on one core.
    """
    from assistant.speech.stop_words import WEIGHTS
    from assistant.training.stop_word_voices import read_corpora, read_material
    from assistant.training.stop_words import fit_stop_words, save_stop_words

    with steps_shown() as progress:
        material = read_material(*read_corpora(seed), progress, seed)
        weights = fit_stop_words(material, progress, examples=examples, seed=seed)
    save_stop_words(weights, out or WEIGHTS)
    click.echo(f"{sum(array.size for array in weights.values())} weights written to {out or WEIGHTS}")


@click.command("follow-ups")
def follow_ups() -> None:
    """Fit how words that lean on what was said before are decided, from the labelled turns of a source checkout."""
    import numpy as np

    from assistant.encoders.factory import create_encoders
    from assistant.encoders.models import MULTILINGUAL
    from assistant.evaluation.intents import plugin_intents
    from assistant.fusion.late import LateFusion
    from assistant.intents.follow_ups import WEIGHTS
    from assistant.intents.model import IntentModel
    from assistant.training.follow_ups import fit_follow_ups, read_follow_ups, save_follow_ups
    from assistant.types import Decision

    settings, turns = Settings(), read_follow_ups()
    intents = plugin_intents(settings)
    encoders = {each.name: each for each in create_encoders(settings) if each.modality == "text"}
    model = IntentModel(encoders, LateFusion(), settings)
    model.fit(intents)

    def read(text: str) -> Decision:
        return model.decide([encoder.encode([text])[0] for encoder in encoders.values()])

    vectors = np.stack([each.pooled for each in encoders[MULTILINGUAL].encode([turn.text for turn in turns])])
    acting = [intent.may_act for name in model.intents for intent in intents if intent.name == name]
    weights, figures = fit_follow_ups(turns, model, read, vectors.astype(np.float32), acting)
    save_follow_ups(weights)
    for kind, share in figures.in_context.items():
        click.echo(f"{kind}: {figures.alone[kind]:.1%} right by the words alone, {share:.1%} in context")
    click.echo(f"{len(turns)} turns in five folds, spread of all {figures.spread:.1%}; written to {WEIGHTS}")


@click.command()
def answers() -> None:
    """Fit the confidence of library answers on the development questions of a source checkout."""
    from assistant.training.answers import WEIGHTS, fit_answers

    fitted = fit_answers()
    click.echo(f"Written to {WEIGHTS}; an answer is told from a relevance of {fitted['answers_from']}.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("picture_kinds.safetensors"),
    show_default=True,
    help="File to write.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Random seed of the cross-validation."
)
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
    from assistant.training.picture_folder import fit_folder, read_folder

    with steps_shown() as progress:
        found = read_folder(folder, VisionEncoder(), progress)
        detector, report = fit_folder(found, BertEncoder(), seed)
    write_detector(out, detector)
    if found.skipped:
        click.echo(f"Skipped, as not readable as pictures: {len(found.skipped)}", err=True)
        for line in found.skipped[:SHOWN]:
            click.echo(f"  {line}", err=True)
    _show_kinds(report)
    for kind in detector.kinds:
        click.echo(f"{kind.name}: looks_like {', '.join(repr(phrase) for phrase in kind.phrases)}")
    click.echo(f"Written: {out} ({out.stat().st_size / 1e3:.0f} kB)")


def _show_kinds(report: FolderReport) -> None:
    from rich.console import Console
    from rich.table import Table

    click.echo(f"Held out in {report.folds} folds, beside {report.everyday} everyday pictures, in %:")
    table = Table("kind", box=None, pad_edge=False)
    for column in ("pictures", "recognized", "everyday taken for it"):
        table.add_column(column, justify="right")
    for name, kind in report.kinds.items():
        table.add_row(name, str(kind.pictures), f"{100 * kind.found:.1f}", f"{100 * kind.false_alarms:.1f}")
    Console().print(table)


@click.group(
    cls=LazyGroup,
    table=table_of(tone, fusion, understanding, answers, follow_ups, stop_words, pictures),
    invoke_without_command=True,
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Random seed.")
@click.option(
    "--epochs", type=click.IntRange(min=1), default=6, show_default=True, help="Epochs for each fusion strategy."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("fusion-weights"),
    show_default=True,
    help="Folder to write the weights to.",
)
@click.option("--fresh", is_flag=True, help="Start over: delete what an interrupted run has left.")
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
    from assistant.training.run import train as run

    work = cache_dir() / "training"
    if fresh:
        shutil.rmtree(work, ignore_errors=True)
    elif work.is_dir() and any(work.iterdir()):
        click.echo(f"Goes on from what an earlier run left in {work}; --fresh begins anew.", err=True)
    began = time.monotonic()
    with steps_shown() as progress:
        rows = run(out, work, seed=seed, epochs=epochs, progress=progress)
    for checkpoint in work.glob("*.safetensors"):
        checkpoint.unlink()  # a run that has ended is not to be gone on from; what was encoded stays
    report = Report("train: held out", f"seed {seed}, {epochs} epochs, {time.monotonic() - began:.0f} s", rows)
    show_report(report)
    _write(out, report)


def _write(out: Path, report: Report) -> None:
    """Lists the files with their checksums, and keeps all figures in ``report.json`` beside them."""
    from assistant.fusion.shipped import WEIGHTS, read_sums

    made, shipped = read_sums(out), read_sums(WEIGHTS)
    for file, digest in made.items():
        same = ", as shipped" if shipped.get(file) == digest else ""
        click.echo(f"{file}  {(out / file).stat().st_size / 1e3:.1f} kB  sha256 {digest[:12]}…{same}")
    for path in sorted((out / "plugins").glob("*/*.safetensors")):
        file = path.relative_to(out).as_posix()
        made[file] = hashlib.sha256(path.read_bytes()).hexdigest()
        ours = shipped_dir("plugins") / path.relative_to(out / "plugins")
        same = ", as shipped" if ours.is_file() and ours.read_bytes() == path.read_bytes() else ""
        click.echo(f"{file}  {path.stat().st_size / 1e3:.1f} kB  sha256 {made[file][:12]}…{same}")
    (out / "report.json").write_text(json.dumps(report.to_json() | {"sha256": made}, indent=2) + "\n", "utf-8")
    click.echo(f"All figures are in {out / 'report.json'}.")
