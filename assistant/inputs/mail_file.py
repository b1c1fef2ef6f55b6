"""Mail: single messages and boxes of them, with what is attached."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from assistant.inputs.charset import decode_text
from assistant.inputs.section import Section

__all__ = ["read_mail", "read_mailbox"]

HEADERS = ("From", "To", "Cc", "Date", "Subject")
Reader = Callable[[bytes, str], Iterator[Section]]
"""reads a file within another: its content and its name"""

_BEGINS = re.compile(rb"^From [^\n]*\n", re.MULTILINE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def read_mail(content: bytes, name: str, read: Reader, place: str = "") -> Iterator[Section]:
    """The headers, the text and the attachments of a message.

    Args:
        read: reads an attachment.
        place: where the message stands; "" where it is the whole file.
    """
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    headers = [f"{header}: {message[header]}" for header in HEADERS if message[header]]
    body = message.get_body(("plain", "html"))
    text = _text(body, name, read) if isinstance(body, EmailMessage) else ""
    yield Section("\n".join([*headers, "", text]), place)
    for number, part in enumerate(message.iter_attachments() if message.is_multipart() else (), 1):
        if isinstance(part, EmailMessage):
            yield from _attached(part, number, read, place)


def read_mailbox(content: bytes, name: str, read: Reader) -> Iterator[Section]:
    """The messages of an mbox file in order."""
    first, *messages = _BEGINS.split(content)
    if first.strip() or not messages:
        raise ValueError("it does not begin as a mailbox does")
    for number, message in enumerate(messages, 1):
        yield from read_mail(_QUOTED.sub(rb"\1", message), name, read, f"message {number}")


def _text(part: EmailMessage, name: str, read: Reader) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        text = content.decode(charset)
    except (UnicodeDecodeError, LookupError):
        text = decode_text(content, name)
    if part.get_content_subtype() != "html":
        return text
    return "\n".join(section.text for section in read(text.encode(), f"{name}.html"))


def _attached(part: EmailMessage, number: int, read: Reader, place: str) -> Iterator[Section]:
    content = part.get_content() if part.get_content_type() == "message/rfc822" else part.get_payload(decode=True)
    name = part.get_filename() or f"attachment {number}{'' if isinstance(content, bytes) else '.eml'}"
    content = content.as_bytes() if isinstance(content, EmailMessage) else content
    if not isinstance(content, bytes):
        return
    for section in read(content, name):
        where = ", ".join(filter(None, (place, f"attachment {name}", section.place)))
        missing = section.missing
        if missing and name not in missing:
            missing += f" of attachment {name}"
        yield replace(section, place=where, missing=missing)
