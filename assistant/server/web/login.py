"""Logs the page in: a link that works once, exchanged for a cookie that scripts cannot read.

The cookie names its client, the host it was made for and its end, signed by the client's token: it survives a restart,
ends with the token, and works at no other host or port. It counts only for requests of the page itself.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from assistant.server.error_responses import ErrorResponse
from assistant.server.tokens import Clients

__all__ = ["CODE_SECONDS", "COOKIE_SECONDS", "WebLogin", "cookie_name", "refuse_socket", "serves_page"]

CODE_SECONDS = 300.0
"""seconds for which a link may be opened"""
COOKIE_SECONDS = 30 * 86_400
"""seconds after which the page asks for a new link"""
MOST_CODES = 64
"""links that wait to be opened; of more, the oldest no longer work"""
PAGE = "/web"
OPEN = frozenset({"/", "/v1/web/login"})
"""besides the page's files, what is served without a token: they hold nothing of anybody"""


def serves_page(path: str) -> bool:
    """Whether an address is served without a token, because it is the page's own and holds nothing of anybody."""
    return path in OPEN or path == PAGE or path.startswith(f"{PAGE}/")


def cookie_name(host: str) -> str:
    """The cookie of one host and port; browsers send cookies of all ports of a host to each."""
    port = urlsplit(f"//{host}").netloc.rpartition(":")[2] if ":" in host.rpartition("]")[2] else ""
    return f"assistant-{port}" if port.isdigit() else "assistant"


class WebLogin:
    """Links that work once, and the cookies that they are exchanged for."""

    def __init__(self, clients: Clients, clock: Callable[[], float] = time.time) -> None:
        self._clients, self._clock = clients, clock
        self._codes: dict[str, tuple[str, float]] = {}

    def new_code(self, client: str) -> str:
        """The secret of a new link for a client."""
        now = self._clock()
        self._codes = {code: held for code, held in self._codes.items() if held[1] > now}
        while len(self._codes) >= MOST_CODES:
            del self._codes[next(iter(self._codes))]
        code = secrets.token_urlsafe(32)
        self._codes[code] = (client, now + CODE_SECONDS)
        return code

    def exchange(self, code: str, host: str) -> str | None:
        """The cookie for a link's secret, which works no more; None when it did not work."""
        client, ends = self._codes.pop(code, ("", 0.0))
        if not client or ends <= self._clock():
            return None
        text = f"{client}.{int(self._clock()) + COOKIE_SECONDS}"
        return f"{text}.{self._clients.sign(client, f'{text} {host.lower()}')}"

    def sign(self, client: str, text: str) -> str:
        """A signature that shows a client later that a text came from here."""
        return self._clients.sign(client, f"seen {text}")

    def client_of(self, method: str, headers: Headers) -> str | None:
        """The client that the page's cookie names, if the request comes from the page itself."""
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        if "cookie" not in headers or not _same_site(method, headers, host, origin):
            return None
        try:
            held = SimpleCookie(headers["cookie"]).get(cookie_name(host))
        except CookieError:
            return None
        text, _, signature = (held.value if held else "").rpartition(".")
        client, _, ends = text.rpartition(".")
        expected = self._clients.sign(client, f"{text} {host}")
        if not expected or not hmac.compare_digest(signature.encode(), expected.encode()):
            return None
        return client if ends.isdigit() and int(ends) > self._clock() else None


def _same_site(method: str, headers: Headers, host: str, origin: str | None) -> bool:
    """Whether a request comes from a page of this very host and port, or from the address line."""
    if origin is not None:
        return urlsplit(origin).netloc.lower() == host
    site = headers.get("sec-fetch-site")
    return site in ("same-origin", "none") if site is not None else method in ("GET", "HEAD")


async def refuse_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a WebSocket that has no token with 401 and the reason, before it opens."""
    headers = Headers(scope=scope)
    error = "This token is not known here." if "authorization" in headers else "This needs a token."
    if "cookie" in headers and "authorization" not in headers:
        error = "Only the assistant's own page, logged in, may use its cookie."
    refused = ErrorResponse(401, "no_token", error, "Send the header: Authorization: Bearer TOKEN")
    if "websocket.http.response" in scope.get("extensions", {}):
        await refused.response()(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": error})
