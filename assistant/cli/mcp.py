"""``assistant mcp``: the assistant for MCP hosts, and the servers whose tools it uses itself."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import click

from assistant.cli.doors import TOKEN_FILE, known_clients, need_packages, run, say
from assistant.errors import SettingsError
from assistant.settings import load_settings
from assistant.terminal.plugin_commands import OpenGroup

__all__ = ["mcp"]

CLIENT = "mcp"
"""the plugin of the same name: tools of other servers are not passed on, so that no two programs call each other"""


@click.group(cls=OpenGroup, table={}, invoke_without_command=True)
@click.option("--http", is_flag=True, help="Listen over streamable HTTP; every client needs a token.")
@click.option(
    "--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Address to listen on, with --http."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8421, show_default=True, help="Port, with --http; 0: a free one."
)
@TOKEN_FILE
@click.option(
    "--origin", "origins", multiple=True, metavar="URL", help="Web pages that may call it, with --http; repeatable."
)
@click.option(
    "--plugin", "plugins", multiple=True, metavar="NAME", help="Offer only the intents of this plugin; repeatable."
)
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
    """Offer the plugins' abilities over MCP, to a program or over HTTP.

    Without --http it talks to the program that starts it. The tools are the plugins' intents and ask, look, transcribe
    and library_search. An intent that changes something waits for the user's yes.
    """
    if ctx.invoked_subcommand is not None:
        return
    if importlib.util.find_spec("mcp") is None:
        raise SettingsError("This needs a package that is not installed: pip install 'multimodal-assistant[mcp]'")
    settings = load_settings()
    off = settings.plugins.model_copy(update={"disabled": [*settings.plugins.disabled, CLIENT]})
    settings = settings.model_copy(update={"plugins": off})
    offered: dict[str, Any] = {"plugins": plugins, "history": not no_history, "library": not no_library}
    if not http:
        from assistant.server.mcp.serving import serve_program

        asyncio.run(serve_program(settings, **offered))
        return
    need_packages()
    from assistant.server.mcp.serving import serve_clients
    from assistant.server.server import Address

    address = Address(host, port, bool(settings.serve.tls_certificate))
    clients = known_clients(token_file, address)
    run(lambda: serve_clients(settings, clients, address, origins, say, **offered))
