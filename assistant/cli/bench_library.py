"""``assistant bench library``: filling a library, writing rows, and searching among very many items."""

from __future__ import annotations

import json

import click

__all__ = ["library"]


@click.command()
@click.option("--items", default=100_000, show_default=True, type=click.IntRange(1000), help="Synthetic vectors.")
@click.option("--peers", is_flag=True, help="Also FAISS, Chroma and Qdrant, where they are installed.")
@click.option("--no-indexing", is_flag=True, help="Leave out how fast files are taken in.")
@click.option("--no-writing", is_flag=True, help="Leave out how many rows one process writes or commits.")
@click.option("--no-search", is_flag=True, help="Leave out the search.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def library(items: int, peers: bool, no_indexing: bool, no_writing: bool, no_search: bool, as_json: bool) -> None:
    """Measure filling a library (rates, memory) and searching among very many items, beside peers."""
    from assistant.cli.machine import machine, machine_line
    from assistant.evaluation.indexing import bench_indexing
    from assistant.evaluation.library import bench_search
    from assistant.evaluation.writing import bench_writing

    def tell(step: str) -> None:
        click.echo(step[:1].upper() + step[1:], err=True)

    filled = [] if no_indexing else bench_indexing(tell)
    written = [] if no_writing else bench_writing(tell)
    found, failures = ([], []) if no_search else bench_search(items, peers, tell)
    for line in failures:
        click.echo(line, err=True)
    if as_json:
        figures = {
            "indexing": [each.to_json() for each in filled],
            "writing": [each.to_json() for each in written],
            "search": [each.to_json() for each in found],
        }
        click.echo(json.dumps({"machine": machine(), **figures}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if filled:
        table = Table("indexing", "files", "seconds", "rate", "goal", "peak MB", box=None, pad_edge=False)
        for each in filled:
            rates = f"{each.rate:.1f} {each.unit}", f"{each.goal:g}"
            table.add_row(each.what, f"{each.files:,}", f"{each.seconds:.1f}", *rates, f"{each.megabytes:.0f}")
        console.print(table)
    if written:
        table = Table("writing", "rows", "seconds", "rows/s", box=None, pad_edge=False)
        for way in written:
            table.add_row(way.what, f"{way.rows:,}", f"{way.seconds:.2f}", f"{way.rate:,.0f}")
        console.print(table)
    if found:
        table = Table(
            "search", "items", "build s", "median ms", "slowest ms", "recall@10", "peak MB", box=None, pad_edge=False
        )
        for row in found:
            times = [f"{value:.1f}" for value in (row.build_seconds, row.median_ms, row.slowest_ms)]
            table.add_row(row.name, f"{row.items:,}", *times, f"{row.recall_10:.3f}", f"{row.megabytes:.0f}")
        console.print(table)
    click.echo(machine_line())
