"""``assistant transcribe``: transcribes recordings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import DeadlineExceeded, QueueFull, UserError
from assistant.terminal.opening import Screen, run_with_app
from assistant.terminal.render import printable

if TYPE_CHECKING:
    from assistant.app import App

__all__ = ["transcribe"]


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the time of each segment.")
def transcribe(files: tuple[str, ...], as_json: bool) -> None:
    """Transcribe recordings."""

    async def work(app: App, screen: Screen) -> bool:
        entries = []
        for file in files:
            screen.say(f"Listening to {file}")
            entries.append(await _entry(app, file))
            if not as_json:
                screen.show(lambda: _show(entries[-1], several=len(files) > 1))
        if as_json:
            screen.show(lambda: click.echo(json.dumps(entries, ensure_ascii=False, indent=2)))
        return any(entry["error"] for entry in entries)

    if run_with_app(work, {"audio"}):
        raise SystemExit(1)


async def _entry(app: App, file: str) -> dict[str, Any]:
    from assistant.inputs.audio_file import read_audio
    from assistant.terminal.background import in_background

    entry: dict[str, Any] = {"file": file, "error": None}
    try:
        clip = await in_background(read_audio, file, app.settings.speech.max_minutes)
        transcript = await app.transcribe(clip)
    except (UserError, DeadlineExceeded, QueueFull) as error:
        return entry | {"error": str(error)}
    segments = [{"start": start, "end": end, "text": text} for start, end, text in transcript.segments]
    return entry | {
        "text": transcript.text,
        "language": transcript.language,
        "seconds": round(clip.duration, 3),
        "rejected": transcript.rejected or None,
        "doubtful": transcript.doubtful or None,
        "segments": segments,
    }


def _show(entry: dict[str, Any], *, several: bool) -> None:
    if entry["error"]:
        click.echo(f"Error: {printable(entry['error'])}", err=True)
        return
    text = printable(entry["text"]) or f"(nothing was said{': ' + entry['rejected'] if entry['rejected'] else ''})"
    if entry["doubtful"]:
        text = f"{printable(entry['text'])} (not sure: {printable(entry['doubtful'])})".strip()
    click.echo(f"{entry['file']}: {text}" if several else text)
