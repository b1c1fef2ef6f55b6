"""One question for one command: read into a turn, and its answer shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from assistant.settings import Settings
    from assistant.terminal.live_text import LiveText
    from assistant.types import Turn, TurnResult

__all__ = ["read_turn", "show_answer"]

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
