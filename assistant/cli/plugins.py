"""``assistant plugins``: lists, checks and creates plugins."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import click

from assistant.errors import PluginError, SettingsError
from assistant.folders import write_private
from assistant.plugins.discovery import find_plugins, name_problem
from assistant.settings import load_settings, settings_file
from assistant.terminal.plugin_commands import load_plugins
from assistant.terminal.render import make_console

if TYPE_CHECKING:
    from assistant.plugins.plugin import PluginInfo

__all__ = ["plugins", "set_list", "write_plugin"]

STYLES = {"active": "green", "disabled": "dim", "failed": "red", "resting": "yellow"}


@click.group()
def plugins() -> None:
    """List, check and start plugins."""


@plugins.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_plugins(as_json: bool) -> None:
    """List every plugin: state, intents, permissions and place."""
    infos = load_plugins().infos
    if as_json:
        click.echo(
            json.dumps([{**asdict(info), "source": str(info.source)} for info in infos], ensure_ascii=False, indent=2)
        )
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
        where = info.origin if info.origin == "shipped" else f"{info.origin}: {info.source}"
        table.add_row(info.name, info.status, told, _may(info), where, style=STYLES[info.status])
    make_console().print(table)
    for line in _legend(infos):
        make_console().print(line, style="dim")
    make_console().print(f"Your plugin folder: {load_settings().plugin_folder}", style="dim", soft_wrap=True)


def _may(info: PluginInfo) -> str:
    """The capabilities of a plugin, in a few words."""
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


@plugins.command()
@click.argument("name", required=False)
def options(name: str | None) -> None:
    """List the plugins' own settings and their values.

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
    """Create a plugin with code, a README and a passing test."""
    target = write_plugin(folder or load_settings().plugin_folder, name)
    click.echo(f'Wrote {target}. Try it: assistant ask "say hello from {name.replace("_", " ")}"')


@plugins.command()
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """Check a plugin's file or folder; exits with 1 on a problem.

    Prints one line per problem or warning.
    """
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
    """Turn a plugin off; it is no longer imported."""
    _switch(name, on=False)


def _switch(name: str, *, on: bool) -> None:
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


CODE = '''"""$title: says hello. Change this line: it is what `assistant plugins list` shows."""

from assistant import Manifest, Register, hookimpl

MANIFEST = Manifest(title="$title", capabilities=(), api=2)  # add "network" or "files" as needed


def say_hello(name: str = "world") -> str:
    """Say hello to someone."""
    return f"Hello, {name}!"


@hookimpl
def register_intents(register: Register) -> None:
    register(
        say_hello,
        examples=[
            "say hello from $spoken",
            "say hello to {name} from $spoken",
            "let $spoken greet {name}",
            "$spoken hello",
        ],
        acts=False,  # True for what changes something
    )
'''

TEST = """from pathlib import Path

from assistant.testing import load_plugin

PLUGIN = Path(__file__).parent.parent


def test_greets_by_name():
    plugin = load_plugin(PLUGIN)
    assert plugin.ask("say hello to Ada from $spoken").text == "Hello, Ada!"


def test_greets_the_world_when_no_one_is_named():
    plugin = load_plugin(PLUGIN)
    assert plugin.ask("say hello from $spoken").text == "Hello, world!"
"""

README = """# $title

Says hello. Try it:

    assistant ask "say hello to Ada from $spoken"

`__init__.py` holds all of it: a function is an intent, its docstring the help line, its annotations the slots,
and `examples` what people say to mean it. No training command is needed.

    assistant plugins check $folder
    pytest $folder
"""


def write_plugin(folder: Path, name: str) -> Path:
    """Write a new plugin's folder into a folder of plugins, and return it; raises `PluginError`."""
    if problem := name_problem(name):
        raise PluginError(name, problem)
    target = folder / name
    for taken in (target, target.with_suffix(".py")):
        if taken.exists():
            raise PluginError(name, f"there is a {taken} already; choose another name")
    spoken = name.replace("_", " ")
    words = {"title": spoken.capitalize(), "spoken": spoken, "folder": str(target)}
    try:
        (target / "tests").mkdir(parents=True)
        for path, text in {"__init__.py": CODE, f"tests/test_{name}.py": TEST, "README.md": README}.items():
            (target / path).write_text(Template(text).substitute(words), encoding="utf-8")
    except OSError as error:
        raise PluginError(name, f"cannot write {target}: {error.strerror}") from error
    return target


def set_list(path: Path, section: str, name: str, values: Sequence[str]) -> None:
    """Set ``name = [values]`` in ``[section]``; the file is made when there is none. Raises `SettingsError`."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = path.resolve()  # a link to a file elsewhere stays a link
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
        document = tomlkit.parse(text)
        table = document.setdefault(section, tomlkit.table())
        table[name] = list(values)
        changed = tomlkit.dumps(document)
    except (TOMLKitError, TypeError) as error:  # a TypeError: the section is no table
        raise SettingsError(f"{path} cannot be changed: {error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"Cannot read {path}: {error.strerror}") from error
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    write_private(path, lambda file: file.write(changed.encode("utf-8")))
    path.chmod(mode)
