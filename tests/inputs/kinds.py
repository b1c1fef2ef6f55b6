# ruff: noqa: E501  # the formats' own XML
"""Files of many kinds, each with words that must be found in it; each word is named after its place."""

from __future__ import annotations

import json
import mailbox
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from tests.inputs.office_files import book, pack, slides, word

__all__ = ["KINDS", "make_kind"]


def open_document(path: Path, body: str, kind: str, styles: str = "") -> None:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{uri}:1.0"'
        for name, uri in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("draw", "drawing"),
            ("style", "style"),
            ("presentation", "presentation"),
        )
    )
    mime = f"application/vnd.oasis.opendocument.{kind}"
    pack(
        path,
        {
            "mimetype": mime,
            "content.xml": f"<office:document-content {names} office:version='1.2'><office:body>{body}</office:body></office:document-content>",
            "styles.xml": f"<office:document-styles {names}><office:master-styles>{styles}</office:master-styles></office:document-styles>",
            "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
        },
    )


def odt(path: Path) -> None:
    note = '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>footnote ibex</text:p></text:note-body></text:note>'
    remark = "<office:annotation><text:p>comment dugong</text:p></office:annotation>"
    body = (
        f"<office:text><text:h>heading zebra</text:h><text:p>plain lemur{note}{remark}</text:p>"
        "<text:list><text:list-item><text:p>item osprey</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>cell tapir</text:p></table:table-cell></table:table-row></table:table>"
        "<text:p><draw:frame><draw:text-box><text:p>textbox walrus</text:p></draw:text-box></draw:frame></text:p></office:text>"
    )
    header = '<style:master-page style:name="S"><style:header><text:p>header ocelot</text:p></style:header></style:master-page>'
    open_document(path, body, "text", header)


def ods(path: Path) -> None:
    cell = "<table:table-cell office:value-type='string'><text:p>{}</text:p></table:table-cell>"
    table = '<table:table table:name="{}"><table:table-row>{}</table:table-row></table:table>'
    sheets = table.format("One", cell.format("first axolotl")) + table.format("Two", cell.format("second manatee"))
    open_document(path, f"<office:spreadsheet>{sheets}</office:spreadsheet>", "spreadsheet")


def odp(path: Path) -> None:
    frame = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    notes = f"<presentation:notes>{frame.format('notes heron')}</presentation:notes>"
    page = f"<draw:page>{frame.format('plain iguana')}<draw:g>{frame.format('group armadillo')}</draw:g>{notes}</draw:page>"
    open_document(path, f"<office:presentation>{page}</office:presentation>", "presentation")


def odg(path: Path) -> None:
    shapes = "<draw:custom-shape><text:p>{}</text:p></draw:custom-shape><draw:g><draw:rect><text:p>{}</text:p></draw:rect></draw:g>"
    page = f"<draw:page>{shapes.format('shape heron', 'box ibex')}</draw:page>"
    open_document(path, f"<office:drawing>{page}</office:drawing>", "graphics")


def epub(path: Path) -> None:
    chapter = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{}</h1><div>beside</div><p>{}</p></body></html>'
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<dc:title>A book</dc:title></metadata><manifest><item id="a" href="a%20one.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    pack(
        path,
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles><rootfile full-path="OEBPS/c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "OEBPS/c.opf": opf,
            "OEBPS/a one.xhtml": chapter.format("One", "first kestrel"),
            "OEBPS/b.xhtml": chapter.format("Two", "second plover"),
        },
    )


def mail(subject: str, text: str, attachment: str = "", html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Zoë <zoe@example.org>", "a@example.org", subject
    message["Date"] = "Mon, 30 Nov 2026 10:00:00 +0000"
    if text:
        message.set_content(text)
    if html:
        (message.add_alternative if text else message.set_content)(html, subtype="html")
    if attachment:
        message.add_attachment(attachment.encode(), maintype="text", subtype="plain", filename="notes.txt")
    return message


def mbox(path: Path) -> None:
    box = mailbox.mbox(path)
    box.add(mail("first marten", "body vole"))
    box.add(mail("second polecat", "", html="<p>html shrew</p>"))
    box.close()


def notebook(path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# heading zebra\n", "plain lemur"]},
        {
            "cell_type": "code",
            "metadata": {},
            "execution_count": 1,
            "source": ["osprey = 3"],
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["output tapir\n"]}],
        },
    ]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


def archive(path: Path) -> None:
    inner = path.with_name("inner.docx")
    word(inner)
    pack(
        path,
        {"a/readme.txt": "text badger", "b.docx": inner.read_bytes(), "c.csv": "name\nrow otter\n", "d.bin": b"\0\1"},
    )
    inner.unlink()


HTML = (
    "<html><head><title>title stork</title><style>.x{color:red}</style><script>var script='hidden'</script></head><body>"
    "<nav>menu crane</nav><h1>heading zebra</h1><p>plain <b>bold</b> lemur &amp; caf&eacute;</p><ul><li>item osprey</li></ul>"
    "<table><tr><td>cell tapir</td></tr></table><img alt='picture walrus'></body></html>"
)
BLOCKS = (
    "<title>t</title><body><header>head crane</header><p>plain</p><div>div zebra<span hidden></span></div><aside>aside tapir"
    "</aside><dl><dt>term lemur<dd>d</dl><blockquote>quote osprey</blockquote><details><summary>s</summary>detail stork"
    "</details><figure><figcaption>caption gecko</figcaption></figure><table><tr><th>city<th>year<tr><td>Oslo<td>1990"
    "</table><table><tr><td><table><tr><td>box ibex</table><p>two</p></table>free kudu<textarea>typed dugong</textarea>"
    "<svg><text>svg heron</text></svg><script>'<p>hidden'</script><footer>foot walrus</footer>"
)
RTF = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\header header ocelot\par}plain zebra\par M\'fcller \u26481?lemur\par{\*\comment no}{\*\annotation comment dugong}{\shp{\*\shpinst{\sp{\sn shapeType}{\sv 202}}{\shptxt textbox stoat\par}}}\trowd\cellx1000 cell tapir\cell\row}"


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content.encode(encoding)) and None


KINDS: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "word.docx": (
        word,
        (
            *("plain zebra", "splitgecko word", "inserted lemur", "linked osprey", "field quokka", "control giraffe"),
            *("cell outer", "nestedtapir price", "textbox walrus", "header ocelot", "footer badger", "comment dugong"),
            *("footnote ibex", "endnote kudu"),
        ),
    ),
    "slides.pptx": (
        slides,
        (
            *("plain iguana", "group armadillo", "table pangolin", "second ferret", "notes heron", "comment lynx"),
            *("chart marmot", "category walrus", "smartart jackal"),
        ),
    ),
    "book.xlsx": (
        book,
        ("inline axolotl", "1234.5", "shared manatee", "2026", "hidden narwhal", "comment dugong", "textbox stoat"),
    ),
    "text.odt": (
        odt,
        (
            *("heading zebra", "plain lemur", "footnote ibex", "comment dugong", "item osprey", "cell tapir"),
            *("textbox walrus", "header ocelot"),
        ),
    ),
    "sheet.ods": (ods, ("first axolotl", "second manatee")),
    "drawing.odg": (odg, ("shape heron", "box ibex")),
    "slides.odp": (odp, ("plain iguana", "group armadillo", "notes heron")),
    "book.epub": (epub, ("first kestrel", "second plover")),
    "page.html": (
        text(HTML),
        ("title stork", "heading zebra", "lemur & café", "item osprey", "cell tapir", "picture walrus"),
    ),
    "bare.html": (text("<meta charset=utf-8><title>title stork</title><p>plain zebra"), ("title stork", "plain zebra")),
    "blocks.html": (
        text(BLOCKS),
        (
            *("div zebra", "head crane", "aside tapir", "term lemur", "quote osprey", "detail stork", "foot walrus"),
            *("caption gecko", "city: Oslo", "year: 1990", "box ibex", "free kudu", "typed dugong", "svg heron"),
        ),
    ),
    "saved.mhtml": (
        text(
            'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="B"\n\n--B\nContent-Type: text/html; charset=utf-8'
            "\nContent-Transfer-Encoding: quoted-printable\n\n<p>caf=C3=A9 zebra</p><div>saved lemur</div>\n--B--\n"
        ),
        ("café zebra", "saved lemur"),
    ),
    "book.fb2": (
        text(
            "<?xml version='1.0'?><FictionBook><description><book-title>title stork</book-title></description><body><title>"
            "<p>heading zebra</p></title><section><p>plain lemur</p><poem><v>verse osprey</v></poem><table><tr><td>cell tapir"
            "</td></tr></table></section></body><body name='notes'><p>note ibex</p></body><binary>hidden</binary></FictionBook>"
        ),
        ("title stork", "heading zebra", "plain lemur", "verse osprey", "cell tapir", "note ibex"),
    ),
    "old.mht": (text("Subject: page\nContent-Type: text/html\n\n<p>plain zebra</p>"), ("plain zebra",)),
    "card.vcf": (
        text("BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE:J=C3=BCr=\ngen Zebra\nTEL:+49 30 1=2\nEND:VCARD\n"),
        ("Jürgen Zebra", "+49 30 1=2"),
    ),
    "page.htm": (text("<meta charset='windows-1251'><p>Договор аренды", "cp1251"), ("Договор аренды",)),
    "letter.rtf": (
        text(RTF, "ascii"),
        ("plain zebra", "Müller", "東lemur", "cell tapir", "header ocelot", "comment dugong", "textbox stoat"),
    ),
    "mail.eml": (
        lambda path: path.write_bytes(bytes(mail("subject puffin", "body vole Grüße", "attached shrew"))) and None,
        ("subject puffin", "body vole Grüße", "attached shrew", "zoe@example.org"),
    ),
    "both.eml": (
        lambda path: path.write_bytes(bytes(mail("s", "Your mail needs HTML.", html="<div>price lynx</div>"))) and None,
        ("Your mail needs HTML.", "price lynx"),
    ),
    "html.eml": (
        lambda path: path.write_bytes(bytes(mail("日本の件", "", html="<p>html shrew</p>"))) and None,
        ("日本の件", "html shrew"),
    ),
    "box.mbox": (mbox, ("first marten", "body vole", "second polecat", "html shrew")),
    "data.json": (text('{"name": "plain zebra", "list": [{"note": "lemur \\u6771"}]}'), ("plain zebra", "lemur 東")),
    "lines.jsonl": (text('{"a": "first zebra"}\n{"a": "second lemur"}\n'), ("first zebra", "second lemur")),
    "conf.yaml": (text("name: plain zebra\n# comment lemur\n"), ("plain zebra", "comment lemur")),
    "conf.toml": (text('name = "plain zebra"\n# comment lemur\n'), ("plain zebra", "comment lemur")),
    "conf.ini": (text("[zebra]\nname = lemur\n"), ("zebra", "lemur")),
    "data.xml": (text("<r><a>plain zebra</a><b note='attribute lemur'/></r>"), ("plain zebra", "attribute lemur")),
    "code.py": (
        text('"""Docstring zebra."""\nlemur = 3  # comment osprey\n'),
        ("Docstring zebra", "lemur = 3", "osprey"),
    ),
    "code.rs": (text('fn main() { println!("zebra"); } // lemur\n'), ("zebra", "lemur")),
    "code.js": (text("const zebra = 1; // lemur\n"), ("zebra", "lemur")),
    "query.sql": (text("SELECT zebra FROM lemur; -- osprey\n"), ("zebra", "lemur", "osprey")),
    "run.sh": (text("#!/bin/sh\necho zebra # lemur\n"), ("zebra", "lemur")),
    "book.ipynb": (notebook, ("heading zebra", "plain lemur", "osprey = 3", "output tapir")),
    "paper.tex": (text("\\section{heading zebra} plain lemur\n"), ("heading zebra", "plain lemur")),
    "film.srt": (text("1\n00:00:01,000 --> 00:00:02,000\nplain zebra\n"), ("plain zebra",)),
    "film.vtt": (text("WEBVTT\n\n00:01.000 --> 00:02.000\nplain zebra\n"), ("plain zebra",)),
    "days.ics": (
        text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:zebra meeting\nEND:VEVENT\nEND:VCALENDAR\n"),
        ("zebra meeting",),
    ),
    "readme.md": (text("# heading zebra\n\nplain lemur\n"), ("heading zebra", "plain lemur")),
    "notes.org": (text("* heading zebra\nplain lemur\n"), ("heading zebra", "plain lemur")),
    "quoted.csv": (text('id,note\n1,"first badger\nsecond otter"\n'), ("first badger", "second otter")),
    "semi.csv": (text("Name;Stadt\r\nAnna;Köln\r\n", "cp1252"), ("Anna", "Köln")),
    "table.tsv": (text("name\tnote\nzebra\tplain lemur\n"), ("zebra", "plain lemur")),
    "wide.txt": (text("plain zebra 東", "utf-16"), ("plain zebra 東",)),
    "all.zip": (archive, ("text badger", "plain zebra", "comment dugong", "row otter")),
}
"""name → what makes it, and what must be found in it"""


def make_kind(folder: Path, name: str) -> Path:
    """Make one of the files in a folder."""
    KINDS[name][0](folder / name)
    return folder / name
