# ruff: noqa: E501  # the formats' own XML
"""Files of many kinds, each with words that must be found in it; what each word stands in is its name."""

from __future__ import annotations

import json
import mailbox
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path

__all__ = ["KINDS", "make_kind"]

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument."


def pack(path: Path, parts: Mapping[str, str | bytes]) -> None:
    """A zip archive of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def office(
    path: Path, main: str, main_type: str, parts: Mapping[str, str], links: Mapping[str, Mapping[str, str]]
) -> None:
    """An office file: its parts, and by part the parts it names, each with its kind."""
    types = {main: main_type}
    relations = {"": {main: "officeDocument"}, **links}
    content = dict(parts)
    for owner, targets in relations.items():
        rows = "".join(
            f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="/{target}"/>'
            for n, (target, kind) in enumerate(targets.items(), 1)
        )
        folder, _, name = owner.rpartition("/")
        content[f"{folder}/_rels/{name}.rels".lstrip("/")] = (
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'
        )
    overrides = "".join(f'<Override PartName="/{n}" ContentType="{TYPES}{t}+xml"/>' for n, t in types.items())
    content["[Content_Types].xml"] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    pack(path, content)


def paragraph(text: str, wrap: str = "{}") -> str:
    return f"<w:p>{wrap.format(f'<w:r><w:t>{text}</w:t></w:r>')}</w:p>"


def word(path: Path) -> None:
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('nestedtapir price')}</w:tc></w:tr></w:tbl>"
    split = "<w:p><w:r><w:t>split</w:t></w:r><w:r><w:t>gecko word</w:t></w:r></w:p>"
    box = (
        '<w:p><w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:textbox><w:txbxContent>'
        f"{paragraph('textbox walrus')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    body = (
        paragraph("plain zebra")
        + split
        + paragraph("inserted lemur", '<w:ins w:id="1" w:author="A">{}</w:ins>')
        + paragraph("linked osprey", '<w:hyperlink w:anchor="x">{}</w:hyperlink>')
        + paragraph("field quokka", '<w:fldSimple w:instr="DATE">{}</w:fldSimple>')
        + f"<w:sdt><w:sdtContent>{paragraph('control giraffe')}</w:sdtContent></w:sdt>"
        + f"<w:tbl><w:tr><w:tc>{paragraph('cell outer')}{inner}{paragraph('')}</w:tc></w:tr></w:tbl>"
        + box
        + '<w:p><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:endnoteReference w:id="2"/></w:r></w:p>'
        + '<w:sectPr><w:headerReference w:type="default" r:id="r1"/><w:footerReference w:type="default" r:id="r2"/></w:sectPr>'
    )
    parts = {
        "word/document.xml": f"<w:document {W} {R}><w:body>{body}</w:body></w:document>",
        "word/header1.xml": f"<w:hdr {W}>{paragraph('header ocelot')}</w:hdr>",
        "word/footer1.xml": f"<w:ftr {W}>{paragraph('footer badger')}</w:ftr>",
        "word/comments.xml": f'<w:comments {W}><w:comment w:id="1" w:author="Ann">{paragraph("comment dugong")}</w:comment></w:comments>',
        "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:id="2">{paragraph("footnote ibex")}</w:footnote></w:footnotes>',
        "word/endnotes.xml": f'<w:endnotes {W}><w:endnote w:id="2">{paragraph("endnote kudu")}</w:endnote></w:endnotes>',
    }
    kinds = dict(zip([*parts][1:], ("header", "footer", "comments", "footnotes", "endnotes"), strict=True))
    office(path, "word/document.xml", "wordprocessingml.document.main", parts, {"word/document.xml": kinds})


def shape(text: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>'
        f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def slide(shapes: str, root: str = "sld") -> str:
    head = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    return f"<p:{root} {P} {A} {R}><p:cSld><p:spTree>{head}{shapes}</p:spTree></p:cSld></p:{root}>"


def slides(path: Path) -> None:
    group = (
        '<p:grpSp><p:nvGrpSpPr><p:cNvPr id="3" name="g"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{}</p:grpSp>'
    )
    table = (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="t"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table">'
        '<a:tbl><a:tblGrid><a:gridCol w="1"/></a:tblGrid><a:tr h="1"><a:tc><a:txBody><a:bodyPr/><a:p><a:r>'
        "<a:t>table pangolin</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
    parts = {
        "ppt/presentation.xml": f'<p:presentation {P} {R}><p:sldIdLst><p:sldId id="256" r:id="r1"/><p:sldId id="257" r:id="r2"/></p:sldIdLst></p:presentation>',
        "ppt/slides/slide1.xml": slide(
            shape("plain iguana") + group.format(group.format(shape("group armadillo"))) + table
        ),
        "ppt/slides/slide2.xml": slide(shape("second ferret")),
        "ppt/notesSlides/notesSlide1.xml": slide(shape("notes heron"), "notes"),
        "ppt/comments/comment1.xml": f'<p:cmLst {P}><p:cm authorId="0" idx="1"><p:text>comment lynx</p:text></p:cm></p:cmLst>',
        "ppt/charts/chart1.xml": f'<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" {A}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>chart marmot</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:cat><c:pt><c:v>category walrus</c:v></c:pt></c:cat></c:plotArea></c:chart></c:chartSpace>',
        "ppt/diagrams/data1.xml": f'<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" {A}><dgm:ptLst><dgm:pt><dgm:t><a:p><a:r><a:t>smartart jackal</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>',
    }
    links = {
        "ppt/presentation.xml": {"ppt/slides/slide1.xml": "slide", "ppt/slides/slide2.xml": "slide"},
        "ppt/slides/slide1.xml": {
            "ppt/notesSlides/notesSlide1.xml": "notesSlide",
            "ppt/comments/comment1.xml": "comments",
            "ppt/charts/chart1.xml": "chart",
            "ppt/diagrams/data1.xml": "diagramData",
        },
    }
    office(path, "ppt/presentation.xml", "presentationml.presentation.main", parts, links)


def book(path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>inline axolotl</t></is></c><c r="B1"><v>1234.5</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><f>SUM(1,2)</f></c></row>'
        '<row r="3"><c r="A3"><f>1+1</f><v>2026</v></c></row>'
    )
    parts = {
        "xl/workbook.xml": f'<workbook {S} {R}><sheets><sheet name="Costs" sheetId="1" r:id="r1"/><sheet name="Secret" sheetId="2" state="hidden" r:id="r2"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f"<worksheet {S}><sheetData>{rows}</sheetData></worksheet>",
        "xl/worksheets/sheet2.xml": f'<worksheet {S}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>hidden narwhal</t></is></c></row></sheetData></worksheet>',
        "xl/sharedStrings.xml": f"<sst {S}><si><r><t>shared </t></r><r><t>manatee</t></r></si></sst>",
        "xl/comments1.xml": f'<comments {S}><authors><author>Ann</author></authors><commentList><comment ref="A1" authorId="0"><text><t>comment dugong</t></text></comment></commentList></comments>',
        "xl/drawings/drawing1.xml": f'<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" {A}><xdr:twoCellAnchor><xdr:sp><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>textbox stoat</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>',
    }
    links = {
        "xl/workbook.xml": {
            "xl/worksheets/sheet1.xml": "worksheet",
            "xl/worksheets/sheet2.xml": "worksheet",
            "xl/sharedStrings.xml": "sharedStrings",
        },
        "xl/worksheets/sheet1.xml": {"xl/comments1.xml": "comments", "xl/drawings/drawing1.xml": "drawing"},
    }
    office(path, "xl/workbook.xml", "spreadsheetml.sheet.main", parts, links)


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
