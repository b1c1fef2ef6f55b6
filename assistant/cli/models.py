"""``assistant models``: list, fetch and check the model weights."""

from __future__ import annotations

import json
from typing import Any

import click

from assistant.cli.progress import download_progress
from assistant.errors import ModelUnavailable
from assistant.settings import load_settings
from assistant.weights import ModelState, ModelStore, models_in_use

__all__ = ["models"]

_COLOURS = {ModelState.READY: "green", ModelState.MISSING: "yellow", ModelState.DAMAGED: "red"}


@click.group()
def models() -> None:
    """List, fetch and check the models."""


def _entry(store: ModelStore, name: str, used: bool) -> dict[str, Any]:
    model = store.catalogue.find(name)
    return {
        "name": name,
        "title": model.title,
        "job": model.job,
        "licence": model.licence,
        "bytes": model.size,
        "state": store.state(name).value,
        "used": used,
        "folder": str(store.folder(name)),
    }


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_models(as_json: bool) -> None:
    """Show every known model, its licence and whether it is here."""
    store = ModelStore()
    used = models_in_use(load_settings())
    entries = [_entry(store, name, name in used) for name in store.catalogue.models]
    if as_json:
        click.echo(json.dumps(entries, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("model", "job", "licence", "size", "state", box=None, pad_edge=False)
    for entry in entries:
        colour = _COLOURS[ModelState(entry["state"])]
        name = f"{entry['name']} *" if entry["used"] else entry["name"]
        table.add_row(
            name, entry["job"], entry["licence"], f"{entry['bytes'] / 1e6:.0f} MB", f"[{colour}]{entry['state']}"
        )
    Console().print(table)
    click.echo(f"* used by your settings. Kept in {store.root}")


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
def pull(names: tuple[str, ...]) -> None:
    """Fetch models: those named, or all that your settings use; damaged ones are fetched again."""
    store = ModelStore()
    wanted = names or models_in_use(load_settings())
    for name in wanted:
        store.catalogue.find(name)  # a wrong name is said before anything is fetched
    failed = False
    for name in wanted:
        try:
            folder = store.repair(name, progress=download_progress())
        except ModelUnavailable as error:
            failed = True
            click.echo(f"Error: {error}", err=True)
        else:
            click.echo(f"{name} is ready in {folder}")
    if failed:
        raise SystemExit(1)


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
def verify(names: tuple[str, ...]) -> None:
    """Read and hash every file: of the models named, or of all that are here."""
    store = ModelStore()
    for name in names:
        store.catalogue.find(name)
    here = [name for name in store.catalogue.models if store.state(name) is not ModelState.MISSING]
    damaged = False
    for name in names or here:
        if problems := store.verify(name):
            damaged = True
            click.echo(f"{name} is damaged: {'; '.join(problems)}. Mend it with `assistant models pull {name}`.")
        else:
            click.echo(f"{name} is right.")
    if not (names or here):
        click.echo("No models are here yet; `assistant models pull` fetches them.")
    if damaged:
        raise SystemExit(1)
