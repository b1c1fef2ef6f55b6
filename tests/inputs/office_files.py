# ruff: noqa: E501  # the formats' own XML
"""Office files: a document, slides and a workbook, part by part."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

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
