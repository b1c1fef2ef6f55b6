"""``assistant models``: list, fetch and check the model weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from assistant.errors import ModelUnavailable
from assistant.settings import load_settings
from assistant.terminal.fetching import download_bars
from assistant.weights import ModelState, ModelStore, models_in_use
from assistant.weights.language_models import add_language_model, language_models
from assistant.weights.shipped import ShippedWeights, shipped_weights

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
        "sha256": {file.name: file.sha256 for file in model.files},
        "from": [str(source) for source in model.sources],
        "shipped": False,
    }


def _shipped_entry(weights: ShippedWeights) -> dict[str, Any]:
    state = ModelState.DAMAGED if weights.problem() else ModelState.READY
    return {
        "name": weights.name,
        "title": weights.job,
        "job": weights.job,
        "licence": weights.licence,
        "bytes": weights.size,
        "state": state.value,
        "used": True,
        "folder": str(weights.path.parent),
        "sha256": {weights.path.name: weights.sha256},
        "from": [weights.made_by, weights.learned_from],
        "shipped": True,
    }


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_models(as_json: bool) -> None:
    """List every model, its licence and whether it is installed.

    Lists the weights that come with the assistant, too.
    """
    store = ModelStore()
    used = models_in_use(load_settings())
    entries = [_entry(store, name, name in used) for name in store.catalogue.models]
    shipped = [_shipped_entry(weights) for weights in shipped_weights()]
    if as_json:
        click.echo(json.dumps([*entries, *shipped], indent=2))
        return
    _show(entries)
    click.echo(f"* used by your settings. Kept in {store.root}\n")
    for path in language_models():
        click.echo(f"language model {path.name}: {path.stat().st_size / 1e6:,.0f} MB, added by you; {path}\n")
    _show_shipped(shipped)


def _show(entries: Sequence[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("model", "job", "licence", "size", "state", box=None, pad_edge=False)
    for entry in entries:
        name = f"{entry['name']} *" if entry["used"] else entry["name"]
        size = f"{entry['bytes'] / 1e6:.0f} MB"
        table.add_row(name, entry["job"], entry["licence"], size, _coloured(entry["state"]))
    Console().print(table)


def _show_shipped(entries: Sequence[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("comes with the assistant", "job", "sha256", "size", "state", box=None, pad_edge=False)
    for entry in entries:
        (digest,) = entry["sha256"].values()
        size = f"{entry['bytes'] / 1e3:.1f} kB"
        table.add_row(entry["name"], entry["job"], f"{digest[:12]}…", size, _coloured(entry["state"]))
    Console().print(table)
    origins = dict.fromkeys((entry["licence"], *entry["from"], entry["name"].partition("/")[0]) for entry in entries)
    for licence, command, material, room in origins:
        click.echo(f"{room}: {licence}; made by `{command}` from {material}.")


def _coloured(state: str) -> str:
    colour = _COLOURS[ModelState(state)]
    return f"[{colour}]{state}[/]"


@models.command()
@click.argument("file", metavar="FILE.gguf", type=click.Path(path_type=Path))
def add(file: Path) -> None:
    """Add a language model, and say how to turn it on.

    A large file is linked, not copied, if the file system allows it.
    """
    kept = add_language_model(file)
    click.echo(f"{kept.name} is here ({kept.stat().st_size / 1e6:,.0f} MB). To turn it on, write in your settings:")
    click.echo(f'[plugins.options.llm]\nmodel = "{kept.name}"')


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
def pull(names: tuple[str, ...]) -> None:
    """Fetch the models named, or all that your settings use.

    Fetches damaged files again.
    """
    store = ModelStore()
    wanted = names or models_in_use(load_settings())
    for name in wanted:
        store.catalogue.find(name)  # a wrong name fails before anything is fetched
    failed = False
    for name in wanted:
        try:
            with download_bars() as progress:
                folder = store.repair(name, progress=progress)
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
    """Check the files of the models named, or of all installed.

    Compares the hash of every file.
    """
    store = ModelStore()
    shipped = [weights for weights in shipped_weights() if not names or weights.name in names]
    fetched = [name for name in names if name not in {weights.name for weights in shipped}]
    for name in fetched:
        store.catalogue.find(name)
    here = [name for name in store.catalogue.models if store.state(name) is not ModelState.MISSING]
    right = [_verify_fetched(store, name) for name in (fetched if names else here)]
    if not (names or here):
        click.echo("No models are here yet; `assistant models pull` fetches them.")
    right += [_verify_shipped(weights) for weights in shipped]
    if not all(right):
        raise SystemExit(1)


def _verify_fetched(store: ModelStore, name: str) -> bool:
    if problems := store.verify(name):
        click.echo(f"{name} is damaged: {'; '.join(problems)}. Mend it with `assistant models pull {name}`.")
        return False
    click.echo(f"{name} is right.")
    return True


def _verify_shipped(weights: ShippedWeights) -> bool:
    if problem := weights.problem():
        click.echo(f"{weights.name} is damaged: {problem}. Reinstall the assistant, or run `{weights.made_by}`.")
        return False
    click.echo(f"{weights.name} is right.")
    return True
