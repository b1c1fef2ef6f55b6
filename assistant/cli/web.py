"""``assistant web``: the assistant in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import urllib.error
import urllib.request
import webbrowser
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from assistant.cli.doors import fetch, need_packages, run, say
from assistant.errors import SettingsError
from assistant.server.tokens import default_token_file, open_clients, read_tokens
from assistant.settings import Serve, load_settings

if TYPE_CHECKING:
    from assistant.server.server import Address

__all__ = ["new_link", "web"]

LOOK = 0.1
"""seconds between two looks whether the server listens"""
PATIENCE = 6
"""tries, of ten seconds each, in which our own server must answer"""


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port; 8420 by default.")
@click.option("--at", metavar="URL", help="Make a link to this address instead, such as https://assistant.example.")
@click.option("--no-open", is_flag=True, help="Print the link, and open no browser.")
def web(port: int | None, at: str | None, no_open: bool) -> None:
    """Open the web page: talk, type, show pictures.

    It is served on this machine, as `assistant serve` does, and on the network where [serve] has a certificate; if a
    server runs already, its page is opened. The link works once, within five minutes.
    """
    need_packages()
    settings = load_settings()
    from assistant.server.server import Address, is_loopback, serve_here

    chosen = settings.serve
    secure = bool(chosen.tls_certificate)
    host = chosen.host if secure or is_loopback(chosen.host) else "127.0.0.1"
    address = Address(host, port or chosen.port, secure)
    path = default_token_file()
    clients, _ = open_clients(path)
    token = next(iter(read_tokens(path).values()))
    if link := new_link(address, token, chosen, at):
        _open(link, no_open)
        return
    fetch(settings)

    async def serve() -> None:
        opening = asyncio.create_task(_open_when_ready(address, token, chosen, at, no_open))
        try:
            await serve_here(settings, clients, address, (), say)
        finally:
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)

    run(serve)


def new_link(address: Address, token: str, serve: Serve, at: str | None = None) -> str | None:
    """A link that logs a browser in, from the server that listens there; None when none does.

    Raises `SettingsError` where something else listens, or a server with other tokens.
    """
    from assistant.server.tls import trusting

    here = replace(address, host="127.0.0.1") if address.everywhere else address
    asking = urllib.request.Request(
        f"{here.url}/v1/web/codes", method="POST", headers={"Authorization": f"Bearer {token}"}
    )
    other = f"Another program listens at {address.url}: choose another port with --port."
    try:
        with urllib.request.urlopen(asking, timeout=10, context=trusting(serve)) as response:
            code = json.load(response)["code"]
    except urllib.error.HTTPError as error:
        told = f"An assistant with other tokens listens at {address.url}: choose another port with --port."
        raise SettingsError(told if error.code == 401 else other) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            return None
        raise SettingsError(other) from error
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise SettingsError(other) from error
    return f"{(at or _name(address, serve)).rstrip('/')}/web/#{code}"


def _name(address: Address, serve: Serve) -> str:
    """The host of the page: the name in the certificate, if there is one."""
    from assistant.server.server import own_address

    named = next((host for host in serve.hosts if not host.startswith("*")), "") if address.secure else ""
    host = named or (own_address() if address.everywhere else "")
    return replace(address, host=host).url if host else address.url


async def _open_when_ready(address: Address, token: str, serve: Serve, at: str | None, no_open: bool) -> None:
    link, tries = None, 0
    while link is None:
        await asyncio.sleep(LOOK)
        try:
            link = await asyncio.to_thread(new_link, address, token, serve, at)
        except SettingsError as error:  # it may still be starting
            tries += 1
            if tries == PATIENCE:
                say(str(error))
                return
    await asyncio.to_thread(_open, link, no_open)


def _open(link: str, no_open: bool) -> None:
    opened = False
    if not no_open:
        with contextlib.suppress(webbrowser.Error):
            opened = webbrowser.open(link)
    say(f"{'Opened' if opened else 'Open'} {link} (the link works once)")
