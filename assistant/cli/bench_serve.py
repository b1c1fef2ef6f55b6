"""``assistant bench serve``: what the way over HTTP costs."""

from __future__ import annotations

import contextlib
import json
import sys

import click

from assistant.cli.machine import machine, machine_line

__all__: list[str] = []


@click.command()
@click.option("--clients", default=8, show_default=True, type=click.IntRange(1, 256), help="Clients at once.")
@click.option("--turns", default=100, show_default=True, type=click.IntRange(20), help="Turns asked each way.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def serve(clients: int, turns: int, as_json: bool) -> None:
    """Measure turns over HTTP beside the same turns asked directly."""
    from assistant.cli.serve import need_packages
    from assistant.evaluation.serving import bench_serving
    from assistant.settings import load_settings

    need_packages()
    with contextlib.redirect_stdout(sys.stderr):
        figures = bench_serving(load_settings(), turns, clients)
    if as_json:
        click.echo(json.dumps({"machine": machine(), **figures.to_json()}, indent=2))
        return
    click.echo(f"typed turn, asked directly             {figures.direct_ms:6.1f} ms (median of {turns})")
    click.echo(f"over HTTP, one client                  {figures.one_client_ms:6.1f} ms: {figures.overhead_ms:+.1f} ms")
    both = f"{figures.many_clients_ms:.0f} ms, 95th percentile {figures.many_clients_p95_ms:.0f} ms"
    click.echo(f"over HTTP, {clients} clients at once: {figures.turns_per_second:.1f} turns/s, median {both}")
    if figures.refused:
        click.echo(f"{figures.refused} were refused (429).")
    click.echo(machine_line())
