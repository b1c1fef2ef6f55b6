"""``assistant evaluate retrieval``: how well a library finds."""

from __future__ import annotations

import json

import click

__all__ = ["retrieval"]


@click.command()
@click.option("--pictures", default=200, show_default=True, type=click.IntRange(10), help="Photographs to look among.")
@click.option("--questions", default=500, show_default=True, type=click.IntRange(1), help="Questions for passages.")
@click.option("--spoken", default=50, show_default=True, type=click.IntRange(0), help="Captions that are spoken.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def retrieval(pictures: int, questions: int, spoken: int, as_json: bool) -> None:
    """Measure how well a library finds pictures by sentences, sentences by pictures, and passages by questions.

    Reads img_flickr8k and text_banking77 in the folder that ASSISTANT_DATA points to.
    """
    from rich.console import Console
    from rich.progress import Progress

    from assistant.evaluation.retrieval import evaluate_retrieval

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        tasks: dict[str, object] = {}

        def progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done)  # type: ignore[arg-type]

        figures = evaluate_retrieval(pictures, questions, spoken, progress)
    if as_json:
        click.echo(json.dumps([each.to_json() for each in figures], ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    columns = ("task", "by", "queries", "among", "R@1", "R@5", "R@10", "nDCG@10")
    table = Table(*columns, "hybrid ahead: R@1", "nDCG@10", box=None, pad_edge=False)
    for row in figures:
        shares = [f"{100 * share:.1f} %" for share in (row.recall_1, row.recall_5, row.recall_10, row.ndcg_10)]
        table.add_row(
            row.task,
            row.way,
            str(row.queries),
            str(row.among),
            *shares,
            _ahead(row.ahead_recall_1),
            _ahead(row.ahead_ndcg_10),
        )
    Console(width=150).print(table)


def _ahead(interval: tuple[float, float, float] | None) -> str:
    """Points, with the 95 % interval."""
    if interval is None:
        return ""
    mean, low, high = (100 * value for value in interval)
    return f"{mean:+.1f} ({low:+.1f} to {high:+.1f})"
