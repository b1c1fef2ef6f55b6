import zipfile
from pathlib import Path

import pytest

from assistant.errors import TextError
from assistant.inputs.document_file import read_document


def write_pdf(path: Path, pages: list[str]) -> None:
    """The smallest PDF with text that readers take: one content stream per page, Helvetica."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        page = f"<< /Type /Page /Parent 2 0 R /Contents {len(objects)} 0 R /MediaBox [0 0 612 792]"
        objects.append(f"{page} /Resources << /Font << /F1 3 0 R >> >> >>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    path.write_text(f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}", "latin-1")


def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["The first page", "", "The third page"])
    assert [(section.place, section.text.strip()) for section in read_document(tmp_path / "a.pdf")] == [
        ("page 1", "The first page"),
        ("page 3", "The third page"),
    ]


def test_a_scanned_pdf_has_no_sections(tmp_path: Path) -> None:
    write_pdf(tmp_path / "scan.pdf", [""] * 40)
    assert read_document(tmp_path / "scan.pdf") == []


@pytest.mark.parametrize("content", [b"%PDF-1.4 and nothing more", b"\x00" * 500, b"PK\x03\x04 cut short"])
@pytest.mark.parametrize("ending", [".pdf", ".docx", ".xlsx", ".pptx"])
def test_damaged_documents_are_one_clear_line(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"broken{ending}"
    path.write_bytes(content)
    with pytest.raises(TextError, match=f"broken{ending}"):
        read_document(path)


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "nothing.txt").touch()
    with pytest.raises(TextError, match="empty"):
        read_document(tmp_path / "nothing.txt")


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * 60_000_000)
    with pytest.raises(TextError, match="would unpack to 60 MB"):
        read_document(path)


def test_office_documents_are_read(tmp_path: Path) -> None:
    pytest.importorskip("docx", reason="needs the extra [library]")
    from docx import Document
    from openpyxl import Workbook
    from pptx import Presentation

    document = Document()
    document.add_paragraph("A paragraph about returns")
    document.save(str(tmp_path / "a.docx"))
    book = Workbook()
    book.active.append(["coffee", 3.5])
    book.save(tmp_path / "a.xlsx")
    slides = Presentation()
    slides.slides.add_slide(slides.slide_layouts[5]).shapes.title.text = "Gradients"
    slides.save(str(tmp_path / "a.pptx"))
    assert read_document(tmp_path / "a.docx")[0].text.strip() == "A paragraph about returns"
    assert read_document(tmp_path / "a.xlsx")[0].text == "coffee | 3.5"
    assert [(s.place, s.text.strip()) for s in read_document(tmp_path / "a.pptx")] == [("slide 1", "Gradients")]


def test_rows_of_a_table_stand_alone_without_numbers_and_file_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('file,caption\n1.jpg,"Two dogs, running"\n2.jpg,A cat sleeps\n', "utf-8")
    assert [section.text for section in read_document(tmp_path / "a.csv")] == [
        "file | caption",
        "Two dogs, running",
        "A cat sleeps",
    ]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("naïve café".encode("cp1252"), "naïve café"),
        ("今天天气很好，我们去公园吧".encode("gb18030"), "今天天气很好，我们去公园吧"),
        (
            "Die Lieferung ging an Familie Möller in Köln.".encode("cp1252"),
            "Die Lieferung ging an Familie Möller in Köln.",
        ),
        ("Frau Müller".encode("cp1252"), "Frau Müller"),
        ("Größe und Länge der Tür".encode("cp1252"), "Größe und Länge der Tür"),
        (
            "Договор аренды квартиры в Москве, срок до декабря".encode("cp1251"),
            "Договор аренды квартиры в Москве, срок до декабря",
        ),
        ("Привет, как дела? Завтра встреча.".encode("koi8_r"), "Привет, как дела? Завтра встреча."),
        (
            "東京の病院で健康診断を受けました。結果は来週です。".encode("cp932"),
            "東京の病院で健康診断を受けました。結果は来週です。",
        ),
        ("今天天氣很好，我想退貨。".encode("big5"), "今天天氣很好，我想退貨。"),
        ("안녕하세요 반갑습니다".encode("cp949"), "안녕하세요 반갑습니다"),
        (
            "Nie mogę dzisiaj przyjść do szkoły, bo leżę.".encode("cp1250"),
            "Nie mogę dzisiaj przyjść do szkoły, bo leżę.",
        ),
        ("He said “no” — and it’s fine".encode("cp1252"), "He said “no” — and it’s fine"),
        ("\ufeffwords".encode(), "words"),
        ("words".encode("utf-16"), "words"),
        (b"null\0byte" + b"x" * 5000, None),
        (bytes(range(128, 256)), None),
    ],
)
def test_text_in_other_encodings(tmp_path: Path, data: bytes, text: str | None) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    if text is None:
        with pytest.raises(TextError, match=r"not text|not readable: its encoding"):
            read_document(tmp_path / "a.txt")
    else:
        assert read_document(tmp_path / "a.txt")[0].text == text


def test_a_table_with_semicolons_and_cells_of_several_lines_is_read_cell_by_cell(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("Name;Stadt;Notiz\r\nAnna;Köln;mag Pinguine sehr\r\n".encode("cp1252"))
    assert [section.text for section in read_document(tmp_path / "a.csv")] == [
        "Name | Stadt | Notiz",
        "Anna | Köln | mag Pinguine sehr",
    ]
    (tmp_path / "b.csv").write_text(
        'id,note\n1,"first line about badgers\nsecond line about otters"\n2,"a ""red"" fox"\n'
    )
    assert [(section.place, section.text) for section in read_document(tmp_path / "b.csv")][1:] == [
        ("row 2", "first line about badgers\nsecond line about otters"),
        ("row 3", 'a "red" fox'),
    ]
