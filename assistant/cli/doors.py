"""Shared by the commands that serve other programs: serve, web, wyoming and mcp."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from assistant.server.server import Address
    from assistant.server.tokens import Clients

__all__ = ["TOKEN_FILE", "fetch", "known_clients", "need_packages", "run", "say"]

logger = logging.getLogger(__name__)

TOKEN_FILE = click.option(
    "--token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File with one name and token per line; created at the first start.",
)


def need_packages(*more: str) -> None:
    """Check that the packages for serving, and those of `more`, are installed; `SettingsError` says how to get them."""
    needed = ("fastapi", "uvicorn", "python_multipart", *more)
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        extra = more[0] if more else "serve"
        raise SettingsError(
            f"Serving needs packages that are not installed ({', '.join(missing)}): "
            f"pip install 'multimodal-assistant[{extra}]'"
        )


def say(text: str) -> None:
    """Say something on the standard error stream, or in the log that stands there as JSON lines."""
    if load_settings().serve.json_log:
        logger.info(text)
    else:
        click.echo(text, err=True)


def known_clients(token_file: Path | None, address: Address) -> Clients:
    """The clients that have a token; a first token is made, and shown, where there is none. Raises `SettingsError`.

    Args:
        token_file: where they are; None for the usual place.
        address: where it will listen; that others can read what passes is said.
    """
    from assistant.server.server import is_loopback
    from assistant.server.tokens import default_token_file, open_clients

    path = token_file or default_token_file()
    clients, made = open_clients(path)
    if made:
        click.echo(f"A token was made; it is shown this once, and kept in {path}:\n{made}", err=True)
    if not address.secure and not is_loopback(address.host):
        say(
            "Others on the network can reach this, unencrypted: name a certificate in [serve] tls_certificate, or put "
            "a proxy with TLS before it, so that tokens stay secret."
        )
    return clients


def fetch(settings: Settings) -> None:
    """Fetch the models that are not there, and say which."""
    from assistant.terminal.fetching import fetch_missing
    from assistant.types import MODALITIES

    said: list[str] = []

    def once(text: str) -> None:
        name = text.partition(",")[0]
        if text and name not in said:  # once per model, because stderr may be a log
            said.append(name)
            say(f"{name} …")

    fetch_missing(settings, MODALITIES, once)


def run(serving: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Serve until it ends; what plugins print is not output of ours, and goes to the standard error stream."""
    with contextlib.redirect_stdout(sys.stderr):
        asyncio.run(serving())
