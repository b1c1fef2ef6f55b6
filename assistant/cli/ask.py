"""``assistant ask``: one question, one answer."""

from __future__ import annotations

import io
import os
import select
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.errors import InputError, TextError
from assistant.terminal.error_boundary import show_log

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.terminal.opening import Screen
    from assistant.types import Turn

__all__ = ["ask", "read_bytes", "read_question", "read_text", "text_beside"]

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
@click.option("--session", "-s", metavar="NAME", help="Continue this conversation; by default a new one.")
@click.option("--continue", "-c", "go_on", is_flag=True, help="Continue the latest conversation.")
@click.option(
    "--speak",
    is_flag=False,
    flag_value=ALOUD,
    metavar="[FILE.wav]",
    help="Speak the answer, or write it to a sound file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option("--alone", is_flag=True, help="Load the models here, even if a running assistant could answer.")
@click.option("--verbose", "-v", is_flag=True, help="Show what decided, how long each stage took, and the log.")
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

    TEXT is the question; "-", or no TEXT, reads it from a pipe. Piped text beside TEXT belongs to the question:
    `cat letter.txt | assistant ask "complain about this"`.
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
    from assistant.terminal.opening import read_turn

    _answer(read_turn(load_settings(), words, pictures, recording, session), speak, as_json, verbose)


def read_question(
    ctx: click.Context, text: str | None, images: tuple[str, ...], audio: str | None
) -> tuple[str, list[str | bytes], str | bytes | None]:
    """Read the question of a command line: its words with those of a pipe, pictures and recording.

    Files are returned by name, and what comes on standard input as its content. Raises `UsageError` for nothing.
    """
    piped = [*images, audio].count(PIPE) + (text == PIPE)
    if piped > 1:
        raise click.UsageError("Standard input can hold only one of: the text, one --image, the --audio.", ctx)
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
        raise InputError("There is no conversation to continue yet: ask without --continue first.")
    return latest[0].session


def _answer(turn: Turn, speak: str | None, as_json: bool, verbose: bool) -> None:
    from contextlib import ExitStack

    from assistant.terminal.live_text import LiveText
    from assistant.terminal.opening import run_with_app, show_answer
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


PATIENCE = 0.5
"""seconds after which a silent pipe beside an argument is waited for only if the argument can wait"""


def read_bytes(most: int, what: str) -> bytes:
    """All of standard input, which should hold `what`; `InputError` when it is a terminal, empty or longer than `most`
    bytes.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(f"“-” reads {what} from standard input: redirect a file to it, or name the file.")
    content = sys.stdin.buffer.read(most + 1)
    if not content or len(content) > most:
        wrong = "nothing came" if not content else f"more than {most // 1_000_000:,} MB came"
        raise InputError(f"{wrong[0].upper()}{wrong[1:]} on standard input, where “-” expects {what}.")
    return content


def read_text(max_chars: int | None = None) -> str:
    """All of standard input as text; a `TextError` when it is not UTF-8, or longer than the settings allow."""
    if max_chars is None:
        from assistant.settings import load_settings  # slow to import and rarely needed

        max_chars = load_settings().text.max_chars
    data = sys.stdin.buffer.read(4 * max_chars + 4)
    if len(data) > 4 * max_chars:
        raise TextError(f"The text is too long; the limit is {max_chars:,} characters. Send the part that matters.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TextError("The text is not UTF-8; convert it first, such as with iconv -t utf-8.") from error


def text_beside(argument: str, max_chars: int | None = None) -> str:
    """Read standard input beside a text given as argument; "" for nothing. Raises `TextError`.

    An emergency in the argument does not wait for a pipe that stays silent.
    """
    if not _is_piped():
        return ""
    if _silent() and _is_urgent(argument):
        return ""
    return read_text(max_chars)


def _is_piped() -> bool:
    """Returns whether standard input is a pipe or a file, and not a terminal, nothing, or a device."""
    if sys.stdin is None or sys.stdin.closed:
        return False
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, io.UnsupportedOperation):
        return not sys.stdin.isatty()
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _silent() -> bool:
    try:
        ready, _, _ = select.select([sys.stdin], [], [], PATIENCE)
    except (OSError, ValueError, io.UnsupportedOperation):
        return False
    if not ready:
        click.echo("Reading standard input; Ctrl-C stops, </dev/null leaves it out.", err=True)
    return not ready


def _is_urgent(words: str) -> bool:
    from assistant.folders import shipped_dir
    from assistant.safety import SafetyChecks

    checks = SafetyChecks(shipped_dir("plugins"))
    try:
        checks.wait()
        return checks.check(words) is not None
    finally:
        checks.close()
