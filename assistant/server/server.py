"""One server on this machine: uvicorn around one assistant."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

import uvicorn

from assistant.app import App
from assistant.errors import SettingsError, UserError
from assistant.server.api import create_api
from assistant.server.app_state import AppState
from assistant.server.concurrency_limiter import ConcurrencyLimiter
from assistant.server.connections import Connections
from assistant.server.tls import tls_files
from assistant.server.tokens import Clients
from assistant.settings import Settings
from assistant.storage import Database, History
from assistant.terminal.answer_socket import answer_others

__all__ = ["Address", "check_database", "is_loopback", "listen_at", "own_address", "serve_here"]

BACKLOG = 512
"""connections that may wait to be taken"""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Address:
    """An address to listen at."""

    host: str
    port: int
    """0 takes a free one"""
    secure: bool = False
    """whether HTTPS is spoken there"""

    @property
    def url(self) -> str:
        """For people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.secure else ''}://{host}:{self.port}"

    @property
    def everywhere(self) -> bool:
        """Whether it listens at every address of this machine."""
        return self.host in ("0.0.0.0", "::")


def is_loopback(host: str) -> bool:
    """Returns whether an address is this machine's own, which no other machine reaches."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_address() -> str:
    """The address under which others on the network reach this machine; "" without a network."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe, contextlib.suppress(OSError):
        probe.connect(("224.0.0.251", 1))  # nothing is sent
        return str(probe.getsockname()[0])
    return ""


def listen_at(address: Address) -> tuple[socket.socket, Address]:
    """A listening socket, and where it is; SettingsError when the port is taken, or the address is not ours."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # asyncio sends small packets at once only where TCP is named; otherwise each answer waits 40 ms for the other side.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address.host, address.port))
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"Cannot listen at {address.url}: {reason}. Choose another with --port or --host."
        ) from error
    return listening, replace(address, port=listening.getsockname()[1])


def check_database(settings: Settings) -> None:
    """StorageError unless the sessions' database can be used, so that the error appears at the start."""
    with contextlib.closing(Database(settings.storage_url)) as database:
        History(database).turns("", 1)


async def serve_here(
    settings: Settings,
    clients: Clients,
    address: Address,
    origins: Sequence[str] = (),
    say: Say = lambda text: None,
    beside: Callable[[AppState], AbstractAsyncContextManager[object]] | None = None,
) -> None:
    """Serve until a signal (SIGINT, SIGTERM) ends it: new requests are refused, those in hand are answered.

    A turn with an Idempotency-Key that takes longer than that is left as a power cut would leave it: sent again, it
    goes on where it was. `beside` is another door of the same assistant, open for as long.

    Raises:
        SettingsError: it cannot listen there, or a setting cannot work.
    """
    tls = tls_files(settings.serve)
    listening, address = listen_at(address)
    with contextlib.closing(listening):
        await asyncio.to_thread(check_database, settings)
        app = await App.open(settings)
        app_state = AppState(app)
        limiter = app_state.turn_service.limiter
        connections = Connections(settings.serve.header_seconds, settings.serve.strangers)
        config = uvicorn.Config(
            create_api(app_state, clients, origins, connections=connections, host=address.host),
            http=connections.protocol(),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=max(1, round(settings.serve.drain)),
            **tls,
        )
        say(f"Listening at {address.url} (reference: {address.url}/docs). Ctrl-C ends it.")
        telling = asyncio.create_task(_tell_ready(app, say))
        try:
            with _ended_by_signals(server := _Server(config), limiter, say):
                door = beside(app_state) if beside is not None else contextlib.nullcontext()
                async with answer_others(app), door:
                    await server.serve([listening])
            telling.cancel()
            if await limiter.drain(0 if server.force_exit else 1):
                say(f"{limiter.inside} turns are left unfinished; sent again with their key, they go on.")
                logging.shutdown()
                os._exit(0)
        finally:
            telling.cancel()
            await app.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours, see `_ended_by_signals`."""
        yield


@contextlib.contextmanager
def _ended_by_signals(server: uvicorn.Server, limiter: ConcurrencyLimiter, say: Say) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def end() -> None:
        if server.should_exit:
            server.force_exit = True
            return
        server.should_exit = limiter.draining = True
        say(f"Stopping; {limiter.inside} turns have their answer first." if limiter.inside else "Stopping.")

    signals = (signal.SIGINT, signal.SIGTERM)
    for each in signals:
        loop.add_signal_handler(each, end)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


async def _tell_ready(app: App, say: Say) -> None:
    began = time.monotonic()
    try:
        await app.wait_ready()
        say(f"Ready after {time.monotonic() - began:.1f} s.")
    except UserError as error:
        say(f"Not ready: {error}")
