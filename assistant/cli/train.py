"""``assistant train``: make the shipped weights again, and fit parts of the assistant to data of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from assistant.cli.measured import COUNT, CSV, FOLDER, OUT, SEED, flag, measurement, option, table_of
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


whole = measurement(
    "train",
    "training.run:train",
    """Train the fusion: the shared space, the shipped plugins' picture kinds and the three strategies.

    Works in a source checkout. Learns from pictures that it draws, from the public-domain clip art in
    ASSISTANT_DATA, and from sentences of its own; takes some minutes on a processor. What it has encoded is kept
    in the cache folder, so that an interrupted run goes on. The same seed gives the same weights. The shipped
    plugins' picture kinds are written to plugins/ in the folder.
    """,
    SEED,
    option("--epochs", COUNT, "Epochs for each fusion strategy.", 6),
    option("--out", OUT_FOLDER, "Folder to write the weights to.", Path("fusion-weights")),
    flag("--fresh", "Start over: delete what earlier runs have encoded."),
)


@click.group(
    cls=LazyGroup,
    table=table_of(__name__, COMMANDS),
    invoke_without_command=True,
    params=whole.params,
    help=whole.help,
)
@click.pass_context
def train(ctx: click.Context, /, **values: Any) -> None:
    """Trains the fusion where no part is named."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(whole, **values)
