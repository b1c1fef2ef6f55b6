"""The application: routes, errors and the door, around one open assistant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from starlette.types import ASGIApp

from assistant import __version__
from assistant.app import App
from assistant.serving.desk import Desk
from assistant.serving.doorkeeper import Doorkeeper
from assistant.serving.house import House
from assistant.serving.metrics import Metrics
from assistant.serving.problems import install_problems
from assistant.serving.routes.sessions import sessions
from assistant.serving.routes.speech import speech
from assistant.serving.routes.state import state
from assistant.serving.routes.turns import turns
from assistant.serving.tokens import Clients

__all__ = ["create_api", "create_house"]

DESCRIPTION = (
    "An assistant that listens, looks and reads. Every address but /healthz, /readyz and this page needs the header "
    "Authorization: Bearer TOKEN. Sessions belong to the token's client; no other can see them. Every error is JSON "
    "with error, what_to_do and code."
)


def create_house(app: App, labels: dict[str, str] | None = None) -> House:
    """What the routes use.

    Args:
        app: an open assistant.
        labels: put on every metric, such as the replica's name.
    """
    metrics = Metrics(labels)
    return House(app, app.settings, Desk(app, app.settings, metrics), metrics)


def create_api(
    house: House, clients: Clients, origins: Sequence[str] = (), closing: Callable[[], Awaitable[None]] | None = None
) -> ASGIApp:
    """The application that a server runs.

    Args:
        house: what the routes use.
        clients: who may ask.
        origins: web pages of other origins that may ask (CORS), such as "https://app.example"; none by default.
        closing: awaited when the server stops, after the last response.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI):  # type: ignore[no-untyped-def]
        house.app.start_loading()
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
    api.state.house = house
    install_problems(api)
    for router in (turns, sessions, speech, state):
        api.include_router(router)
    inner: ASGIApp = Doorkeeper(api, clients, int(house.settings.serve.max_megabytes * 1e6), house.metrics)
    if origins:
        from starlette.middleware.cors import CORSMiddleware

        # Outside the door: a browser's preflight carries no token.
        inner = CORSMiddleware(inner, list(origins), allow_methods=["*"], allow_headers=["*"])
    return inner
