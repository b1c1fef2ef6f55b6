"""``assistant evaluate pairs|sentiment|space``: what joining words, pictures and sound is worth, with every control."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from assistant.encoders.encoder import Encoder
    from assistant.evaluation.pairs import Share

__all__: list[str] = []

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
SEED = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of folds and shuffles.")


@click.command()
@click.option("--fusion", default="attention", show_default=True, help="attention, early or late.")
@SEED
@AS_JSON
def pairs(fusion: str, seed: int, as_json: bool) -> None:
    """Measure words with a picture on the plugins' intents, beside either alone.

    Reads pairs_intents in ASSISTANT_DATA, and everyday photographs from img_imagenet1000 and img_coco_qa:
    with words that only point they belong to nobody, and should lead to a question.

    A turn is decided rightly when its own intent is answered, without a question back; a turn of nobody's when none
    is. "Together" is the turn as it is; the other columns leave out its picture or its words, or show the picture
    of a turn with another label.
    """
    from assistant.bus import Bus
    from assistant.errors import SettingsError
    from assistant.evaluation.pairs import evaluate_pairs
    from assistant.fusion import STRATEGIES, create_fusion
    from assistant.intents import IntentModel
    from assistant.plugins.manager import PluginManager
    from assistant.settings import load_settings
    from assistant.terminal.steps import steps_shown

    settings, encoders = load_settings(), _encoders()
    strategy = create_fusion(fusion)
    if strategy is None:
        raise SettingsError(f"There is no fusion {fusion!r}; choose {', '.join(STRATEGIES)}")
    plugins = PluginManager(settings, Bus())
    plugins.load()
    model = IntentModel(encoders, strategy, settings)
    model.fit(plugins.intents)
    texts, vision = ([e for e in encoders.values() if e.modality == m] for m in ("text", "image"))
    with steps_shown() as progress:
        report = evaluate_pairs(model.decide, texts, vision, progress, seed)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
        return
    _show_shares("decided rightly", report.right)
    _show_shares("pointing words with a picture", {"decided rightly": report.by_label})
    _show_shares("pointing words with an everyday photograph", report.everyday)


@click.command()
@click.option("--plain-folds", is_flag=True, help="Let near-duplicates fall into different folds.")
@SEED
@AS_JSON
def sentiment(plain_folds: bool, seed: int, as_json: bool) -> None:
    """Measure every fusion strategy on tweets with pictures, in five folds.

    Reads pairs_mvsa in ASSISTANT_DATA. Controls stand beside each strategy: shuffled pictures, and either
    modality left out. Some minutes the first time; what the encoders saw is kept in the cache folder.
    """
    from assistant.evaluation.sentiment import evaluate_sentiment
    from assistant.settings import cache_dir
    from assistant.terminal.steps import steps_shown

    with steps_shown() as progress:
        report = evaluate_sentiment(_encoders(), cache_dir() / "evaluation", progress, seed, grouped=not plain_folds)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
        return
    _show_table(
        f"{report.tweets} tweets in {report.groups} groups of near-duplicates, in %",
        ("", "accuracy", "± over folds", "macro F1"),
        [(name, _percent(f.accuracy), _percent(f.spread), _percent(f.macro_f1)) for name, f in report.rows.items()],
    )


@click.command()
@SEED
@AS_JSON
def space(seed: int, as_json: bool) -> None:
    """Measure the shared space: photographs by captions and new phrases, texts and photographs by speech.

    Reads img_flickr8k in ASSISTANT_DATA: 200 photographs that nothing is trained on, looked for by their
    captions; beside the shipped maps stand maps trained on the other photographs of the same set. Requests of
    text_clinc150 and captions are spoken by voices that nothing was trained on and find their text or photograph
    without a transcript, and so do recordings of people (speech_misc_gold, speech_homeassistant_commands).
    """
    from assistant.evaluation.space import evaluate_space
    from assistant.settings import cache_dir
    from assistant.speech import SpeechRecognizer
    from assistant.terminal.steps import steps_shown

    recognizer = SpeechRecognizer(language="en")
    with steps_shown() as progress:
        report = evaluate_space(_encoders(), recognizer, cache_dir() / "evaluation", progress, seed)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
        return
    _show_table(
        f"found among {report.items}, in %",
        ("", "R@1", "R@10"),
        [(name, _percent(found.first), _percent(found.tenth)) for name, found in report.recalls.items()],
    )
    _show_table(
        "spoken, without a transcript, in %",
        ("", "clips", "among", "R@1", "R@10"),
        [(n, str(f.clips), str(f.items), _percent(f.first), _percent(f.tenth)) for n, f in report.spoken.items()],
    )
    rows = [(phrase, str(found.pictures), f"{found.area:.3f}") for phrase, found in report.phrases.items()]
    rows.append(("mean of all", "", f"{report.mean_area:.3f}"))
    _show_table("new phrases: area under the ROC curve", ("phrase", "pictures", "area"), rows)


def _encoders() -> dict[str, Encoder]:
    from assistant.encoders.factory import create_encoders
    from assistant.settings import load_settings

    return {encoder.name: encoder for encoder in create_encoders(load_settings())}


def _show_shares(title: str, table: Mapping[str, Mapping[str, Share]]) -> None:
    """One column per outer key, one row per inner key."""
    inner = sorted({name for shares in table.values() for name in shares})
    rows = []
    for name in inner:
        found = [shares.get(name) for shares in table.values()]
        turns = next(str(share.turns) for share in found if share)
        rows.append((name, turns, *(_percent(share.share) if share else "-" for share in found)))
    _show_table(f"{title}, in %", ("", "turns", *table), rows)


def _show_table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _percent(share: Any) -> str:
    return f"{100.0 * share:.1f}"
