import random
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from assistant.errors import TextError
from assistant.inputs import document_file
from assistant.inputs.document_file import DOCUMENT_ENDINGS, Section
from tests.inputs.kinds import KINDS, make_kind, pack, word


def read_document(path: Path) -> list[Section]:
    return list(document_file.read_sections(path.read_bytes(), path.name))


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


def test_a_page_that_is_a_picture_comes_as_that_and_a_blank_one_not_at_all(tmp_path: Path) -> None:
    write_pdf(tmp_path / "blank.pdf", [""] * 40)
    assert read_document(tmp_path / "blank.pdf") == []
    pages = [Image.new("RGB", (600, 200), "white") for _ in range(2)]
    for page, words in zip(pages, ("Invoice 20481", "Total 61.20"), strict=True):
        ImageDraw.Draw(page).text((20, 60), words, "black", ImageFont.load_default(40))
    pages[0].save(tmp_path / "scan.pdf", save_all=True, append_images=pages[1:])
    found = read_document(tmp_path / "scan.pdf")
    assert [(section.place, section.picture is not None) for section in found] == [("page 1", True), ("page 2", True)]


@pytest.mark.parametrize(
    ("words", "picture"),
    [
        ("Scanned by a telephone, page 1 of 2", True),  # a stamp beside the page that was scanned
        ("The words of the scan are under its picture, so that it can be searched", False),
    ],
)
def test_a_picture_on_a_page_with_words_is_read_where_they_are_not_its_own(
    tmp_path: Path, words: str, picture: bool
) -> None:
    from pypdf import PdfReader, PdfWriter, Transformation

    Image.effect_noise((500, 500), 90).save(tmp_path / "picture.pdf")
    write_pdf(tmp_path / "a.pdf", [words])
    writer = PdfWriter(clone_from=tmp_path / "a.pdf")
    shown = PdfReader(tmp_path / "picture.pdf").pages[0]  # 500 points wide; the words begin at 72, 720
    writer.pages[0].merge_transformed_page(shown, Transformation().scale(1.2).translate(0, 50 if picture else 180))
    writer.write(tmp_path / "b.pdf")
    found = read_document(tmp_path / "b.pdf")
    assert found[0].text.strip() == words
    assert [section.picture is not None for section in found[1:]] == [True] * picture


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


def flat(sections: list[Section]) -> str:
    return " ".join(" ".join(section.text for section in sections).split())


@pytest.mark.parametrize("name", KINDS)
def test_all_that_a_file_says_is_read(tmp_path: Path, name: str) -> None:
    text = flat(read_document(make_kind(tmp_path, name)))
    assert [words for words in KINDS[name][1] if words not in text] == []
    assert "hidden" not in text or name == "book.xlsx"


def test_a_text_stands_where_its_place_says(tmp_path: Path) -> None:
    def places(name: str) -> dict[str, str]:
        return {section.place: section.text for section in read_document(make_kind(tmp_path, name))}

    assert "second ferret" in places("slides.pptx")["slide 2"]
    assert "hidden narwhal" in places("book.xlsx")["sheet Secret"]
    assert "second manatee" in places("sheet.ods")["sheet Two"]
    assert "html shrew" in places("box.mbox")["message 2"]
    assert places("mail.eml")["attachment notes.txt"] == "attached shrew"
    assert places("all.zip")["b.docx, comments"] == "comment dugong"
    assert "second plover" in places("book.epub")["Two"]


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    def missing(name: str) -> list[str]:
        return [section.missing for section in read_document(tmp_path / name) if section.missing]

    make_kind(tmp_path, "book.xlsx")
    assert missing("book.xlsx") == ["1 formula without a saved value (open it in a spreadsheet and save it)"]
    make_kind(tmp_path, "all.zip")
    assert missing("all.zip") == ["1 of its files, of other kinds (d.bin)"]
    word(tmp_path / "a.docx")
    with zipfile.ZipFile(tmp_path / "a.docx", "a") as archive:
        archive.writestr("word/media/image1.png", b"x")
    assert missing("a.docx") == ["1 picture within it"]
    pack(tmp_path / "b.zip", {"good.txt": "words", "bad.docx": "nothing of the kind", "empty.txt": ""})
    assert missing("b.zip") == ["bad.docx is damaged or cannot be read"]
    make_kind(tmp_path, "book.epub")
    with zipfile.ZipFile(tmp_path / "book.epub", "a") as archive:
        archive.writestr("META-INF/encryption.xml", '<e><c><CipherReference URI="OEBPS/b.xhtml"/></c></e>')
    assert missing("book.epub") == ["part 2 (encrypted)"]
    inner = tmp_path / "b.zip"
    for number in range(5):
        pack(tmp_path / f"deep{number}.zip", {f"in{number}.zip": inner.read_bytes()})
        inner = tmp_path / f"deep{number}.zip"
    assert missing("deep4.zip") == ["in1.zip (too deep within other files)"]


def test_what_no_database_takes_is_no_part_of_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"text": "half \\ud83d and whole \\ud83d\\ude00"}', "utf-8")
    assert flat(read_document(tmp_path / "a.json")) == '{ "text": "half \ufffd and whole 😀" }'
    (tmp_path / "a.txt").write_text("an in\u00advoice", "utf-8")
    assert flat(read_document(tmp_path / "a.txt")) == "an invoice"


def test_the_letters_of_ligatures_and_forms_of_a_pdf_are_read(tmp_path: Path) -> None:
    from pypdf import PdfWriter
    from pypdf.annotations import FreeText, Text
    from pypdf.generic import NameObject, TextStringObject

    write_pdf(tmp_path / "a.pdf", ["The first page of it"])
    writer = PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.add_annotation(0, Text(rect=(50, 550, 200, 650), text="annotation dugong"))
    writer.add_annotation(0, FreeText(rect=(50, 450, 200, 500), text="free walrus"))
    field = Text(rect=(50, 350, 200, 400), text="")
    names = {"/Subtype": NameObject("/Widget"), "/T": TextStringObject("Name"), "/V": TextStringObject("Zebra Lemur")}
    field.update({NameObject(key): value for key, value in names.items()})
    writer.add_annotation(0, field)
    writer.write(tmp_path / "b.pdf")
    text = flat(read_document(tmp_path / "b.pdf"))
    assert all(words in text for words in ("annotation dugong", "free walrus", "Name: Zebra Lemur", "first page"))
    writer.encrypt("secret")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(TextError, match="protected by a password"):
        read_document(tmp_path / "locked.pdf")


def test_every_ending_has_a_file_among_the_kinds_or_is_text() -> None:
    made = {Path(name).suffix for name in KINDS}
    legacy = {".doc", ".ppt", ".xls", ".msg"}  # nothing here writes them
    likewise = {".docm", ".xlsm", ".pptm", ".ppsx", ".xhtml", ".ndjson", ".geojson", ".pdf"}
    assert DOCUMENT_ENDINGS - made - document_file.PLAIN == legacy | likewise


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
        ("Łódź i Kraków są piękne, proszę".encode("cp1250"), "Łódź i Kraków są piękne, proszę"),
        ("It costs £5 or £ 12".encode("cp1252"), "It costs £5 or £ 12"),
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


def test_a_scan_attached_to_a_mail_comes_as_a_picture_and_a_recording_is_told(tmp_path: Path) -> None:
    from tests.inputs.kinds import mail

    Image.effect_noise((60, 40), 90).convert("RGB").save(tmp_path / "a.png")
    message = mail("Scan", "See the scan.")
    for kind, name, content in (
        ("image", "scan.png", (tmp_path / "a.png").read_bytes()),
        ("image", "broken.jpg", b"\xff\xd8\xff and no more"),
        ("audio", "memo.mp3", b"ID3"),
    ):
        message.add_attachment(content, maintype=kind, subtype="x", filename=name)
    (tmp_path / "a.eml").write_bytes(bytes(message))
    body, scan, broken, memo = read_document(tmp_path / "a.eml")
    assert "See the scan." in body.text
    assert scan.place == "attachment scan.png"
    assert scan.picture is not None
    assert scan.picture.image.size == (60, 40)
    assert "broken.jpg is damaged" in broken.missing
    assert memo.missing == "memo.mp3 is not a document of a kind that can be read"


@pytest.mark.parametrize("seed", range(40))
def test_no_markup_ends_the_reading_of_a_page(tmp_path: Path, seed: int) -> None:
    markup = """<![endif]> <![other]> <![ <! <!- <!--x-- <?php </ </td> </table> <td> <tr> <table> <pre> </title>
        <title> <h1> </h2> &#xfffff; & <a" " <br/> word <style> </style>"""
    chosen = random.Random(seed).choices(markup.split(), k=60)
    (tmp_path / "a.html").write_text("first zebra<p>" + "".join(chosen), "utf-8")
    assert "first zebra" in flat(read_document(tmp_path / "a.html"))
