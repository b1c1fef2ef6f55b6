"""``assistant listen``: the voice assistant in the foreground; recordings may stand in for the microphone."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from assistant.messages import AudioClip
    from assistant.settings import Settings

__all__ = ["listen"]


@click.command()
@click.option(
    "--audio-file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Listen to a recording instead of the microphone; may be given several times.",
)
@click.option("--realtime", is_flag=True, help="Play recordings as long as they last; otherwise as fast as possible.")
@click.option("--json", "as_json", is_flag=True, help="Print each event as a line of JSON.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write spoken replies there as WAV files.")
@click.option("--session", default="", help="Conversation to go on with; a new one for recordings by default.")
@click.option("--service", is_flag=True, hidden=True, help="As the systemd unit runs it: no view, signs of life.")
def listen(
    files: tuple[Path, ...], realtime: bool, as_json: bool, out: Path | None, session: str, service: bool
) -> None:
    """Listen for the wake word, answer aloud, until Ctrl-C.

    With recordings, everything that happens is printed with the second of the recording at which it does.
    """
    from assistant.settings import load_settings

    settings, stdout = load_settings(), sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # what plugins print is no event
        if not files:
            from assistant.daemon.foreground import listen_live

            asyncio.run(listen_live(settings, stdout, session=session, as_json=as_json, service=service))
            return
        asyncio.run(_listen_to_files(settings, files, realtime, as_json, out, session, stdout))


async def _listen_to_files(
    settings: Settings,
    files: tuple[Path, ...],
    realtime: bool,
    as_json: bool,
    out: Path | None,
    session: str,
    stdout: TextIO,
) -> None:
    from assistant.app import App
    from assistant.daemon.building import loop_over_recordings
    from assistant.daemon.house import AppHouse
    from assistant.daemon.telling import EventPrinter
    from assistant.messages import new_id

    clips = _read(settings, files)
    app = await App.open(settings)
    house = AppHouse(app)
    try:
        loop = loop_over_recordings(
            clips, house, app.bus, settings, session=session or f"listen-{new_id()}", realtime=realtime, replies=out
        )
        app.bus.listen(EventPrinter(stdout, lambda: loop.clock.now, as_json=as_json))
        await loop.run()
    finally:
        await house.close()
        await app.close()


def _read(settings: Settings, files: tuple[Path, ...]) -> Iterator[AudioClip]:
    from assistant.inputs.audio_file import read_audio

    # The first is read before anything is opened: a wrong name is told at once.
    first = read_audio(files[0], settings.speech.max_minutes)
    rest = (read_audio(file, settings.speech.max_minutes) for file in files[1:])

    def each() -> Iterator[AudioClip]:
        yield first
        yield from rest

    return each()
