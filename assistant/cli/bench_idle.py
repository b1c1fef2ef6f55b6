"""``assistant bench idle``: what waiting for a wake word costs."""

from __future__ import annotations

import json

import click

from assistant.cli.machine import machine, machine_line

__all__: list[str] = []


@click.command()
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(5), help="How long to look.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def idle(seconds: float, as_json: bool) -> None:
    """Measure what the voice assistant costs while it waits for its wake word and others talk."""
    from assistant.evaluation.idle import measure_idle
    from assistant.evaluation.stream import background_talk

    measured = measure_idle(seconds, background_talk())
    click.echo(json.dumps({"machine": machine(), **measured.to_json()}) if as_json else f"{measured}\n{machine_line()}")
