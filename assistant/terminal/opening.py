"""Opens the assistant for one command."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.app import App
    from assistant.settings import Settings
    from assistant.terminal.live_text import LiveText
    from assistant.terminal.spinner import Spinner
    from assistant.types import Modality, Turn, TurnResult

__all__ = ["Screen", "read_turn", "run_with_app", "show_answer"]

T = TypeVar("T")


class Screen:
    """The output of a command: a progress line on stderr, and then the result.

    Results go to `stdout`, whatever plugins do to ``sys.stdout`` meanwhile.
    """

    def __init__(self, spinner: Spinner, stdout: TextIO) -> None:
        self._spinner = spinner
        self._stdout = stdout

    def say(self, text: str) -> None:
        """Show the current step."""
        self._spinner.say(text)
        self._spinner.start()

    def clear(self) -> None:
        """Clear the line."""
        self._spinner.stop()

    def console(self) -> Console:
        """A console on standard output."""
        from assistant.terminal.render import make_console

        with contextlib.redirect_stdout(self._stdout):
            console = make_console()
        console.file = self._stdout
        return console

    def show(self, write: Callable[[], None]) -> None:
        """Clear the line and let `write` print to standard output."""
        self._spinner.stop()
        with contextlib.redirect_stdout(self._stdout):
            write()
            self._stdout.flush()


@contextlib.asynccontextmanager
async def _opened(settings: Settings, needs: Collection[Modality], words: str) -> AsyncIterator[tuple[App, Spinner]]:
    from assistant.terminal.loader import Loader, open_app
    from assistant.terminal.render import make_console
    from assistant.terminal.spinner import Spinner

    loader = Loader(lambda: open_app(settings, ahead=needs), settings, needs)
    try:
        with Spinner(make_console(stderr=True), loader.doing) as spinner:
            loader.changed = lambda: spinner.say(loader.doing) if loader.doing else None
            app = await loader.opened()
            if "text" in needs and app.safety.check(words) is None:  # an emergency needs no weights
                app = await loader.ready()
            spinner.follow(app.bus)
            yield app, spinner
    finally:
        await loader.close()


def run_with_app(work: Callable[[App, Screen], Awaitable[T]], needs: Collection[Modality], words: str = "") -> T:
    """Open the assistant, do something with it, and close it. What plugins print goes to stderr.

    Args:
        needs: the modalities that will be used. With "text" among them, typed turns can be answered.
        words: of the turn that will be answered; when a safety check answers them, no model is waited for.
    """
    from assistant.settings import load_settings

    settings, stdout = load_settings(), sys.stdout

    async def run() -> T:
        async with _opened(settings, needs, words) as (app, spinner):
            return await work(app, Screen(spinner, stdout))

    with contextlib.redirect_stdout(sys.stderr):
        return asyncio.run(run())


INPUT = "standard input"
"""where content without a file came from"""


def read_turn(
    settings: Settings,
    text: str,
    images: Sequence[str | bytes],
    audio: str | bytes | None,
    session: str | None = None,
) -> Turn:
    """The turn of some words, pictures and a recording, which are names of files or their content.

    Args:
        session: None begins a new one, so that what an earlier question left open does not swallow this one.

    Raises:
        UserError: a file cannot be read, or the text is too long.
    """
    from assistant.inputs.assembler import clean_text
    from assistant.inputs.audio_file import decode_audio, read_audio
    from assistant.inputs.image_file import decode_picture, read_picture
    from assistant.types import Turn, new_id

    most, longest = settings.vision.max_megapixels, settings.speech.max_minutes
    pictures = (
        decode_picture(image, INPUT, most) if isinstance(image, bytes) else read_picture(image, most)
        for image in images
    )
    clip = decode_audio(audio, INPUT, longest) if isinstance(audio, bytes) else audio and read_audio(audio, longest)
    return Turn(
        session=session or f"ask-{new_id()}",
        text=clean_text(text, settings.text.max_chars),
        images=tuple(pictures),
        audio=clip or None,
    )


def show_answer(
    result: TurnResult,
    console: Console,
    notices: Console,
    *,
    as_json: bool,
    detailed: bool,
    live: LiveText | None = None,
) -> None:
    """Print the answer of a turn, as `assistant ask` does; see `show_result`."""
    from assistant.terminal.live_text import show_result
    from assistant.terminal.render import printable

    if not as_json:
        show_result(result, console, notices=notices, detailed=detailed, live=live)
        if result.reply.follow_up:
            notices.print(f"(Answer with: assistant ask --session {result.turn.session} …)")
        return
    console.out(json.dumps(result.to_json(), ensure_ascii=False, indent=2), highlight=False)
    for notice in result.notices:
        notices.print(f"Note: {printable(notice)}")
