"""Listens for Wyoming clients, and announces the server by mDNS, so that Home Assistant finds it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence

from assistant.errors import SettingsError
from assistant.server.app_state import AppState
from assistant.server.server import Address, is_loopback, listen_at, own_address
from assistant.server.wyoming.connection import Connection
from assistant.server.wyoming.events import LINE, Peer

__all__ = ["announced", "serving_wyoming"]


logger = logging.getLogger(__name__)

CONNECTIONS = 64
"""clients at once; the next is closed"""

Say = Callable[[str], None]


@contextlib.asynccontextmanager
async def serving_wyoming(
    here: AppState, address: Address, clients: Sequence[str] = (), say: Say = lambda text: None
) -> AsyncIterator[Address]:
    """Serves Wyoming clients for the length of an ``async with``; `say` gets a line with the address.

    The protocol has no token: besides this machine, only these `clients` may connect, addresses or networks.

    Raises:
        SettingsError: it cannot listen there, or listens for others and names none.
    """
    networks = _networks(clients)
    if not is_loopback(address.host) and not networks:
        raise SettingsError(
            "Wyoming has no token: name who may connect with --client ADDRESS, or in the setting wyoming.clients."
        )
    listening, address = listen_at(address)
    open_now: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        peer = writer.get_extra_info("peername") or ("",)
        try:
            if len(open_now) < CONNECTIONS and _allowed(peer[0], networks):
                open_now.add(task)
                await Connection(here, Peer(reader, writer, here.settings.serve.stall)).run()
        except asyncio.CancelledError:
            pass
        except Exception:
            logger.exception("a Wyoming client's connection failed")
        finally:
            open_now.discard(task)
            writer.close()

    server = await asyncio.start_server(accept, sock=listening, limit=LINE)
    async with server, announced(address, say):
        say(f"Wyoming at tcp://{address.host}:{address.port}")
        try:
            yield address
        finally:
            server.close()
            for task in open_now:
                task.cancel()
            await asyncio.gather(*open_now, return_exceptions=True)


def _networks(clients: Sequence[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    try:
        return [ipaddress.ip_network(client, strict=False) for client in clients]
    except ValueError as error:
        raise SettingsError(
            f"{error}: a client is an address such as 192.168.1.10, or a network 192.168.1.0/24."
        ) from error


def _allowed(peer: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    if is_loopback(peer):
        return True
    with contextlib.suppress(ValueError):
        found = ipaddress.ip_address(peer)
        mapped = getattr(found, "ipv4_mapped", None)
        return any((mapped or found) in network for network in networks)
    return False


KIND = "_wyoming._tcp.local."


@contextlib.asynccontextmanager
async def announced(address: Address, say: Callable[[str], None]) -> AsyncIterator[None]:
    """Announces the server for the length of an ``async with``; one that only this machine reaches is not announced."""
    if is_loopback(address.host):
        yield
        return
    try:
        from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf
    except ImportError:
        say("Home Assistant will not find it by itself: pip install zeroconf")
        yield
        return
    machine = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname().partition(".")[0]) or "assistant"
    host = own_address() if address.everywhere else address.host
    if not host:
        say("Home Assistant will not find it by itself: this machine has no network.")
        yield
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    packed = socket.inet_pton(family, host)
    server = f"{machine}-assistant.local."
    info = AsyncServiceInfo(KIND, f"assistant-{machine}.{KIND}", addresses=[packed], port=address.port, server=server)
    zeroconf = AsyncZeroconf()
    try:
        await zeroconf.async_register_service(info, allow_name_change=True)
        yield
    finally:
        await zeroconf.async_unregister_all_services()
        await zeroconf.async_close()
