"""``assistant mcp``: the assistant for MCP hosts, and the servers whose tools it uses itself."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.errors import SettingsError
from assistant.terminal.plugin_commands import OpenGroup

if TYPE_CHECKING:
    from assistant.settings import Settings

__all__ = ["mcp"]

CLIENT = "mcp"
"""the plugin of the same name: tools of other servers are not passed on, so that no two programs call each other"""


@click.group(cls=OpenGroup, table={}, invoke_without_command=True)
@click.option("--http", is_flag=True, help="Listen for clients over streamable HTTP, each with a token; with it:")
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Where.")
@click.option("--port", type=click.IntRange(0, 65535), default=8421, show_default=True, help="0: a free one.")
@click.option("--token-file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Who may ask.")
@click.option("--origin", "origins", multiple=True, metavar="URL", help="Web pages that may ask; repeatable.")
@click.option("--plugin", "plugins", multiple=True, metavar="NAME", help="Offer only its intents; repeatable.")
@click.option("--no-history", is_flag=True, help="Do not offer past conversations.")
@click.option("--no-library", is_flag=True, help="Do not offer the library's files.")
@click.pass_context
def mcp(
    ctx: click.Context,
    http: bool,
    host: str,
    port: int,
    token_file: Path | None,
    origins: tuple[str, ...],
    plugins: tuple[str, ...],
    no_history: bool,
    no_library: bool,
) -> None:
    """Be an MCP server: for the program that starts it, or over HTTP.

    Its tools are what the plugins can do, and ask, look, transcribe and library_search. What changes something is done
    after the user's own yes.
    """
    if ctx.invoked_subcommand is not None:
        return
    if importlib.util.find_spec("mcp") is None:
        raise SettingsError("This needs a package that is not installed: pip install 'multimodal-assistant[mcp]'")
    from assistant.settings import load_settings

    settings = load_settings()
    off = settings.plugins.model_copy(update={"disabled": [*settings.plugins.disabled, CLIENT]})
    settings = settings.model_copy(update={"plugins": off})
    offered = {"history": not no_history, "library": not no_library}
    if http:
        _listen(settings, host, port, token_file, origins, plugins, offered)
    else:
        asyncio.run(_streams(settings, plugins, offered))


async def _streams(settings: Settings, plugins: tuple[str, ...], offered: dict[str, bool]) -> None:
    from assistant.server.mcp.serving import serve_program

    await serve_program(settings, plugins, **offered)


def _listen(
    settings: Settings,
    host: str,
    port: int,
    token_file: Path | None,
    origins: tuple[str, ...],
    plugins: tuple[str, ...],
    offered: dict[str, bool],
) -> None:
    from assistant.cli.serve import need_packages
    from assistant.server.tokens import default_token_file, open_clients

    need_packages()
    from assistant.server.mcp.serving import serve_clients
    from assistant.server.server import Address, is_loopback

    path = token_file or default_token_file()
    clients, made = open_clients(path)
    if made:
        _say(f"A token was made; it is shown this once, and kept in {path}:\n{made}")
    if not is_loopback(host):
        _say("Others on the network can reach this; put a proxy with TLS before it, so that tokens stay secret.")
    asyncio.run(serve_clients(settings, clients, Address(host, port), origins, plugins, _say, **offered))


def _say(text: str) -> None:
    click.echo(text, err=True)
