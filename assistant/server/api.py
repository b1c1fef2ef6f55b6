"""The application: routes, errors and authentication, around one open assistant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from starlette.types import ASGIApp

from assistant import __version__
from assistant.server.app_state import AppState
from assistant.server.authentication import Authentication, HostCheck, Quotas
from assistant.server.connections import Connections, SlowClients
from assistant.server.error_responses import install_error_responses
from assistant.server.metrics import Observed
from assistant.server.openai_api import openai_routers
from assistant.server.routes.events import events
from assistant.server.routes.library import library
from assistant.server.routes.sessions import sessions
from assistant.server.routes.speech import speech
from assistant.server.routes.state import state
from assistant.server.routes.turns import turns
from assistant.server.tokens import Clients
from assistant.server.web import add_page

__all__ = ["create_api"]

DESCRIPTION = (
    "An assistant that listens, looks and reads. Every address but /healthz, /readyz and this page needs the header "
    "Authorization: Bearer TOKEN. Sessions belong to the token's client; no other can see them. Every error is JSON "
    "with error, what_to_do and code."
)


def create_api(
    app_state: AppState,
    clients: Clients,
    origins: Sequence[str] = (),
    closing: Callable[[], Awaitable[None]] | None = None,
    connections: Connections | None = None,
    host: str = "",
) -> ASGIApp:
    """The application that a server runs; `closing` is awaited when it stops, after the last response.

    It is reached by the name `host`, and asked by pages of `origins` (CORS), besides those of the settings.
    `connections` are the server's own; None where another program, such as Ray's proxy, holds them.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI):  # type: ignore[no-untyped-def]
        app_state.app.start_loading()
        yield
        if closing is not None:
            await closing()

    api = FastAPI(
        title="Assistant",
        description=DESCRIPTION,
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        dependencies=[Depends(HTTPBearer(auto_error=False, description="The client's token."))],
    )
    api.state.app_state = app_state
    add_page(api)
    install_error_responses(api)
    for router in (turns, sessions, events, speech, library, state, *openai_routers):
        api.include_router(router)
    serve, limiter = app_state.settings.serve, app_state.turn_service.limiter
    inner: ASGIApp = Quotas(api, serve.requests_a_minute, connections)
    inner = Authentication(inner, clients, int(serve.max_megabytes * 1e6))
    inner = SlowClients(inner, serve.stall, lambda: limiter.draining, connections)
    if asking := (*serve.origins, *origins):
        from starlette.middleware.cors import CORSMiddleware

        # Outside the authentication: a browser's preflight carries no token.
        inner = CORSMiddleware(inner, list(asking), allow_methods=["*"], allow_headers=["*"])
    inner = HostCheck(inner, (*serve.hosts, host), asking)
    return Observed(inner, app_state.metrics, log=serve.json_log)
