"""``assistant ask``: one question, one answer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.errors import TextError

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.terminal.opening import Screen
    from assistant.types import Turn

__all__ = ["ask", "read_text"]

ALOUD = "-"
"""``--speak`` without a file"""


@click.command()
@click.argument("text", required=False)
@click.option("--image", "-i", "images", multiple=True, metavar="FILE", help="Show a picture; may be repeated.")
@click.option("--audio", "-a", metavar="FILE", help="Play a recording.")
@click.option("--session", "-s", metavar="NAME", help="Go on with this conversation; a new one by default.")
@click.option(
    "--speak",
    is_flag=False,
    flag_value=ALOUD,
    metavar="[FILE.wav]",
    help="Say the answer aloud, or write it to a sound file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option(
    "--alone", is_flag=True, help="Load the models here, also when an assistant is running that could answer."
)
@click.pass_context
def ask(
    ctx: click.Context,
    text: str | None,
    images: tuple[str, ...],
    audio: str | None,
    session: str | None,
    speak: str | None,
    as_json: bool,
    alone: bool,
) -> None:
    """Ask one question, with pictures and a recording if you like.

    TEXT is what you ask; "-", or nothing at all, reads it from a pipe.
    """
    if speak not in (None, ALOUD) and not str(speak).lower().endswith((".wav", ".flac", ".ogg")):
        if text is not None:
            raise click.UsageError(f"--speak writes .wav, .flac or .ogg files, not {speak!r}.", ctx)
        text, speak = speak, ALOUD  # `--speak "what is this"`: the words were meant as TEXT
    words = read_text(ctx, text, images, audio)
    if speak is None and not alone:
        from assistant.terminal.answer_socket import ask_running

        if (code := ask_running(words, images, audio, session, as_json=as_json)) is not None:
            ctx.exit(code)
    from assistant.settings import load_settings
    from assistant.terminal.asking import read_turn

    _answer(read_turn(load_settings(), words, images, audio, session), speak, as_json)


def read_text(ctx: click.Context, text: str | None, images: tuple[str, ...], audio: str | None) -> str:
    """The words of a command line: from a pipe where there are none.

    Raises:
        UsageError: there is nothing to ask.
        UserError: the pipe cannot be read.
    """
    if text == "-" or (text is None and not images and not audio and not sys.stdin.isatty()):
        text = _read_pipe()
    if not (text and text.strip()) and not images and not audio:
        raise click.UsageError("There is nothing to ask: give a text, an --image or an --audio file.", ctx)
    return text or ""


def _read_pipe() -> str:
    from assistant.settings import load_settings

    max_chars = load_settings().text.max_chars
    data = sys.stdin.buffer.read(4 * max_chars + 4)
    if len(data) > 4 * max_chars:
        raise TextError(f"The text is too long: {max_chars:,} characters are taken. Send the part that matters.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TextError("The text is not UTF-8; convert it first, such as with iconv -t utf-8.") from error


def _answer(turn: Turn, speak: str | None, as_json: bool) -> None:
    from assistant.terminal.asking import show_answer
    from assistant.terminal.opening import run_with_app
    from assistant.terminal.render import make_console

    async def work(app: App, screen: Screen) -> None:
        result = await app.respond(turn)
        if speak not in (None, ALOUD):
            screen.say("Speaking")
            await app.say(result.reply, Path(str(speak)))
        screen.show(lambda: show_answer(result, make_console(), make_console(stderr=True), as_json=as_json))
        if speak == ALOUD:
            await app.say(result.reply)

    run_with_app(work, {"text", *turn.present}, turn.utterance)
