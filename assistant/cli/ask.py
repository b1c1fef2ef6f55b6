"""``assistant ask``: one question, one answer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.standard_input import read_bytes, read_text, text_beside
from assistant.errors import InputError
from assistant.terminal.error_boundary import show_log

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.terminal.opening import Screen
    from assistant.types import Turn

__all__ = ["ask", "read_question"]

ALOUD = "-"
"""``--speak`` without a file"""
PIPE = "-"
"""a file that is standard input"""
LARGEST = 200_000_000
"""bytes of a picture or a recording on standard input"""


@click.command()
@click.argument("text", required=False)
@click.option(
    "--image",
    "-i",
    "images",
    multiple=True,
    metavar="FILE",
    help="Show a picture; may be repeated; - for standard input.",
)
@click.option("--audio", "-a", metavar="FILE", help="Play a recording; - for standard input.")
@click.option("--session", "-s", metavar="NAME", help="Go on with this conversation; a new one by default.")
@click.option("--continue", "-c", "go_on", is_flag=True, help="Go on with the latest conversation.")
@click.option(
    "--speak",
    is_flag=False,
    flag_value=ALOUD,
    metavar="[FILE.wav]",
    help="Say the answer aloud, or write it to a sound file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option("--alone", is_flag=True, help="Load the models here, even if a running assistant could answer.")
@click.option("--verbose", "-v", is_flag=True, help="Show what decided and how long it took, and the log.")
@click.pass_context
def ask(
    ctx: click.Context,
    text: str | None,
    images: tuple[str, ...],
    audio: str | None,
    session: str | None,
    go_on: bool,
    speak: str | None,
    as_json: bool,
    alone: bool,
    verbose: bool,
) -> None:
    """Ask one question, with pictures and a recording if you like.

    TEXT is what you ask; "-", or nothing at all, reads it from a pipe. Text that comes through a pipe beside it belongs
    to the question: `cat letter.txt | assistant ask "complain about this"`.
    """
    if verbose:
        show_log()
    if speak not in (None, ALOUD) and not str(speak).lower().endswith((".wav", ".flac", ".ogg")):
        if text is not None:
            raise click.UsageError(f"--speak writes .wav, .flac or .ogg files, not {speak!r}.", ctx)
        text, speak = speak, ALOUD  # `--speak "what is this"`: the words were meant as TEXT
    if session and go_on:
        raise click.UsageError("Give --session or --continue, not both.", ctx)
    session = session or (_latest_session() if go_on else None)
    words, pictures, recording = read_question(ctx, text, images, audio)
    if speak is None and not alone:
        from assistant.terminal.answer_socket import ask_running

        code = ask_running(words, pictures, recording, session, as_json=as_json, detailed=verbose)
        if code is not None:
            ctx.exit(code)
    from assistant.encoders.pieces import read_tokenizer_ahead

    read_tokenizer_ahead()
    from assistant.settings import load_settings
    from assistant.terminal.asking import read_turn

    _answer(read_turn(load_settings(), words, pictures, recording, session), speak, as_json, verbose)


def read_question(
    ctx: click.Context, text: str | None, images: tuple[str, ...], audio: str | None
) -> tuple[str, list[str | bytes], str | bytes | None]:
    """What a command line means: its words, with those that come through a pipe, pictures and recording.

    Files are returned by name, and what comes on standard input as its content. Raises `UsageError` for nothing.
    """
    piped = [*images, audio].count(PIPE) + (text == PIPE)
    if piped > 1:
        raise click.UsageError("Standard input can be one thing only: the text, one --image or the --audio.", ctx)
    if text == PIPE or (text is None and not images and not audio and not sys.stdin.isatty()):
        text = read_text()
    elif text and text.strip() and not piped and (more := text_beside(text).strip()):
        text = f"{text}\n{more}"
    if not (text and text.strip()) and not images and not audio:
        raise click.UsageError("There is nothing to ask: give a text, an --image or an --audio file.", ctx)
    pictures = [read_bytes(LARGEST, "a picture") if image == PIPE else image for image in images]
    return text or "", pictures, read_bytes(LARGEST, "a recording") if audio == PIPE else audio


def _latest_session() -> str:
    from contextlib import closing

    from assistant.settings import load_settings
    from assistant.storage import Database, History

    with closing(Database(load_settings().storage_url)) as database:
        latest = History(database).sessions()[:1]
    if not latest:
        raise InputError("There is no conversation to go on with yet: ask without --continue first.")
    return latest[0].session


def _answer(turn: Turn, speak: str | None, as_json: bool, verbose: bool) -> None:
    from contextlib import ExitStack

    from assistant.terminal.asking import show_answer
    from assistant.terminal.live_text import LiveText
    from assistant.terminal.opening import run_with_app
    from assistant.terminal.render import make_console

    async def work(app: App, screen: Screen) -> None:
        consoles, detailed = (screen.console(), make_console(stderr=True)), verbose or app.settings.terminal.details
        with ExitStack() as stack:
            live = None if as_json else stack.enter_context(LiveText(app.bus, turn, consoles[0], screen.clear))
            result = await app.respond(turn)
            screen.show(lambda: show_answer(result, *consoles, as_json=as_json, detailed=detailed, live=live))
        if speak not in (None, ALOUD):
            screen.say("Speaking")
            await app.voice.say(result.reply, Path(str(speak)))
        if speak == ALOUD:
            await app.voice.say(result.reply)

    run_with_app(work, {"text", *turn.present}, turn.utterance)
