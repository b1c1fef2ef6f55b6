"""``assistant ask``: one question, one answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.errors import TextError
from assistant.settings import load_settings
from assistant.terminal.opening import run_with_app
from assistant.terminal.render import make_console, printable, show_result

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.settings import Settings
    from assistant.terminal.opening import Screen
    from assistant.types import Turn, TurnResult

__all__ = ["ask", "read_question"]

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
@click.pass_context
def ask(
    ctx: click.Context,
    text: str | None,
    images: tuple[str, ...],
    audio: str | None,
    session: str | None,
    speak: str | None,
    as_json: bool,
) -> None:
    """Ask one question, with pictures and a recording if you like.

    TEXT is what you ask; "-", or nothing at all, reads it from a pipe.
    """
    if speak not in (None, ALOUD) and not str(speak).lower().endswith((".wav", ".flac", ".ogg")):
        if text is not None:
            raise click.UsageError(f"--speak writes .wav, .flac or .ogg files, not {speak!r}.", ctx)
        text, speak = speak, ALOUD  # `--speak "what is this"`: the words were meant as TEXT
    _answer(read_question(ctx, text, images, audio, session or _new_session()), speak, as_json)


def read_question(
    ctx: click.Context, text: str | None, images: tuple[str, ...], audio: str | None, session: str
) -> Turn:
    """The turn that a command line means: its words (from a pipe where there are none), pictures and recording.

    Raises:
        UsageError: there is nothing in it.
        UserError: a file or the pipe cannot be read.
    """
    settings = load_settings()
    if text == "-" or (text is None and not images and not audio and not sys.stdin.isatty()):
        text = _read_pipe(settings.text.max_chars)
    if not (text and text.strip()) and not images and not audio:
        raise click.UsageError("There is nothing to ask: give a text, an --image or an --audio file.", ctx)
    return _turn(settings, text or "", images, audio, session)


def _new_session() -> str:
    from assistant.types import new_id

    # One question is one conversation: what an earlier one left open must not swallow this one.
    return f"ask-{new_id()}"


def _read_pipe(max_chars: int) -> str:
    data = sys.stdin.buffer.read(4 * max_chars + 4)
    if len(data) > 4 * max_chars:
        raise TextError(f"The text is too long: {max_chars:,} characters are taken. Send the part that matters.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TextError("The text is not UTF-8; convert it first, such as with iconv -t utf-8.") from error


def _turn(settings: Settings, text: str, images: tuple[str, ...], audio: str | None, session: str) -> Turn:
    from assistant.inputs.assembler import clean_text
    from assistant.inputs.audio_file import read_audio
    from assistant.inputs.image_file import read_picture
    from assistant.types import Turn

    text = clean_text(text, settings.text.max_chars)
    pictures = tuple(read_picture(image, settings.vision.max_megapixels) for image in images)
    clip = read_audio(audio, settings.speech.max_minutes) if audio else None
    return Turn(session=session, text=text, images=pictures, audio=clip)


def _answer(turn: Turn, speak: str | None, as_json: bool) -> None:
    async def work(app: App, screen: Screen) -> None:
        result = await app.respond(turn)
        if speak not in (None, ALOUD):
            screen.say("Speaking")
            await app.say(result.reply, Path(str(speak)))
        screen.show(lambda: _show(result, as_json))
        if speak == ALOUD:
            await app.say(result.reply)

    run_with_app(work, {"text", *turn.present}, turn.utterance)


def _show(result: TurnResult, as_json: bool) -> None:
    if not as_json:
        show_result(result, make_console(), notices=make_console(stderr=True))
        if result.reply.follow_up:
            click.echo(f"(Answer with: assistant ask --session {result.turn.session} …)", err=True)
        return
    click.echo(json.dumps(result.to_json(), ensure_ascii=False, indent=2))
    for notice in result.notices:
        click.echo(f"Note: {printable(notice)}", err=True)
