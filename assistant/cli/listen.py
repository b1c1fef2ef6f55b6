"""``assistant listen``: the voice assistant in the foreground; recordings may stand in for the microphone."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from assistant.settings import load_settings

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.settings import Settings
    from assistant.types import AudioClip
    from assistant.voice.backend import AppBackend
    from assistant.voice.loop import VoiceLoop

__all__ = ["listen", "record"]


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
@click.option("--replay", type=click.Path(path_type=Path), metavar="FILE", help="Listen to a recorded session again.")
@click.option("--session", default="", help="Conversation to go on with; a new one for recordings by default.")
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

    With recordings, everything that happens is printed with the second of the recording at which it does.
    """
    from assistant.voice.recorder import sound_of

    files = (*files, sound_of(replay)) if replay else files
    if out and not files:
        raise click.UsageError("--out needs --audio-file: without recordings replies go to the loudspeaker.")
    _run(_Wishes(files, realtime, as_json, out, session, service=service))


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="File of events, .jsonl.")
@click.option(
    "--audio-file", "files", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help="As listen."
)
@click.option("--session", default="", help="Conversation to go on with; a new one for recordings by default.")
def record(out: Path, files: tuple[Path, ...], session: str) -> None:
    """Listen, and record the session for replay.

    It answers as always, and every event is written down for `assistant listen --replay`. The sound is kept beside the
    events, as FILE with the ending .wav; mind who is to be heard on it.
    """
    _run(_Wishes(files, session=session, record=out))


@dataclass(frozen=True)
class _Wishes:
    """What the user wants."""

    files: tuple[Path, ...]
    realtime: bool = False
    as_json: bool = False
    replies: Path | None = None
    session: str = ""
    record: Path | None = None
    service: bool = False


def _run(wishes: _Wishes) -> None:
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # what plugins print is no event
        asyncio.run(_listen(wishes, stdout))


async def _listen(wishes: _Wishes, stdout: TextIO) -> None:
    from assistant.voice.backend import AppBackend
    from assistant.voice.event_lines import EventPrinter

    settings = load_settings()
    if not wishes.files:
        from assistant.voice.foreground import listen_live

        await listen_live(
            settings,
            stdout,
            session=wishes.session,
            as_json=wishes.as_json,
            service=wishes.service,
            around=lambda app, loop: _recording(app, loop, wishes.record),
        )
        return
    clips = _read(settings, wishes.files)
    async with AppBackend.open(settings) as (app, backend):
        loop = _loop(wishes, clips, app, backend)
        app.bus.listen(EventPrinter(stdout, lambda: loop.clock.now, as_json=wishes.as_json))
        with _recording(app, loop, wishes.record):
            await loop.run()


def _loop(wishes: _Wishes, clips: Iterator[AudioClip], app: App, backend: AppBackend) -> VoiceLoop:
    from assistant.types import new_id
    from assistant.voice.building import loop_over_recordings

    session = wishes.session or f"listen-{new_id()}"
    return loop_over_recordings(
        clips, backend, app.bus, app.settings, session=session, realtime=wishes.realtime, replies=wishes.replies
    )


@contextlib.contextmanager
def _recording(app: App, loop: VoiceLoop, path: Path | None) -> Iterator[None]:
    if path is None:
        yield
        return
    from assistant.events import Notice
    from assistant.voice.recorder import SessionRecorder

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

    # The first is read before anything is opened: a wrong name is told at once.
    first = read_audio(files[0], settings.speech.max_minutes)
    rest = (read_audio(file, settings.speech.max_minutes) for file in files[1:])

    def each() -> Iterator[AudioClip]:
        yield first
        yield from rest

    return each()
