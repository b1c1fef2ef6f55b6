"""``assistant evaluate``: how good the assistant is."""

from __future__ import annotations

from pathlib import Path

import click

from assistant.cli.measured import COUNT, CSV, FOLDER, SEED, measurement, option, table_of
from assistant.terminal.plugin_commands import OpenGroup

__all__: list[str] = []

ROOT = click.Path(path_type=Path)
EXAMPLES = option("--train", CSV, "CSV of examples (text, label); by default the plugins' own intents.")

intents = measurement(
    "intents",
    "evaluation.intents:evaluate_intents",
    """Measure the intent decision on labelled turns.

    The label of turns that belong to no intent is none, oos or out_of_scope. Turns with a picture or a
    recording are also decided with each modality alone, missing, and exchanged for another turn's.
    """,
    EXAMPLES,
    option("--test", CSV, "CSV of test turns (text, label; image and audio if any).", required=True),
    option("--oos", CSV, "CSV of turns that belong to no intent."),
    option("--data-root", ROOT, "Folder of images and audio; by default each CSV's folder."),
    option("--fusion", str, "attention, early, late, text, image or audio.", "attention"),
    option("--shots", COUNT, "Examples per intent, drawn at random from --train."),
    option("--seeds", COUNT, "How often to draw the examples of --shots, and the controls.", 1),
)
cross_validation = measurement(
    "cross-validation",
    "evaluation.cross_validation:cross_validate",
    """Compare the intent head with plain logistic regression on development data of five public sets.

    Reads text_banking77, text_clinc150, text_snips, text_stackoverflow and text_xsid in ASSISTANT_DATA; no test column
    but xSID's Dutch and Arabic, which are for development. Vectors are kept in the cache; the first run takes minutes.
    """,
    option("--draws", COUNT, "Draws of examples from the large sets.", 3),
    option("--only", str, "Measure only sets with this in their name, such as xSID.", ""),
)
understanding = measurement(
    "understanding",
    "evaluation.understanding:measure_understanding",
    """Measure how well turns are split into clauses, and how well each clause is read.

    FILE holds labelled turns as JSON lines, or is a folder of such files. The training part has been learned from, so
    its figures say little about new turns.
    """,
    click.Argument(["file"], required=False, type=click.Path(exists=True, path_type=Path)),
    option(
        "--split",
        click.Choice(["held-out", "train", "all"]),
        "Which labelled turns of a source checkout to use where no FILE is given.",
        "held-out",
    ),
)
answers = measurement(
    "answers",
    "evaluation.answers:evaluate_answers",
    """Measure answers from a library: right passage first, and silence where there is no answer.

    Some hundred small files of three households are made and read, and asked about in English, in Chinese and across; a
    quarter of the questions and more has no answer in them.
    """,
    option(
        "--split",
        click.Choice(["development", "held-out"]),
        "Use the questions that the weights were fitted to, or the others.",
        "held-out",
    ),
)
pairs = measurement(
    "pairs",
    "evaluation.pairs:evaluate_pairs",
    """Measure words with a picture on the plugins' intents, beside either alone.

    Reads pairs_intents in ASSISTANT_DATA, and everyday photographs from img_imagenet1000 and img_coco_qa: with words
    that only point they belong to no intent, and should lead to a question. A turn is decided rightly when its own
    intent is answered, without a question back; an out-of-scope turn when none is.
    """,
    option("--fusion", str, "attention, early or late.", "attention"),
    SEED,
)
sentiment = measurement(
    "sentiment",
    "evaluation.sentiment:evaluate_sentiment",
    """Measure every fusion strategy on tweets with pictures, in five folds.

    Reads pairs_mvsa in ASSISTANT_DATA. Controls stand beside each strategy: shuffled pictures, and either
    modality left out. Some minutes the first time; features are kept in the cache folder.
    """,
    SEED,
)
space = measurement(
    "space",
    "evaluation.space:evaluate_space",
    """Measure the shared space: photographs by captions, texts and photographs by speech.

    Reads img_flickr8k, text_clinc150, speech_misc_gold and speech_homeassistant_commands in ASSISTANT_DATA.
    Nothing is trained on what is looked for, nor on the voices that speak.
    """,
    SEED,
)
explanations = measurement(
    "explanations",
    "evaluation.explanations:evaluate_explanations",
    """Measure whether explanations point at what really counts.

    Without the parts that counted most, the winner's probability must fall further than without random parts; with
    nothing but those parts, it must be higher. Where words name a thing, attention must land on it: on photographs of
    ImageNet pasted on those of Flickr8k, and on things that our own code draws in a source checkout.
    """,
    EXAMPLES,
    option("--test", CSV, "CSV of test sentences (text, label); by default BANKING77 in ASSISTANT_DATA."),
    option("--pictures", CSV, "CSV of turns (text, image, label); by default pairs_intents."),
    option("--data-root", ROOT, "Folder of the pictures."),
    SEED,
)
speech = measurement(
    "speech",
    "evaluation.speech:evaluate_speech",
    "Measure the transcription of short commands: time and words wrong, beside faster-whisper if installed.",
    option("--runs", COUNT, "How often to transcribe each clip.", 5),
    option("--data", FOLDER, "Folder with manifest.csv (file, text, lang); by default the English voice."),
    option("--language", str, "ISO 639-1 code of all clips.", "en"),
    option("--noises", FOLDER, "Folder with manifest.csv (file) of recordings without speech."),
)
retrieval = measurement(
    "retrieval",
    "evaluation.retrieval:evaluate_retrieval",
    """Measure how well a library finds pictures by sentences, sentences by pictures, and passages by questions.

    Reads img_flickr8k and text_banking77 in the folder that ASSISTANT_DATA points to.
    """,
    option("--pictures", click.IntRange(10), "Photographs to search.", 200),
    option("--questions", COUNT, "Number of questions for passages.", 500),
    option("--spoken", click.IntRange(0), "Number of captions to speak.", 50),
)
orders = measurement(
    "orders",
    "evaluation.coffee_orders:evaluate_orders",
    """Measure how many spoken coffee orders are understood exactly, intent and every slot.

    FOLDER holds recordings and a manifest.csv with file, intent and slots (Picovoice's speech-to-intent benchmark).
    """,
    click.Argument(["folder"], type=FOLDER),
)
tone = measurement(
    "tone",
    "evaluation.tone:evaluate_tone",
    "Measure how well tone is heard in voices never heard before: one acted speaker is left out at a time.",
    option("--data", FOLDER, "Folder of acted speech; by default emotion_emodb in ASSISTANT_DATA."),
    option("--calm", FOLDER, "Folder of calm read speech; repeatable.", multiple=True),
)
MEASUREMENTS = (
    *(intents, cross_validation, understanding, answers, pairs, sentiment),
    *(space, explanations, speech, retrieval, orders, tone),
)


@click.group(cls=OpenGroup, table=table_of(__name__, MEASUREMENTS))
def evaluate() -> None:
    """Measure how good the assistant is."""
