"""``assistant languages``: shows which languages are understood."""

from __future__ import annotations

import json
import tomllib
from importlib import resources

import click

from assistant.language import reply_languages

__all__ = ["languages", "understood"]

Counts = dict[str, dict[str, tuple[int, int]]]


def understood() -> Counts:
    """Language → kind of sentence → how many of how many were understood; a test measures and checks them."""
    text = resources.files("assistant.language").joinpath("understood.toml").read_text("utf-8")
    return {
        language: {kind: (found, of) for kind, (found, of) in kinds.items()}
        for language, kinds in tomllib.loads(text).items()
    }


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON: understood and tried, by language and kind.")
def languages(as_json: bool) -> None:
    """Show which languages are understood, and how well."""
    counts = understood()
    if as_json:
        click.echo(json.dumps(counts, indent=2))
        return
    kinds = list(next(iter(counts.values())))
    click.echo("".join(f"{kind:>11}" for kind in ["language", *kinds]))
    for language, row in counts.items():
        line = f"{language:>11}"
        for found, of in (row[kind] for kind in kinds):
            colour = "green" if found == of else "yellow" if found else "red"
            line += click.style(f"{f'{found}/{of}':>11}", fg=colour)
        click.echo(line)
    click.echo("\nOf a few sentences of each kind, how many were understood.")
    click.echo(f"Replies are written in {', '.join(reply_languages())}; a plugin that lacks one answers in English.")
