"""Text from documents: plain text, code, PDF, office files, books, mail and archives of them, place by place."""

from __future__ import annotations

import csv
import io
import json
import quopri
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import PurePosixPath

from assistant.errors import InputError, TextError
from assistant.inputs.extracted import FORMATS, IN_PARTS, check_archive, read_extracted, read_parts
from assistant.inputs.image_file import load_picture
from assistant.inputs.pdf_file import read_pdf
from assistant.inputs.section import Section, decode_text, row_texts
from assistant.inputs.web_page import read_book, read_page
from assistant.types import Picture

__all__ = [
    "DOCUMENT_ENDINGS",
    "DOCUMENT_NAMES",
    "IN_PARTS",
    "MOST_BYTES",
    "Section",
    "read_mail",
    "read_mailbox",
    "read_sections",
]

MOST_BYTES = 200_000_000
"""largest file opened"""
MOST_CHARACTERS = 20_000_000
"""longest text taken from one file"""
MOST_WITHIN = 5_000
"""files of an archive that are read"""
DEEPEST = 3
"""files within files: a document in an archive in a mail"""

PLAIN = frozenset(
    """.txt .text .md .markdown .rst .log .org .adoc .tex .bib .srt .vtt .vcf .ics .yaml .yml .toml .ini .cfg .conf .env
    .properties .xml .svg .opml .xsd .css .scss .less .js .mjs .cjs .jsx .ts .tsx .vue .py .pyi .pyx .rb .php .pl .lua
    .sh .bash .zsh .fish .bat .ps1 .sql .r .jl .m .c .h .cc .cpp .cxx .hpp .hh .cs .java .kt .kts .scala .go .rs .swift
    .dart .hs .ml .ex .exs .erl .clj .el .lisp .vim .tf .proto .graphql .cmake .gradle .diff .patch .make .mk .nix .zig
    """.split()  # noqa: SIM905
)
"""endings of files that are read as they are"""
ATTACHED = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif", ".heic", ".avif"))
"""endings of pictures within a mail, which may be scans"""
MEGAPIXELS, LONGEST = 60.0, 3000
"""largest picture within a file, million pixels, and pixels of its longer side once it is opened"""
_JSON = frozenset((".json", ".jsonl", ".ndjson", ".geojson"))
_TABLES = frozenset((".csv", ".tsv"))
_MAIL = frozenset((".eml", ".mbox", ".mht", ".mhtml"))
_PAGES = frozenset((".fb2", ".htm", ".html", ".xhtml"))

DOCUMENT_ENDINGS = frozenset({".epub", ".pdf", ".zip", *PLAIN, *_JSON, *_TABLES, *_MAIL, *_PAGES, *FORMATS})
"""endings of files that are read, in lower case"""
DOCUMENT_NAMES = frozenset(("readme", "license", "copying", "authors", "changelog", "makefile", "dockerfile", "todo"))
"""names without an ending that are read as plain text, in lower case"""

EXTRA = "pip install 'multimodal-assistant[library]'"


def read_sections(content: bytes, name: str, *, parts_only: bool = False) -> Iterator[Section]:
    """Reads the text of a file: the ending of its name, one of `DOCUMENT_ENDINGS` or `DOCUMENT_NAMES`, says how.

    Yields its sections in order, those that hold nothing left out; a page that is a picture comes as that. With
    `parts_only` an office file is read without its tables' shape, which a hostile one makes endless.

    Raises:
        TextError: one line saying what is wrong with the file.
    """
    if not content:
        raise TextError(f"{name} is empty (0 bytes)")
    characters = 0
    try:
        for section in read_parts(content, name) if parts_only else _read(content, name, 0):
            section = section.cleaned()
            characters += len(section.text)
            if characters > MOST_CHARACTERS:
                raise TextError(f"{name} holds more than {MOST_CHARACTERS:,} characters; split it", too_large=True)
            if section.text.strip() or section.missing or section.picture is not None:
                yield section
    except (TextError, MemoryError):
        raise
    except ImportError as error:
        raise TextError(f"{name} needs a package that is not installed: {EXTRA}") from error
    except Exception as error:  # parsers of foreign formats raise whatever they please
        reason = " ".join(str(error).split()) or type(error).__name__
        raise TextError(f"{name} is damaged or cannot be read: {reason[:200]}") from error


def _read(content: bytes, name: str, depth: int) -> Iterator[Section]:
    ending = PurePosixPath(name).suffix.lower()
    if ending in PLAIN or (not ending and name.lower() in DOCUMENT_NAMES):
        text = decode_text(content, name, declares=ending in (".xml", ".svg"))
        return iter([Section(_QUOTED_VALUE.sub(_unquoted, text) if ending == ".vcf" else text)])
    if ending in _JSON:
        return iter([Section(_unescaped(decode_text(content, name)))])
    if ending in _TABLES:
        return _rows(decode_text(content, name), ending)
    if ending in _PAGES:
        return iter([Section(read_page(decode_text(content, name, declares=True)))])
    if ending == ".epub":
        check_archive(content, name)
        return read_book(content, name)
    if ending in FORMATS:
        return read_extracted(content, name, ending)
    if ending == ".pdf":
        return read_pdf(content, name)

    def within(content: bytes, inner: str) -> Iterator[Section]:
        return _within(content, inner, depth + 1)

    if ending in (".eml", ".mht", ".mhtml"):
        return read_mail(content, name, within)
    if ending == ".mbox":
        return read_mailbox(content, name, within)
    if ending == ".zip":
        return _archive(content, name, depth)
    raise TextError(f"{name} is not a document of a kind that can be read")


def _within(content: bytes, name: str, depth: int) -> Iterator[Section]:
    """Reads a file within another; an error is reported, and the rest goes on."""
    if depth > DEEPEST:
        yield Section(missing=f"{name} (too deep within other files)")
        return
    try:
        if PurePosixPath(name).suffix.lower() in ATTACHED:
            image = load_picture(io.BytesIO(content), name, MEGAPIXELS).image
            image.thumbnail((LONGEST, LONGEST))
            yield Section(picture=Picture(image, name))
            return
        yield from _read(content, name, depth)
    except MemoryError:
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, InputError) else f"{name} is damaged or cannot be read"
        yield Section(missing=" ".join(reason.split())[:200])


def _rows(text: str, ending: str) -> Iterator[Section]:
    """A table's rows, each on its own; those of numbers alone are left out."""
    head = text.partition("\n")[0]
    separator = "\t" if ending == ".tsv" else max(",;\t|", key=head.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    for number, row in enumerate(row_texts(rows), 1):
        yield Section(row if any(map(str.isalpha, row)) else "", f"row {number}")


_QUOTED_VALUE = re.compile(r"^([^:\n]*QUOTED-PRINTABLE[^:\n]*:)((?:.*=\r?\n)*.*)", re.MULTILINE | re.IGNORECASE)
"""what telephones write into the cards of contacts"""


def _unquoted(found: re.Match[str]) -> str:
    return found[1] + quopri.decodestring(found[2].encode()).decode(errors="replace")


def _unescaped(text: str) -> str:
    r"""JSON with its characters written out, where they are escapes (\u6771)."""
    if "\\u" not in text:
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        return "\n".join(map(_line, text.splitlines()))


def _line(line: str) -> str:
    try:
        return json.dumps(json.loads(line), ensure_ascii=False)
    except (ValueError, RecursionError):
        return line


def _archive(content: bytes, name: str, depth: int) -> Iterator[Section]:
    """The documents in a zip archive; its other files are reported as unread."""
    others: list[str] = []
    unpacked = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        for entry in entries[:MOST_WITHIN]:
            inner = PurePosixPath(entry.filename)
            unpacked += entry.file_size
            if unpacked > MOST_BYTES:
                yield Section(
                    missing=f"all from {inner} on: together they unpack to more than {MOST_BYTES / 1e6:.0f} MB"
                )
                return
            if entry.flag_bits & 1:
                yield Section(missing=f"{inner} (protected by a password)")
            elif inner.suffix.lower() in DOCUMENT_ENDINGS or inner.name.lower() in DOCUMENT_NAMES:
                for section in _within(archive.read(entry), inner.name, depth + 1):
                    yield replace(section, place=", ".join(filter(None, (str(inner), section.place))))
            else:
                others.append(str(inner))
        if others:
            named = ", ".join(others[:5]) + ", …" * (len(others) > 5)
            yield Section(missing=f"{len(others)} of its files, of other kinds ({named})")
        if len(entries) > MOST_WITHIN:
            yield Section(missing=f"{len(entries) - MOST_WITHIN} files beyond the first {MOST_WITHIN}")


HEADERS = ("From", "To", "Cc", "Date", "Subject")
Reader = Callable[[bytes, str], Iterator[Section]]
"""reads a file within another: its content and its name"""

_BEGINS = re.compile(rb"^From [^\n]*\n", re.MULTILINE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def read_mail(content: bytes, name: str, read: Reader, place: str = "") -> Iterator[Section]:
    """The headers, the text and, by `read`, the attachments of a message; `place` is where it stands within a file."""
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    headers = [f"{header}: {message[header]}" for header in HEADERS if message[header]]
    body = message.get_body(("plain", "html"))
    text = _text(body, name) if isinstance(body, EmailMessage) else ""
    page = message.get_body(("html",))
    if isinstance(page, EmailMessage) and page is not body:  # the plain words are often a stub
        known = set(text.split())
        more = [line for line in _text(page, name).splitlines() if not known.issuperset(line.split())]
        text = "\n".join([text, *more])
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


def _text(part: EmailMessage, name: str) -> str:
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
    return read_page(text)


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
