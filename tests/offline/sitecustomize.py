"""Refuses every socket that leaves this machine, in this Python and in those that it starts.

``pytest --offline`` puts this folder first on ``PYTHONPATH``; Python imports a module of this name when it begins. Each
attempt is written to the file that ``OFFLINE_ATTEMPTS`` names, so that none is swallowed.
"""

from __future__ import annotations

import ipaddress
import os
import sys
import traceback
from typing import Any

EVENTS = frozenset(
    f"socket.{call}" for call in ("connect", "getaddrinfo", "gethostbyaddr", "gethostbyname", "sendmsg", "sendto")
)


def _is_local(host: object) -> bool:
    if not isinstance(host, (str, bytes)):
        return True  # none, or the number of a local socket
    name = host.decode(errors="replace") if isinstance(host, bytes) else host
    if name in ("", "localhost", "ip6-localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _target(event: str, args: tuple[Any, ...]) -> object:
    """The host that a call names; None for sockets of this machine, whose addresses are paths."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        return args[0]
    address = args[1] if event != "socket.gethostbyaddr" else args
    return address[0] if isinstance(address, tuple) and address else None


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event not in EVENTS:
        return
    host = _target(event, args)
    if _is_local(host):
        return
    with open(os.environ["OFFLINE_ATTEMPTS"], "a", encoding="utf-8") as file:
        where = " < ".join(f"{each.filename}:{each.lineno}" for each in reversed(traceback.extract_stack()[-12:-1]))
        file.write(f"{event} {host!r} during {os.environ.get('PYTEST_CURRENT_TEST', '?')}: {where}\n")
    raise OSError(f"{host!r} is not on this machine, and pytest --offline refuses all others")


if "OFFLINE_ATTEMPTS" in os.environ and "of_pytest_offline" not in sys.__dict__:
    sys.__dict__["of_pytest_offline"] = True  # once, whether it is imported by Python or by pytest
    sys.addaudithook(_refuse)
