"""``assistant bench library``: the search among very many items."""

from __future__ import annotations

import json

import click

__all__ = ["library"]


@click.command()
@click.option("--items", default=100_000, show_default=True, type=click.IntRange(1000), help="Synthetic vectors.")
@click.option("--peers", is_flag=True, help="Also FAISS, Chroma and Qdrant, where they are installed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def library(items: int, peers: bool, as_json: bool) -> None:
    """Measure the search among very many items: time, and how many of the nearest ten are found."""
    from assistant.cli.machine import machine, machine_line
    from assistant.evaluation.library import bench_search

    figures = bench_search(items, peers, lambda name: click.echo(f"Building {name}", err=True))
    if as_json:
        click.echo(json.dumps({"machine": machine(), "figures": [each.to_json() for each in figures]}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("", "items", "build s", "search ms", "slowest ms", "recall@10", box=None, pad_edge=False)
    for row in figures:
        times = [f"{value:.1f}" for value in (row.build_seconds, row.median_ms, row.slowest_ms)]
        table.add_row(row.name, f"{row.items:,}", *times, f"{row.recall_10:.3f}")
    Console().print(table)
    click.echo(machine_line())
