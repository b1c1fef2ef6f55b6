"""Turns a tool's result into a reply: whole on the screen, brief in speech. It is data and never obeyed."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any

from .tools import Tool, one_line

if TYPE_CHECKING:
    from mcp.types import CallToolResult

__all__ = ["LONGEST", "plain_result", "spoken"]

LONGEST = 18_000
"""characters that are shown"""
LONGEST_SPEECH = 240
LARGEST_PICTURE = 5_000_000
"""bytes"""
MOST_PICTURES = 4
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)


def plain_result(result: CallToolResult) -> dict[str, Any]:
    """A result as plain values: its text, its pictures in base64, and whether the tool failed."""
    texts: list[str] = []
    pictures: list[str] = []
    blocks: list[Any] = list(result.content)
    for block in blocks:
        kind = block.type
        if kind == "text":
            texts.append(block.text)
        elif kind == "image" and len(pictures) < MOST_PICTURES and _is_picture(block.data):
            pictures.append(block.data)
        elif kind == "resource":
            texts.append(getattr(block.resource, "text", None) or f"[{block.resource.uri}]")
        elif kind == "resource_link":
            texts.append(f"[{block.name}: {block.uri}]")
        else:
            texts.append(f"[{kind}]")
    if not any(text.strip() for text in texts) and result.structured_content is not None:
        texts = [json.dumps(result.structured_content, ensure_ascii=False, indent=1)]
    text = _ESCAPES.sub("", "\n".join(texts).replace("\r\n", "\n")).strip()
    return {"text": text[: LONGEST * 10], "size": len(text), "pictures": pictures, "failed": bool(result.is_error)}


def _is_picture(data: str) -> bool:
    if len(data) > LARGEST_PICTURE * 4 / 3:
        return False
    try:
        head = base64.b64decode(data[:64] + "=" * (-len(data[:64]) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF"))


def spoken(text: str, tool: Tool, *, chinese: bool) -> str:
    """The first sentences of a text, or that there is an answer to read where it is none to say."""
    first = text.strip().split("\n\n")[0]
    if first[:1] in "{[<|" or re.search(r"https?://|[{}|<>]{1}.*[{}|<>]", first):
        return f"{tool.shown}的结果在屏幕上。" if chinese else f"The result of {tool.shown} is on the screen."
    said = ""
    for sentence in re.split(r"(?<=[.!?。！？])\s*", one_line(first, 2_000)):
        if said and len(said) + len(sentence) > LONGEST_SPEECH:
            break
        said = f"{said} {sentence}".strip()
    return one_line(said, 2 * LONGEST_SPEECH)
