"""Transcripts as subtitles: SubRip (srt) and WebVTT."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.types import Transcript

__all__ = ["cues", "srt", "vtt"]

LONGEST = 7.0
"""seconds that a subtitle stays"""
WIDEST = 84
"""characters of a subtitle: two lines of 42"""

Cue = tuple[float, float, str]


def cues(heard: Transcript) -> list[Cue]:
    """Start and end in seconds and text of each subtitle: the words where they are known, else the stretches."""
    if not heard.words:
        return list(heard.segments)
    glue = "" if len(heard.words) > 1 and " " not in heard.text else " "
    found: list[Cue] = []
    for start, end, word in heard.words:
        last = found[-1] if found else None
        if last and end - last[0] <= LONGEST and len(last[2]) + len(word) < WIDEST and last[2][-1] not in ".?!。？！":
            found[-1] = last[0], end, f"{last[2]}{glue}{word}"
        else:
            found.append((start, end, word))
    return found


def srt(heard: Transcript) -> str:
    """As SubRip."""
    return "\n".join(_srt(heard))


def _srt(heard: Transcript) -> Iterator[str]:
    for number, (start, end, text) in enumerate(cues(heard), 1):
        yield f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{text}\n"


def vtt(heard: Transcript) -> str:
    """As WebVTT; characters that are markup there are escaped."""
    blocks = (
        f"{_clock(start, '.')} --> {_clock(end, '.')}\n{text.replace('&', '&amp;').replace('<', '&lt;')}\n"
        for start, end, text in cues(heard)
    )
    return "WEBVTT\n\n" + "\n".join(blocks)


def _clock(seconds: float, point: str) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}{point}{whole % 1000:03}"
