"""``assistant evaluate``: how good the assistant is."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.measured import CSV, FOLDER, measured, read_examples, read_test, table_of
from assistant.settings import cache_dir, load_settings
from assistant.terminal.plugin_commands import OpenGroup

if TYPE_CHECKING:
    from assistant.encoders.encoder import Encoder
    from assistant.terminal.report import Report
    from assistant.terminal.steps import StepProgress

__all__: list[str] = []

POINTED_AT = 200
"""things that words name in the pointing game, of each set"""
SEED = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Random seed.")
FUSION = click.option("--fusion", default="attention", show_default=True, help="attention, early or late.")
COUNT = click.IntRange(1)


@click.command()
@click.option("--train", type=CSV, help="CSV of examples (text, label); by default the plugins' own intents.")
@click.option("--test", type=CSV, required=True, help="CSV of test turns (text, label; image and audio if any).")
@click.option("--oos", type=CSV, help="CSV of turns that belong to no intent.")
@click.option(
    "--data-root", type=click.Path(path_type=Path), help="Folder of images and audio; by default each CSV's folder."
)
@click.option("--fusion", default="attention", show_default=True, help="attention, early, late, text, image or audio.")
@click.option("--shots", type=COUNT, help="Examples per intent, drawn at random from --train.")
@click.option(
    "--seeds",
    default=1,
    show_default=True,
    type=COUNT,
    help="How often to draw the examples of --shots, and the controls.",
)
@measured
def intents(
    progress: StepProgress,
    train: Path | None,
    test: Path,
    oos: Path | None,
    data_root: Path | None,
    fusion: str,
    shots: int | None,
    seeds: int,
) -> Report:
    """Measure the intent decision on labelled turns.

    The label of turns that belong to no intent is none, oos or out_of_scope. Turns with a picture or a
    recording are also decided with each modality alone, missing, and exchanged for another turn's.
    """
    from assistant.evaluation.intents import evaluate_intents, plugin_intents
    from assistant.evaluation.labelled import draw_shots, intents_of

    settings = load_settings()
    rows = read_test(test, oos, data_root)
    examples = read_examples(train, rows) if train else []
    if not examples:
        draws = [plugin_intents(settings)]
    elif shots is None:
        draws = [intents_of(examples)]
    else:
        draws = [intents_of(draw_shots(examples, shots, seed)) for seed in range(seeds)]
    return evaluate_intents(draws, rows, settings, progress, fusion, seeds)


@click.command("cross-validation")
@click.option("--draws", default=3, show_default=True, type=COUNT, help="Draws of examples from the large sets.")
@click.option("--only", default="", help="Measure only sets with this in their name, such as xSID.")
@measured
def cross_validation(progress: StepProgress, draws: int, only: str) -> Report:
    """Compare the intent head with plain logistic regression on development data of five public sets.

    Reads text_banking77, text_clinc150, text_snips, text_stackoverflow and text_xsid in ASSISTANT_DATA; no test column
    but xSID's Dutch and Arabic, which are for development. Vectors are kept in the cache; the first run takes minutes.
    """
    from assistant.encoders.factory import create_encoders
    from assistant.evaluation.cross_validation import RememberedEncoder, cross_validate
    from assistant.training.data import data_folder

    settings = load_settings()
    encoders = {
        each.name: RememberedEncoder(getattr(each, "inner", each), settings.text.model)
        for each in create_encoders(settings)
        if each.modality == "text"
    }
    return cross_validate(data_folder("text_clinc150").parent, encoders, settings, progress, draws, only)


@click.command()
@FUSION
@SEED
@measured
def pairs(progress: StepProgress, fusion: str, seed: int) -> Report:
    """Measure words with a picture on the plugins' intents, beside either alone.

    Reads pairs_intents in ASSISTANT_DATA, and everyday photographs from img_imagenet1000 and img_coco_qa: with words
    that only point they belong to no intent, and should lead to a question. A turn is decided rightly when its own
    intent is answered, without a question back; an out-of-scope turn when none is.
    """
    from assistant.evaluation.pairs import evaluate_pairs

    return evaluate_pairs(load_settings(), progress, fusion, seed)


@click.command()
@click.option("--plain-folds", is_flag=True, help="Let near-duplicates fall into different folds.")
@SEED
@measured
def sentiment(progress: StepProgress, plain_folds: bool, seed: int) -> Report:
    """Measure every fusion strategy on tweets with pictures, in five folds.

    Reads pairs_mvsa in ASSISTANT_DATA. Controls stand beside each strategy: shuffled pictures, and either
    modality left out. Some minutes the first time; features are kept in the cache folder.
    """
    from assistant.evaluation.sentiment import evaluate_sentiment

    return evaluate_sentiment(_encoders(), cache_dir() / "evaluation", progress, seed, grouped=not plain_folds)


@click.command()
@SEED
@measured
def space(progress: StepProgress, seed: int) -> Report:
    """Measure the shared space: photographs by captions, texts and photographs by speech.

    Reads img_flickr8k, text_clinc150, speech_misc_gold and speech_homeassistant_commands in ASSISTANT_DATA.
    Nothing is trained on what is looked for, nor on the voices that speak.
    """
    from assistant.evaluation.space import evaluate_space
    from assistant.speech import SpeechRecognizer

    return evaluate_space(_encoders(), SpeechRecognizer(language="en"), cache_dir() / "evaluation", progress, seed)


def _encoders() -> dict[str, Encoder]:
    """The encoders of the settings; the default picture encoder, which the measures are made for, is always there."""
    from assistant.encoders.factory import create_encoders
    from assistant.encoders.vision import VisionEncoder

    return {VisionEncoder.name: VisionEncoder()} | {each.name: each for each in create_encoders(load_settings())}


@click.command()
@click.option("--train", type=CSV, help="CSV of examples (text, label); by default the plugins' own intents.")
@click.option("--test", type=CSV, help="CSV of test sentences (text, label); by default BANKING77 in ASSISTANT_DATA.")
@click.option("--pictures", type=CSV, help="CSV of turns (text, image, label); by default pairs_intents.")
@click.option("--data-root", type=click.Path(path_type=Path), help="Folder of the pictures.")
@click.option("--sample", default=100, show_default=True, type=click.IntRange(2), help="Sentences, drawn at random.")
@click.option("--pictures-sample", default=60, show_default=True, type=click.IntRange(2), help="Number of pictures.")
@click.option("--draw", type=CSV, help="Only write this picture file: a drawing, and where attention lands.")
@SEED
@measured
def explanations(
    progress: StepProgress,
    train: Path | None,
    test: Path | None,
    pictures: Path | None,
    data_root: Path | None,
    sample: int,
    pictures_sample: int,
    draw: Path | None,
    seed: int,
) -> Report:
    """Measure whether explanations point at what really counts.

    Without the parts that counted most, the winner's probability must fall further than without random parts; with
    nothing but those parts, it must be higher. Where words name a thing, attention must land on it: on photographs of
    ImageNet pasted on those of Flickr8k, and on things that our own code draws in a source checkout.
    """
    from assistant.errors import InputError
    from assistant.evaluation.explanations import measure_pictures, measure_words
    from assistant.evaluation.intents import plugin_intents
    from assistant.evaluation.labelled import intents_of, read_rows
    from assistant.evaluation.pointing_game import draw_attention, drawn_things, measure_pointing, pasted_things
    from assistant.explanation.drawing import write_picture
    from assistant.terminal.report import Report, Row

    if draw is not None:
        write_picture(lambda: draw_attention(_encoders(), seed), draw)
        return Report("evaluate explanations", str(draw), [])
    settings, rows, read = load_settings(), list[Row](), []
    if (root := os.environ.get("ASSISTANT_DATA")) and test is None and pictures is None:
        data_root = Path(root)
        encoders = _encoders()
        rows += measure_pointing(pasted_things(data_root, POINTED_AT, seed), encoders, "pasted photographs")
        rows += measure_pointing(drawn_things(POINTED_AT // 4, seed), encoders, "things drawn by our own code")
        read.append(f"{POINTED_AT} things in photographs and as many drawn ones")
        train, test = data_root / "text_banking77/train_10.csv", data_root / "text_banking77/fewshot_test.csv"
        pictures = data_root / "pairs_intents/pairs.csv"
    if test is not None:
        known = intents_of(read_rows(train)) if train else plugin_intents(settings)
        rows += measure_words(known, [row.text for row in read_rows(test)], settings, sample, seed)
        read.append(f"{sample} sentences of {test.name}")
    if pictures is not None:
        files = {row.image for row in read_rows(pictures, data_root) if row.image and row.label != "none"}
        unseen = sorted(files)[1::2]  # how parts are weighed was chosen on the others
        rows += measure_pictures(unseen, settings, pictures_sample, seed)
        read.append(f"{min(pictures_sample, len(unseen))} pictures of {pictures.name}")
    if not read:
        raise InputError("Name a CSV of sentences with --test or of pictures with --pictures, or set ASSISTANT_DATA.")
    return Report("evaluate explanations", ", ".join(read), rows)


@click.command()
@click.option("--runs", default=5, show_default=True, type=COUNT, help="How often to transcribe each clip.")
@click.option("--data", type=FOLDER, help="Folder with manifest.csv (file, text, lang); by default the English voice.")
@click.option("--language", default="en", show_default=True, help="ISO 639-1 code of all clips.")
@click.option("--noises", type=FOLDER, help="Folder with manifest.csv (file) of recordings without speech.")
@measured
def speech(progress: StepProgress, runs: int, data: Path | None, language: str, noises: Path | None) -> Report:
    """Measure the transcription of short commands: time and words wrong, beside faster-whisper if installed."""
    from assistant.evaluation.speech import evaluate_speech, measure_noises, recorded_commands

    settings = load_settings()
    commands = list(recorded_commands(data, language)) if data else None
    report = evaluate_speech(settings, commands, runs=runs, language=language)
    if noises is None:
        return report
    return replace(report, rows=[*report.rows, measure_noises(noises, settings, progress)])


@click.command()
@click.option("--pictures", default=200, show_default=True, type=click.IntRange(10), help="Photographs to search.")
@click.option("--questions", default=500, show_default=True, type=COUNT, help="Number of questions for passages.")
@click.option("--spoken", default=50, show_default=True, type=click.IntRange(0), help="Number of captions to speak.")
@measured
def retrieval(progress: StepProgress, pictures: int, questions: int, spoken: int) -> Report:
    """Measure how well a library finds pictures by sentences, sentences by pictures, and passages by questions.

    Reads img_flickr8k and text_banking77 in the folder that ASSISTANT_DATA points to.
    """
    from assistant.evaluation.retrieval import evaluate_retrieval

    return evaluate_retrieval(pictures, questions, spoken, progress)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--most", default=0, type=click.IntRange(0), help="Number of orders, at most; 0 takes all.")
@measured
def orders(progress: StepProgress, folder: Path, most: int) -> Report:
    """Measure how many spoken coffee orders are understood exactly, intent and every slot.

    FOLDER holds recordings and a manifest.csv with file, intent and slots (Picovoice's speech-to-intent benchmark).
    """
    from assistant.evaluation.coffee_orders import evaluate_orders

    return asyncio.run(evaluate_orders(folder, load_settings(), progress, most))


@click.command()
@click.option("--data", type=FOLDER, help="Folder of acted speech; by default emotion_emodb in ASSISTANT_DATA.")
@click.option("--calm", type=FOLDER, multiple=True, help="Folder of calm read speech; repeatable.")
@measured
def tone(progress: StepProgress, data: Path | None, calm: tuple[Path, ...]) -> Report:
    """Measure how well tone is heard in voices never heard before: one acted speaker is left out at a time."""
    from assistant.evaluation.tone import evaluate_tone
    from assistant.training.tone import read_corpora

    return evaluate_tone(*read_corpora(data, calm, load_settings(), progress))


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--split",
    type=click.Choice(["held-out", "train", "all"]),
    default="held-out",
    show_default=True,
    help="Which labelled turns of a source checkout to use where no FILE is given.",
)
@measured
def understanding(progress: StepProgress, file: Path | None, split: str) -> Report:
    """Measure how well turns are split into clauses, and how well each clause is read.

    FILE holds labelled turns as JSON lines, or is a folder of such files. The training part has been learned from, so
    its figures say little about new turns.
    """
    from assistant.encoders.factory import create_encoders
    from assistant.evaluation.understanding import reading, report_understanding
    from assistant.training.understanding import DATA, read_turns
    from assistant.understanding.model import ClauseReader

    parts = {"held-out": ["held_out"], "train": ["train"], "all": ["train", "held_out"]}[split]
    paths = [file] if file else [DATA / part for part in parts]
    turns = [turn for path in paths for turn in read_turns(path)]
    encoders = [each for each in create_encoders(load_settings()) if each.modality == "text"]
    read = reading(ClauseReader(), encoders)
    return report_understanding(turns, read, str(file or f"{split} turns"))


@click.command()
@click.option(
    "--split",
    type=click.Choice(["development", "held-out"]),
    default="held-out",
    show_default=True,
    help="Use the questions that the weights were fitted to, or the others.",
)
@measured
def answers(progress: StepProgress, split: str) -> Report:
    """Measure answers from a library: right passage first, and silence where there is no answer.

    Some hundred small files of three households are made and read, and asked about in English, in Chinese and across; a
    quarter of the questions and more has no answer in them.
    """
    from assistant.evaluation.answers import evaluate_answers

    return evaluate_answers(split.replace("-", "_"), progress)


MEASUREMENTS = (
    intents,
    cross_validation,
    understanding,
    answers,
    pairs,
    sentiment,
    space,
    explanations,
    speech,
    retrieval,
    orders,
    tone,
)


@click.group(cls=OpenGroup, table=table_of(*MEASUREMENTS))
def evaluate() -> None:
    """Measure how good the assistant is."""
