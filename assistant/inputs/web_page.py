"""Text of web pages and of books made of them, with the standard library's parser.

kreuzberg leaves out the text of every `div`, header, footer or list of terms that stands beside a paragraph.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

from assistant.errors import TextError
from assistant.inputs.section import Section, decode_text, row_texts

__all__ = ["read_book", "read_page"]

SKIPPED = frozenset(("script", "style", "template", "noscript", "binary"))
"""elements whose content no reader shows; the last holds the pictures of a FictionBook"""
INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike
    strong sub sup time tt u var wbr ruby rb rp math mi mn mo tspan img input""".split()  # noqa: SIM905
)
"""elements that go on within a line; every other begins a paragraph"""
CLOSE = frozenset(("br", "li", "tr", "dt", "dd", "option", "figcaption", "caption", "legend", "summary", "rt"))
"""elements that begin a line of the same paragraph"""
HEADINGS = ("h1", "h2", "h3")
LONGEST_HEADING = 80
"""characters of a heading that names a part of a book"""
SHOWN_VALUES = frozenset(("", "text", "email", "tel", "url", "number", "date", "search"))
"""types of fields whose value is shown"""


def read_page(text: str) -> str:
    """The text of a web page as it would be shown, its title first; every row of a table on a line."""
    return _Page(text).shown()


class _Table:
    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.in_cell = False


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.title = self.heading = ""
        self._texts: list[list[str]] = [[]]
        """the page's, and that of every open cell"""
        self._tables: list[_Table] = []
        self._skipped = self._as_it_is = 0
        self._begun: dict[str, int] = {}
        """open title or heading → where its text begins"""
        self.feed(text)
        self.close()
        while self._tables:
            self._end_table()

    def shown(self) -> str:
        text = _lines("".join(self._texts[0]))
        return text if not self.title or text.startswith(self.title) else f"{self.title}\n\n{text}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._skipped += tag in SKIPPED
        self._break(tag)
        self._as_it_is += tag in ("pre", "textarea")
        if tag == "table":
            self._tables.append(_Table())
        elif self._tables and tag in ("tr", "td", "th"):
            self._end_cell()
            if tag == "tr" or not self._tables[-1].rows:
                self._tables[-1].rows.append([])
            if tag != "tr":
                self._tables[-1].in_cell = True
                self._texts.append([])
        elif tag in ("title", *HEADINGS):
            self._begun[tag] = len(self._texts[-1])
        elif tag == "img":
            self._say(f" {given.get('alt', '')} ")
        elif tag == "input" and given.get("type", "").lower() in SHOWN_VALUES:
            self._say(f" {given.get('value', '')} ")

    def handle_endtag(self, tag: str) -> None:
        self._skipped = max(self._skipped - (tag in SKIPPED), 0)
        self._as_it_is = max(self._as_it_is - (tag in ("pre", "textarea")), 0)
        if tag == "table" and self._tables:
            self._end_table()
        elif self._tables and tag in ("td", "th", "tr"):
            self._end_cell()
        elif (begun := self._begun.pop(tag, None)) is not None:
            self._named(tag, begun)
        self._break(tag)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:  # <![anything]>: browsers take it for a comment
            return self.parse_bogus_comment(i)

    def handle_data(self, data: str) -> None:
        self._say(data if self._as_it_is else re.sub(r"\s+", " ", data))

    def _say(self, text: str) -> None:
        if not self._skipped:
            self._texts[-1].append(text)

    def _break(self, tag: str) -> None:
        if tag not in INLINE:
            self._say("\n" if tag in CLOSE else "\n\n")

    def _named(self, tag: str, begun: int) -> None:
        text = " ".join("".join(self._texts[-1][begun:]).split())
        if tag != "title":
            self.heading = self.heading or text
        elif not self.title and not self._tables:
            self.title = text
            del self._texts[-1][begun:]

    def _end_cell(self) -> None:
        table = self._tables[-1]
        if table.in_cell:
            table.rows[-1].append(_lines("".join(self._texts.pop())))
            table.in_cell = False

    def _end_table(self) -> None:
        self._end_cell()
        rows = self._tables.pop().rows
        laid_out = any("\n" in cell for row in rows for cell in row)  # a table that only arranges a page
        lines = (cell for row in rows for cell in row) if laid_out else row_texts(rows)
        self._texts[-1] += ["\n\n", "\n".join(filter(None, lines)), "\n\n"]


def _lines(text: str) -> str:
    """The text with its lines trimmed, and at most one empty line between two."""
    lines = "\n".join(re.sub(r"[^\S\n]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def read_book(content: bytes, name: str) -> Iterator[Section]:
    """The parts of an EPUB in the order of reading, each under its first heading; encrypted parts are reported."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = {posixpath.normpath(each.filename): each.filename for each in book.infolist()}
        container = ElementTree.fromstring(book.read("META-INF/container.xml"))
        root = next((each.get("full-path", "") for each in container.iter() if _kind(each) == "rootfile"), "")
        if not root:
            raise TextError(f"{name} is damaged: it does not say what is in it")
        opened, folder = ElementTree.fromstring(book.read(root)), posixpath.dirname(root)
        title = next((each.text or "" for each in opened.iter() if _kind(each) == "title"), "").strip()
        if title:
            yield Section(title)
        files = {each.get("id"): each.get("href", "") for each in opened.iter() if _kind(each) == "item"}
        order = [files.get(each.get("idref"), "") for each in opened.iter() if _kind(each) == "itemref"]
        locked = _locked(book, names)
        missing = []
        for number, href in enumerate(order, 1):
            path = posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))
            if path not in names or path in locked:
                missing.append(f"part {number} ({'encrypted' if path in locked else 'not in the file'})")
                continue
            page = _Page(decode_text(book.read(names[path]), name, declares=True))
            place = page.heading if 0 < len(page.heading) <= LONGEST_HEADING else f"part {number}"
            yield Section(page.shown(), place)
        yield from (Section(missing=each) for each in missing)


def _kind(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _locked(book: zipfile.ZipFile, names: dict[str, str]) -> set[str]:
    """Files of a book that its seller encrypted."""
    if "META-INF/encryption.xml" not in names:
        return set()
    tree = ElementTree.fromstring(book.read("META-INF/encryption.xml"))
    return {unquote(each.get("URI", "")) for each in tree.iter() if _kind(each) == "CipherReference"}
