"""Logs the page in: a link that works once, exchanged for a cookie that scripts cannot read.

Both are signed with the client's token, so that every replica knows them; which links were used is in the database.
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

from assistant.server.error_responses import ErrorResponse
from assistant.server.tokens import Clients

__all__ = ["CODE_SECONDS", "COOKIE_SECONDS", "WebLogin", "cookie_name", "serves_page", "socket_refusal"]

CODE_SECONDS = 300.0
"""seconds for which a link may be opened"""
COOKIE_SECONDS = 30 * 86_400
"""seconds after which the page asks for a new link"""
PAGE = "/web"
OPEN = frozenset({"/", "/v1/web/login"})
"""addresses besides the page's files that are served without a token: they hold no one's data"""


def serves_page(path: str) -> bool:
    """Returns whether an address is served without a token: it belongs to the page and holds no one's data."""
    return path in OPEN or path == PAGE or path.startswith(f"{PAGE}/")


def cookie_name(host: str) -> str:
    """The cookie of one host and port; browsers send cookies of all ports of a host to each."""
    port = urlsplit(f"//{host}").netloc.rpartition(":")[2] if ":" in host.rpartition("]")[2] else ""
    return f"assistant-{port}" if port.isdigit() else "assistant"


class WebLogin:
    """Links that work once, and the cookies that they are exchanged for."""

    def __init__(self, clients: Clients, clock: Callable[[], float] = time.time) -> None:
        self._clients, self._clock = clients, clock

    def new_code(self, client: str) -> str:
        """The secret of a new link for a client."""
        return self._signed(client, CODE_SECONDS, "link")

    def client_of_code(self, code: str) -> str | None:
        """Returns the client of a login link; None if it is too old or invalid. The caller has it used only once."""
        return self._checked(code, "link")

    def cookie(self, client: str, host: str) -> str:
        """The cookie that a link is exchanged for."""
        return self._signed(client, COOKIE_SECONDS, f"at {host.lower()}")

    def _signed(self, client: str, seconds: float, purpose: str) -> str:
        text = f"{client}.{secrets.token_urlsafe(16)}.{int(self._clock() + seconds)}"
        return f"{text}.{self._clients.sign(client, f'{text} {purpose}')}"

    def _checked(self, signed: str, purpose: str) -> str | None:
        """The client that it was signed for; None when it was not, or when its time is over."""
        text, _, signature = signed.rpartition(".")
        client = text.rsplit(".", 2)[0]
        expected = self._clients.sign(client, f"{text} {purpose}")
        if not expected or not hmac.compare_digest(signature.encode(), expected.encode()):
            return None
        return client if int(text.rpartition(".")[2]) > self._clock() else None

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
        return self._checked(held.value, f"at {host}") if held else None


def _same_site(method: str, headers: Headers, host: str, origin: str | None) -> bool:
    """Returns whether a request comes from a page of this very host and port, or from the address line."""
    if origin is not None:
        return urlsplit(origin).netloc.lower() == host
    site = headers.get("sec-fetch-site")
    return site in ("same-origin", "none") if site is not None else method in ("GET", "HEAD")


def socket_refusal(headers: Headers) -> ErrorResponse:
    """Why a WebSocket without a client may not open."""
    error = "This token is not known here." if "authorization" in headers else "This needs a token."
    if "cookie" in headers and "authorization" not in headers:
        error = "Only the assistant's own page, logged in, may use its cookie."
    return ErrorResponse(401, "no_token", error, "Send the header: Authorization: Bearer TOKEN")
