"""``assistant plugins``: what is there, what is wrong with it, and how to begin one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.errors import PluginError
from assistant.settings import load_settings, settings_file
from assistant.terminal.plugin_commands import load_plugins
from assistant.terminal.render import make_console

if TYPE_CHECKING:
    from assistant.plugins.plugin import PluginInfo

__all__ = ["plugins"]

STYLES = {"active": "green", "disabled": "dim", "failed": "red", "resting": "yellow"}


@click.group()
def plugins() -> None:
    """List, check and start plugins."""


@plugins.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_plugins(as_json: bool) -> None:
    """List every plugin: whether it works, what it can do, what it may use, and where it is."""
    infos = load_plugins().infos
    if as_json:
        click.echo(json.dumps([_as_json(info) for info in infos], ensure_ascii=False, indent=2))
        return
    if not infos:
        click.echo("There are no plugins. `assistant plugins new NAME` creates one.")
        return
    from rich.table import Table

    table = Table("name", "status", "intents", "may use", "where", box=None, pad_edge=False)
    for info in infos:
        names = (name for name in info.intents if not name.partition(".")[2].startswith("about_"))
        short = ", ".join(name.partition(".")[2] + "*" * (name in info.acting) for name in names)
        told = "\n".join(filter(None, [info.summary if info.status == "active" else info.reason, short, *info.notes]))
        table.add_row(info.name, info.status, told, _may(info), _where(info), style=STYLES[info.status])
    make_console().print(table)
    for line in _legend(infos):
        make_console().print(line, style="dim")
    make_console().print(f"Your plugin folder: {load_settings().plugin_folder}", style="dim", soft_wrap=True)


def _may(info: PluginInfo) -> str:
    """What a plugin may use, in a few words."""
    if info.status in ("disabled", "failed"):
        return ""
    if not info.isolated:
        return "anything (runs in the program)"
    free = {"network": "network", "files": "files"}
    used = [word for word in free if word in info.capabilities or word in info.unlimited]
    return ", ".join(used) or "its own files only"


def _legend(infos: Sequence[PluginInfo]) -> Iterator[str]:
    yield "* changes something"
    if any(info.isolated for info in infos):
        yield "files: reads your files, and writes in its own data folder."
    unlimited = sorted({limit for info in infos for limit in info.unlimited})
    if unlimited:
        yield f"This system does not limit for plugins in processes of their own: {', '.join(unlimited)}."


def _as_json(info: PluginInfo) -> dict[str, object]:
    return {**asdict(info), "source": str(info.source)}


def _where(info: PluginInfo) -> str:
    return info.origin if info.origin == "shipped" else f"{info.origin}: {info.source}"


@plugins.command()
@click.argument("name", required=False)
def options(name: str | None) -> None:
    """List plugins' own settings: their values, and what they are.

    Set them in your settings file under [plugins.options.PLUGIN].
    """
    from rich.table import Table

    manager = load_plugins()
    table = Table("option", "value", "what it is", box=None, pad_edge=False)
    for plugin, option, value in manager.options():
        if name in (None, plugin):
            style = "" if value == option.default else "bold"
            table.add_row(
                f"{plugin}.{option.name}", json.dumps(value, ensure_ascii=False), option.description, style=style
            )
    if not table.row_count:
        raise PluginError(name or "none", "has no settings of its own; `assistant plugins options` lists those that do")
    make_console().print(table)


@plugins.command()
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to create it in; your plugin folder by default.",
)
def new(name: str, folder: Path | None) -> None:
    """Create a plugin: a folder with working code, a README and a passing test."""
    from assistant.cli.plugin_template import write_plugin

    target = write_plugin(folder or load_settings().plugin_folder, name)
    click.echo(f'Wrote {target}. Try it: assistant ask "say hello from {name.replace("_", " ")}"')


@plugins.command()
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """Check a plugin's file or folder: one line per problem or warning, exit code 1 for a problem."""
    from assistant.plugins.check import check_plugin

    found = check_plugin(path, load_settings())
    for line in (*found.problems, *(f"warning: {each}" for each in found.warnings)):
        click.echo(line)
    if found.problems:
        raise SystemExit(1)
    names = ", ".join(f"{each.name}{' (acts)' * each.may_act}" for each in found.intents) or "no intents"
    click.echo(f"{path.resolve().stem} is sound: {names}")


@plugins.command()
@click.argument("name")
def enable(name: str) -> None:
    """Turn a plugin on."""
    _switch(name, on=True)


@plugins.command()
@click.argument("name")
def disable(name: str) -> None:
    """Turn a plugin off; it is not even imported any more."""
    _switch(name, on=False)


def _switch(name: str, *, on: bool) -> None:
    from assistant.cli.settings_edit import set_list
    from assistant.plugins.discovery import find_plugins
    from assistant.plugins.schema import near

    settings = load_settings()
    off = list(settings.plugins.disabled)
    known = sorted({source.name for source in find_plugins(settings)} | set(off))
    if name not in known:
        raise PluginError(name, f"there is no such plugin{near(name, known) or '; `assistant plugins list` shows all'}")
    if (name not in off) is on:
        click.echo(f"{name} is {'on' if on else 'off'} already.")
        return
    if "ASSISTANT_PLUGINS__DISABLED" in os.environ:
        raise PluginError(name, "ASSISTANT_PLUGINS__DISABLED is set and wins over the settings file; change it there")
    set_list(settings_file(), "plugins", "disabled", [each for each in off if each != name] if on else [*off, name])
    click.echo(f"{name} is {'on' if on else 'off'} now.")
