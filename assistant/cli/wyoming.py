"""``assistant wyoming``: the assistant for Home Assistant and satellites."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from assistant.cli.doors import fetch, need_packages, run, say
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from assistant.server.server import Address


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to listen on; 127.0.0.1 by default.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 10900 by default, 0 takes a free one.")
@click.option(
    "--client",
    "clients",
    multiple=True,
    metavar="ADDRESS",
    help="Machine or network that may connect: 192.168.1.10 or 192.168.1.0/24; repeatable.",
)
def wyoming(host: str | None, port: int | None, clients: tuple[str, ...]) -> None:
    """Answer Home Assistant and satellites over the Wyoming protocol.

    It recognizes speech, speaks, detects wake words and answers. In Home Assistant: Settings, Devices & services, Add
    integration, Wyoming Protocol, with this machine's address and port. The protocol has no password: other
    machines may connect only if --client names them.
    """
    need_packages("wyoming")
    settings = load_settings()
    from assistant.server.server import Address

    chosen = settings.wyoming
    address = Address(host or chosen.host, chosen.port if port is None else port)
    fetch(settings)
    run(lambda: _serve(settings, address, clients or chosen.clients))


async def _serve(settings: Settings, address: Address, clients: Sequence[str]) -> None:
    from assistant.app import App
    from assistant.server.app_state import AppState
    from assistant.server.wyoming.server import serving_wyoming

    app = await App.open(settings)
    try:
        here = AppState(app)
        app.start_loading()
        async with serving_wyoming(here, address, clients, say):
            ended = asyncio.Event()
            for each in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(each, ended.set)
            await ended.wait()
            await here.turn_service.limiter.drain(settings.serve.drain)
    finally:
        await app.close()
