"""``assistant config``: every setting, its value, and where it comes from."""

from __future__ import annotations

import json
import os
import tomllib
from typing import Any

import click
from pydantic_core import PydanticUndefined

from assistant.settings import Settings, load_settings, settings_file
from assistant.terminal.render import make_console

__all__ = ["config", "example_file"]

HEADER = """\
# Every setting with its default. Copy the lines you want to change into your own assistant.toml;
# `assistant config path` says where that is. Environment variables win over it, such as
# ASSISTANT_SPEECH__MODEL=whisper-tiny.en for `model` in [speech].
"""


@click.group()
def config() -> None:
    """Show the settings and their sources."""


@config.command()
def path() -> None:
    """Print the path of your settings file."""
    click.echo(settings_file())


@config.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(as_json: bool) -> None:
    """Show every setting, its value and its source."""
    settings = load_settings()
    entries = _entries(settings)
    for hint in settings.retired:
        click.echo(hint, err=True)
    if as_json:
        click.echo(json.dumps(entries, ensure_ascii=False, indent=2))
        return
    from rich.table import Column, Table

    columns = [Column(title, no_wrap=True) for title in ("setting", "value", "from")]
    table = Table(*columns, "what it is", box=None, pad_edge=False)
    for entry in entries:
        style = "" if entry["source"] == "default" else "bold"
        value = json.dumps(entry["value"], ensure_ascii=False)
        table.add_row(entry["name"], value, entry["source"], entry["description"], style=style)
    make_console().print(table)
    click.echo(f"Your settings file: {settings_file()}{'' if settings_file().is_file() else ' (not there yet)'}")


@config.command()
def example() -> None:
    """Print a settings file with every default value."""
    click.echo(example_file(), nl=False)


def _entries(settings: Settings) -> list[dict[str, Any]]:
    written = tomllib.loads(settings_file().read_text("utf-8-sig")) if settings_file().exists() else {}
    return [
        {"name": name, "value": value, "source": _source(name, written), "description": description}
        for name, value, description in settings.each()
    ]


def _source(name: str, written: dict[str, Any]) -> str:
    section, _, key = name.partition(".")
    variable = f"ASSISTANT_{section}__{key}".upper()
    environment = {known.upper() for known in os.environ}
    if variable in environment or f"ASSISTANT_{section}".upper() in environment:
        return "environment"
    return "file" if key in written.get(section, {}) else "default"


def example_file() -> str:
    """``config/assistant.toml``: every setting with default and description, generated from the settings."""
    parts = [HEADER]
    for section, section_info in Settings.model_fields.items():
        kind: Any = section_info.annotation
        parts.append(f"\n# {(kind.__doc__ or '').strip().partition(chr(10))[0]}\n[{section}]\n")
        for key, info in kind.model_fields.items():
            # An inline `options = {}` would forbid the tables that are meant to follow it.
            line = f"# {key}: none" if info.default == {} else f"{key} = {_toml(info.default)}"
            parts.append(f"# {info.description}{_range(info)}\n{line}\n")
    return "".join(parts)


def _range(info: Any) -> str:
    """The range of a number, as a comment says it."""
    limits = {
        name: getattr(mark, name) for mark in info.metadata for name in ("ge", "gt", "le", "lt") if hasattr(mark, name)
    }
    if info.default is PydanticUndefined or not limits:
        return ""
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    return f" ({', '.join(f'{words[name]} {limit:g}' for name, limit in limits.items() if limit is not None)})"


def _toml(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_toml(key)} = {_toml(item)}' for key, item in value.items())} }}"
    if isinstance(value, int) and not isinstance(value, bool) and value >= 10_000:
        return f"{value:_}"
    return json.dumps(value, ensure_ascii=False)
