"""``assistant train``: make the shipped weights again, and fit parts of the assistant to data of one's own."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import click

from assistant.cli.measured import COUNT, CSV, FOLDER, OUT, SEED, measurement, option, table_of
from assistant.settings import cache_dir
from assistant.terminal.lazy_group import LazyGroup

__all__: list[str] = []

OUT_FOLDER = click.Path(file_okay=False, path_type=Path)
SHIPPED = option("--out", OUT, "File to write; by default the shipped one.")

tone = measurement(
    "tone",
    "evaluation.tone:train_tone",
    """Teach the assistant to hear arousal, anger and distress.

    Each folder has a manifest.csv with the columns file, speaker and emotion. The recordings' licence holds for what
    is learned.
    """,
    option("--data", FOLDER, "Folder of acted speech; by default emotion_emodb in ASSISTANT_DATA."),
    option("--calm", FOLDER, "Folder of calm read speech; repeatable.", multiple=True),
    option("--out", OUT, "File to write; by default your own."),
)
fusion = measurement(
    "fusion",
    "evaluation.pairs:train_fusion",
    """Fit attention fusion to turns of your own plugins.

    PAIRS is a CSV with text, image and label (an intent such as dice.roll_die). One turn of five is kept aside; the
    weights are installed if they decide these no worse than before.
    """,
    click.Argument(["pairs"], type=CSV),
    option("--data-root", FOLDER, "Folder of the pictures; by default the CSV's folder."),
    SEED,
    option("--out", OUT_FOLDER, "Folder to write to; by default in your data folder."),
)
understanding = measurement(
    "understanding",
    "training.understanding:train_understanding",
    """Fit the weights that split a turn into clauses and read each clause.

    Learns from the training turns of a source checkout by default. The same turns give the same weights.
    """,
    option("--data", click.Path(exists=True, path_type=Path), "File or folder of labelled turns."),
    SHIPPED,
    option(
        "--networks",
        click.IntRange(min=0),
        "Number of networks over the text encoders' states; 0 needs no encoder.",
        3,
    ),
)
answers = measurement(
    "answers",
    "evaluation.answers:train_answers",
    "Fit the confidence of library answers on the development questions of a source checkout.",
)
follow_ups = measurement(
    "follow-ups",
    "training.follow_ups:train_follow_ups",
    "Fit the decision on words that depend on the turn before, from the labelled turns of a source checkout.",
)
endings = measurement(
    "endings",
    "training.endings:train_endings",
    "Fit where spoken requests end, from the examples and labelled turns of a source checkout.",
    option("--out", OUT, "File to write the weights to; by default those of the package."),
)
stop_words = measurement(
    "stop-words",
    "training.stop_words:train_stop_words",
    """Teach the assistant to spot "stop" and the like while it speaks.

    espeak-ng and the assistant's own voice say the words. Recordings and noises in ASSISTANT_DATA, if there are any,
    are the counter-examples. Takes a quarter of an hour on one core.
    """,
    option("--examples", click.IntRange(min=1000), "Number of examples to draw.", 30_000),
    SEED,
    SHIPPED,
)
pictures = measurement(
    "pictures",
    "training.picture_kinds:train_pictures",
    """Teach a plugin to recognise kinds of pictures.

    FOLDER has one sub-folder for each kind, named after it, with a handful of photographs or more; pictures in a
    sub-folder "other" belong to no kind. A file phrases.txt in a sub-folder lists what such a picture is called,
    one phrase a line. Some everyday pictures come with the assistant. Takes seconds; nothing leaves the machine.

    The report is a cross-validation: how many held-out pictures of a kind are recognized, and how many everyday
    pictures are taken for it. A plugin uses the file so:

    \b
        register(handler, examples=[…], looks_like=["a phrase"], picture_kinds="picture_kinds.safetensors")
    """,
    click.Argument(["folder"], type=click.Path(path_type=Path)),
    option("--out", OUT, "File to write.", Path("picture_kinds.safetensors")),
    option("--seed", click.IntRange(min=0), "Random seed of the cross-validation.", 0),
)
COMMANDS = (tone, fusion, understanding, answers, follow_ups, endings, stop_words, pictures)


@click.group(
    cls=LazyGroup,
    table=table_of(__name__, COMMANDS),
    invoke_without_command=True,
    params=[
        SEED,
        option("--epochs", COUNT, "Epochs for each fusion strategy.", 6),
        option("--out", OUT_FOLDER, "Folder to write the weights to.", Path("fusion-weights")),
        click.Option(["--fresh"], is_flag=True, help="Start over: delete the results of an interrupted run."),
    ],
)
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
    from assistant.terminal.report import Report, show_report
    from assistant.terminal.steps import steps_shown
    from assistant.training import run

    work = cache_dir() / "training"
    if fresh:
        shutil.rmtree(work, ignore_errors=True)
    elif work.is_dir() and any(work.iterdir()):
        click.echo(f"Goes on from what an earlier run left in {work}; --fresh begins anew.", err=True)
    began = time.monotonic()
    with steps_shown() as progress:
        rows = run.train(out, work, seed=seed, epochs=epochs, progress=progress)
    for checkpoint in work.glob("*.safetensors"):
        checkpoint.unlink()  # a run that has ended is not to be gone on from; what was encoded stays
    report = Report("train: held out", f"seed {seed}, {epochs} epochs, {time.monotonic() - began:.0f} s", rows)
    show_report(report)
    for line in run.list_weights(out, report):
        click.echo(line)
