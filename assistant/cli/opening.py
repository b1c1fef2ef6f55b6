"""The assistant for the length of one command."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.repl.spinner import Spinner
    from assistant.settings import Settings

__all__ = ["opened", "run_with_app"]

T = TypeVar("T")


@contextlib.asynccontextmanager
async def opened(settings: Settings, *, models: bool = True) -> AsyncIterator[tuple[App, Spinner]]:
    """The open assistant, and the spinner on stderr that says what it is doing.

    Args:
        settings: how it is set up.
        models: also wait until typed turns can be answered.
    """
    from assistant.repl.loading import Loader, open_app
    from assistant.repl.render import make_console
    from assistant.repl.spinner import Spinner

    loader = Loader(lambda: open_app(settings), settings)
    try:
        with Spinner(make_console(stderr=True), loader.doing) as spinner:
            loader.changed = lambda: spinner.say(loader.doing) if loader.doing else None
            app = await (loader.ready() if models else loader.opened())
            spinner.follow(app.bus)
            yield app, spinner
    finally:
        await loader.close()


def run_with_app(work: Callable[[App, Spinner], Awaitable[T]], *, models: bool = True) -> T:
    """Open the assistant, do something with it, close it; what plugins print goes to stderr meanwhile.

    Raises:
        UserError: the settings cannot work, or what `work` raises.
    """
    from assistant.settings import load_settings

    settings = load_settings()

    async def run() -> T:
        async with opened(settings, models=models) as (app, spinner):
            return await work(app, spinner)

    with contextlib.redirect_stdout(sys.stderr):
        return asyncio.run(run())
