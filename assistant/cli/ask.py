"""``assistant ask``: one question, one answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.standard_input import read_bytes, read_text, text_beside
from assistant.errors import InputError
from assistant.terminal.error_boundary import show_log

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.settings import Settings
    from assistant.terminal.opening import Screen
    from assistant.types import AudioClip, Picture, Turn, TurnResult

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
    session = session or (_latest_session() if go_on else _new_session())
    _answer(read_question(ctx, text, images, audio, session), speak, as_json, verbose)


def read_question(
    ctx: click.Context, text: str | None, images: tuple[str, ...], audio: str | None, session: str
) -> Turn:
    """The turn that a command line means: its words, those that come through a pipe, pictures and recording.

    Raises:
        UsageError: there is nothing in it.
        UserError: a file or the pipe cannot be read.
    """
    from assistant.settings import load_settings

    settings = load_settings()
    piped = [*images, audio].count(PIPE) + (text == PIPE)
    if piped > 1:
        raise click.UsageError("Standard input can be one thing only: the text, one --image or the --audio.", ctx)
    if text == PIPE or (text is None and not images and not audio and not sys.stdin.isatty()):
        text = read_text(settings.text.max_chars)
    elif text and text.strip() and not piped and (more := text_beside(text, settings.text.max_chars).strip()):
        text = f"{text}\n{more}"
    if not (text and text.strip()) and not images and not audio:
        raise click.UsageError("There is nothing to ask: give a text, an --image or an --audio file.", ctx)
    return _turn(settings, text or "", images, audio, session)


def _new_session() -> str:
    from assistant.types import new_id

    # One question is one conversation: what an earlier one left open must not swallow this one.
    return f"ask-{new_id()}"


def _latest_session() -> str:
    from contextlib import closing

    from assistant.settings import load_settings
    from assistant.storage import Database, History

    with closing(Database(load_settings().storage_url)) as database:
        latest = History(database).sessions()[:1]
    if not latest:
        raise InputError("There is no conversation to go on with yet: ask without --continue first.")
    return latest[0].session


def _turn(settings: Settings, text: str, images: tuple[str, ...], audio: str | None, session: str) -> Turn:
    from assistant.inputs.assembler import clean_text
    from assistant.types import Turn

    text = clean_text(text, settings.text.max_chars)
    pictures = tuple(_picture(image, settings.vision.max_megapixels) for image in images)
    clip = _clip(audio, settings.speech.max_minutes) if audio else None
    return Turn(session=session, text=text, images=pictures, audio=clip)


def _picture(name: str, max_megapixels: float) -> Picture:
    from assistant.inputs.image_file import decode_picture, read_picture

    if name == PIPE:
        return decode_picture(read_bytes(LARGEST, "a picture"), "standard input", max_megapixels)
    return read_picture(name, max_megapixels)


def _clip(name: str, max_minutes: float) -> AudioClip:
    from assistant.inputs.audio_file import decode_audio, read_audio

    if name == PIPE:
        return decode_audio(read_bytes(LARGEST, "a recording"), "standard input", max_minutes)
    return read_audio(name, max_minutes)


def _answer(turn: Turn, speak: str | None, as_json: bool, verbose: bool) -> None:
    from assistant.terminal.opening import run_with_app

    async def work(app: App, screen: Screen) -> None:
        result = await app.respond(turn)
        if speak not in (None, ALOUD):
            screen.say("Speaking")
            await app.say(result.reply, Path(str(speak)))
        detailed = verbose or app.settings.terminal.details
        screen.show(lambda: _show(result, as_json, detailed))
        if speak == ALOUD:
            await app.say(result.reply)

    run_with_app(work, {"text", *turn.present}, turn.utterance)


def _show(result: TurnResult, as_json: bool, detailed: bool) -> None:
    from assistant.terminal.render import make_console, printable, show_result

    if not as_json:
        show_result(result, make_console(), notices=make_console(stderr=True), detailed=detailed)
        if result.reply.follow_up:
            click.echo(f"(Answer with: assistant ask --session {result.turn.session} …)", err=True)
        return
    click.echo(json.dumps(result.to_json(), ensure_ascii=False, indent=2))
    for notice in result.notices:
        click.echo(f"Note: {printable(notice)}", err=True)
