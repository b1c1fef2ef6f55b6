"""``assistant listen``: the voice assistant in the foreground; recordings may stand in for the microphone."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.types import AudioClip
    from assistant.voice.loop import VoiceLoop

__all__ = ["listen", "record"]

FILES = click.option(
    "--audio-file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Listen to a recording instead of the microphone; may be given several times.",
)
SESSION = click.option("--session", default="", help="Conversation to continue; for recordings a new one by default.")


@click.command()
@FILES
@click.option("--realtime", is_flag=True, help="Read recordings in real time instead of as fast as possible.")
@click.option("--json", "as_json", is_flag=True, help="Print each event as a line of JSON.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write spoken replies there as WAV files.")
@click.option("--replay", type=click.Path(path_type=Path), metavar="FILE", help="Listen to a recorded session again.")
@SESSION
@click.option("--service", is_flag=True, hidden=True, help="As the systemd unit runs it: no view, signs of life.")
def listen(
    files: tuple[Path, ...],
    realtime: bool,
    as_json: bool,
    out: Path | None,
    replay: Path | None,
    session: str,
    service: bool,
) -> None:
    """Listen for the wake word and answer aloud, until Ctrl-C.

    With recordings, it prints each event with its second in the recording.
    """
    from assistant.voice.event_lines import sound_of

    files = (*files, sound_of(replay)) if replay else files
    if out and not files:
        raise click.UsageError("--out needs --audio-file: without recordings replies go to the loudspeaker.")
    _run(files, session, realtime=realtime, as_json=as_json, replies=out, service=service)


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="File of events, .jsonl.")
@FILES
@SESSION
def record(out: Path, files: tuple[Path, ...], session: str) -> None:
    """Listen, and record the session for replay.

    It answers as `assistant listen` does and writes every event for `assistant listen --replay`. The sound is kept
    beside the events, as FILE with the ending .wav; it may hold other people's voices.
    """
    _ask_before_overwriting(out)
    _run(files, session, events=out)


def _ask_before_overwriting(path: Path) -> None:
    """Asks whether a session that is there may be recorded over; without a terminal it may not."""
    from assistant.errors import InputError
    from assistant.voice.event_lines import sound_of

    there = [each.name for each in (path, sound_of(path)) if each.exists()]
    if not there:
        return
    if not sys.stdin.isatty():
        raise InputError(
            f"{' and '.join(there)} in {path.parent} would be lost; choose another name, or delete it first"
        )
    click.confirm(f"Record over {' and '.join(there)}?", abort=True, err=True)


def _run(files: tuple[Path, ...], session: str, **options: Any) -> None:
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # what plugins print is not an event
        asyncio.run(_listen(stdout, files, session, **options))


async def _listen(
    stdout: TextIO,
    files: tuple[Path, ...],
    session: str,
    *,
    realtime: bool = False,
    as_json: bool = False,
    replies: Path | None = None,
    events: Path | None = None,
    service: bool = False,
) -> None:
    from assistant.types import new_id
    from assistant.voice.backend import AppBackend, loop_over_recordings
    from assistant.voice.event_lines import EventPrinter
    from assistant.voice.foreground import listen_live

    settings = load_settings()
    if not files:
        await listen_live(
            settings,
            stdout,
            session=session,
            as_json=as_json,
            service=service,
            around=lambda app, loop: _recording(app, loop, events),
        )
        return
    clips, session = _read(settings, files), session or f"listen-{new_id()}"
    async with AppBackend.open(settings) as (app, backend):
        loop = loop_over_recordings(
            clips, backend, app.bus, settings, session=session, realtime=realtime, replies=replies
        )
        app.bus.listen(EventPrinter(stdout, lambda: loop.clock.now, as_json=as_json))
        with _recording(app, loop, events):
            await loop.run()


@contextlib.contextmanager
def _recording(app: App, loop: VoiceLoop, path: Path | None) -> Iterator[None]:
    if path is None:
        yield
        return
    from assistant.events import Notice
    from assistant.voice.event_lines import SessionRecorder

    recorder = SessionRecorder(path, lambda: loop.clock.now, lambda text: app.bus.publish(Notice(text=text)))
    forget = app.bus.listen(recorder)
    loop.on_chunk = recorder.write_sound
    try:
        yield
    finally:
        forget()
        recorder.close()


def _read(settings: Settings, files: tuple[Path, ...]) -> Iterator[AudioClip]:
    from assistant.inputs.audio_file import read_audio

    # The first file is read before anything is opened, so that a wrong name fails at once.
    first = read_audio(files[0], settings.speech.max_minutes)
    rest = (read_audio(file, settings.speech.max_minutes) for file in files[1:])

    def each() -> Iterator[AudioClip]:
        yield first
        yield from rest

    return each()
