"""Announces the server by mDNS, so that Home Assistant offers it by itself."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import AsyncIterator, Callable

from assistant.server.server import Address, is_loopback

__all__ = ["announced", "own_address"]

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
    host = own_address() if address.host in ("0.0.0.0", "::") else address.host
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


def own_address() -> str:
    """The address under which others on the network reach this machine; "" without a network."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe, contextlib.suppress(OSError):
        probe.connect(("224.0.0.251", 1))  # nothing is sent
        return str(probe.getsockname()[0])
    return ""
