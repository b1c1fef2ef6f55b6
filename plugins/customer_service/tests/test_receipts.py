from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from assistant import Picture, TextLine
from assistant.testing import FakeServices, load_plugin
from plugins.customer_service.receipts import parse_receipt


def lines(*rows: str) -> list[TextLine]:
    """Rows as OCR gives them; two spaces part what stands side by side."""
    made = []
    for place, row in enumerate(rows):
        for column, text in enumerate(row.split("  ")):
            left = 10.0 + 150 * column
            made.append(TextLine(text, 1.0, (left, 20.0 * place, left + 140, 20.0 * place + 16)))
    return made


def test_reads_shop_date_and_total() -> None:
    receipt = parse_receipt(
        lines("GREEN LEAF TRADING LTD", "12 Mill Road", "Date  03/04/2024 18:22", "Tea  3.20", "TOTAL  EUR 13.20")
    )
    assert receipt.company == "GREEN LEAF TRADING LTD"
    assert receipt.day == date(2024, 4, 3)
    assert receipt.total == Decimal("13.20")
    assert receipt.currency == "EUR"
    assert receipt.sure


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("25/12/2018 8:13 PM", date(2018, 12, 25)),
        ("2018-06-03", date(2018, 6, 3)),
        ("18/03/18 15:17", date(2018, 3, 18)),
        ("04/25/2019", date(2019, 4, 25)),
        ("OCT 3, 2016", date(2016, 10, 3)),
        ("12 Mar 2018", date(2018, 3, 12)),
        ("2024年5月6日", date(2024, 5, 6)),
        ("04-05-201813:15", date(2018, 5, 4)),
        ("2026-11-2014:32", date(2026, 11, 20)),
        ("27032018", date(2018, 3, 27)),
    ],
)
def test_reads_dates_as_shops_print_them(text: str, day: date) -> None:
    assert parse_receipt(lines("Corner Shop", text, "Total  4.00")).day == day


@pytest.mark.parametrize(
    ("rows", "day"),
    [
        (("Tulsa, OK 74103", "08/01/2026 06:09 PM"), date(2026, 8, 1)),
        (("SPRINGFIELD IL 62704-1234", "8/1/26"), date(2026, 8, 1)),
        (("08/01/2026", "Sales Tax  2.10"), date(2026, 8, 1)),
        (("Portland, ME 04101", "25/12/2026"), date(2026, 12, 25)),
        (("JLN IPOH, 51200 KUALA LUMPUR", "08/01/2026", "TAX  0.20"), date(2026, 1, 8)),
        (("London SW1A 1AA", "08/01/2026"), date(2026, 1, 8)),
    ],
)
def test_a_till_of_the_united_states_writes_the_month_first(rows: tuple[str, ...], day: date) -> None:
    assert parse_receipt(lines("Corner Shop", *rows, "Total  4.00")).day == day


@pytest.mark.parametrize(
    ("company", "rows"),
    [
        ("La Petite Table", ("4 rue Haute", "2 x Café crème  8.20")),
        ("The Green Door", ("1 Hotel soap  3.10",)),
        ("Ijzerwaren Smit", ("Dorpsplein 4", "3511 AB Utrecht", "KASSABON", "OMSCHRIJVING  PRIJS")),
        ("SUNRISE BOOKS", ("14 Hill Street",)),
        ("SMOKEHOUSE NO. 9", ("412 W 23rd St, New York NY",)),
        ("The Barn", ("No 5, High Lane",)),
    ],
)
def test_what_was_bought_and_headings_of_columns_are_no_company(company: str, rows: tuple[str, ...]) -> None:
    assert parse_receipt(lines(company, *rows, "Total  4.00")).company == company


def test_the_grand_total_beats_subtotal_tax_cash_and_change() -> None:
    receipt = parse_receipt(
        lines(
            "CORNER SHOP",
            "Sub Total  20.00",
            "Total GST  1.20",
            "Total (incl. GST)  21.22",
            "Rounding Adj  -0.02",
            "Rounded Total (RM)  21.20",
            "CASH  RM 50.00",
            "CHANGE  RM 28.80",
            "Total Qty  3.00",
        )
    )
    assert receipt.total == Decimal("21.20")
    assert receipt.currency == "RM"
    assert receipt.sure


def test_cash_and_change_that_do_not_add_up_are_reported() -> None:
    assert not parse_receipt(lines("SHOP", "Total  9.90", "Cash  20.00", "Change  5.00")).sure


def test_total_without_a_label_comes_from_cash_and_change_and_is_not_sure() -> None:
    receipt = parse_receipt(lines("SHOP", "Cash  20.00", "Change  7.50"))
    assert receipt.total == Decimal("12.50")
    assert not receipt.sure


def test_chinese_receipt() -> None:
    receipt = parse_receipt(lines("好运超市有限公司", "日期  2024-03-01", "苹果  ¥8.00", "合计  ¥23.50"))
    assert receipt.company == "好运超市有限公司"
    assert receipt.total == Decimal("23.50")


def test_what_is_no_receipt_gives_nothing() -> None:
    receipt = parse_receipt(lines("12", "34"))
    assert (receipt.company, receipt.day, receipt.total) == ("", None, None)
    assert parse_receipt([]).total is None


def test_slanted_rows_do_not_run_together() -> None:
    slanted = [
        TextLine("Sub Total", 1.0, (0, 0, 90, 30)),
        TextLine("RM8.00", 1.0, (200, 14, 260, 44)),
        TextLine("Total", 1.0, (0, 40, 60, 70)),
        TextLine("RM9.00", 1.0, (200, 54, 260, 84)),
        TextLine("Cash", 1.0, (0, 80, 60, 110)),
        TextLine("RM10.00", 1.0, (200, 94, 260, 124)),
    ]
    assert parse_receipt(slanted).total == Decimal("9.00")


@pytest.mark.parametrize(
    ("row", "total", "currency"),
    [
        ("GRAND TOTAL  Rs. 1,26,000.00", "126000.00", "Rs."),
        ("TOTAL CHF  1'250.00", "1250.00", "CHF"),
        ("SUMME EUR  1.111,67", "1111.67", "EUR"),
        ("TOTAL TTC  1 234,56 €", "1234.56", "€"),
        ("TOTALE COMPLESSIVO  12,90", "12.90", ""),
        ("ATT BETALA  kr 1 045,50", "1045.50", "kr"),
        ("TOTAL  $1,026,000.00", "1026000.00", "$"),
        ("合計  ¥1,250", "1250", "¥"),
        ("TOTAL  RM 12 .50", "12.50", "RM"),
    ],
)
def test_amounts_are_read_as_countries_print_them(row: str, total: str, currency: str) -> None:
    receipt = parse_receipt(lines("SHOP", row))
    assert (receipt.total, receipt.currency, receipt.sure) == (Decimal(total), currency, True)


def test_what_a_voucher_leaves_to_pay_is_not_the_total() -> None:
    receipt = parse_receipt(lines("SHOP", "TV  899.00", "TOTAL  899.00", "GIFT CARD  900.00", "BALANCE DUE  0.00"))
    assert receipt.total == Decimal("899.00")


@pytest.mark.parametrize(
    ("rows", "other"),
    [
        (("SUMME  12,40", "BAR  50,00", "RÜCKGELD  8,33"), "41.67"),
        (("Subtotal  20.00", "VAT 10%  2.00", "TOTAL  72.00"), "22.00"),
        (("TOTAL  12.40", "CASH  20.00", "CHANGE  7.60"), None),
        (("Subtotal  20.00", "VAT 10%  2.00", "Service  1.00", "TOTAL  23.00"), None),
        (("Subtotal  20.00", "Incl. VAT  2.00", "TOTAL  20.00"), None),
    ],
)
def test_numbers_that_disagree_name_the_other_total(rows: tuple[str, ...], other: str | None) -> None:
    receipt = parse_receipt(lines("SHOP", *rows))
    assert receipt.other == (Decimal(other) if other else None)


def test_the_customer_is_asked_which_total_is_right() -> None:
    plugin = load_plugin(Path(__file__).parent.parent)
    services = FakeServices(lines=["SHOP LTD", "2024-03-04", "TOTAL 12.40", "CASH 50.00", "CHANGE 8.33"])
    picture = Picture(Image.new("RGB", (300, 300), "white"))
    reply = plugin.ask("read this receipt", intent="read_receipt", pictures=[picture], answers=["2"], services=services)
    assert reply.data["total"] == "41.67"
    reply = plugin.ask(
        "read this receipt", intent="read_receipt", pictures=[picture], answers=["12.40"], services=services
    )
    assert reply.data["total"] == "12.40"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("please keep this receipt for the warranty", True),
        ("read this receipt and save it", True),
        ("保存这张小票", True),
        ("what is the total on this receipt", False),
        ("read this receipt but do not keep it", False),
        ("did you keep this receipt?", False),
        ("读一下这张小票，不用存", False),
    ],
)
def test_a_receipt_is_kept_only_where_that_is_asked_for(text: str, kept: bool) -> None:
    plugin = load_plugin(Path(__file__).parent.parent)
    services = FakeServices(lines=["SHOP LTD", "2024-03-04", "TOTAL 12.40"])
    picture = Picture(Image.new("RGB", (300, 300), "white"))
    reply = plugin.ask(text, intent="read_receipt", pictures=[picture], services=services).text
    assert "12.40" in reply
    assert ("kept" in reply.lower() or "保存" in reply) == kept


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        (("Vaskemaskine  4.299,00", "Fragt  299,00", "I ALT DKK  4.598,00", "Dankort  4.598,00"), "4598.00"),
        (("Leib  1,20", "Piim  0,95", "KOKKU  2,15", "Kaart  2,15"), "2.15"),
        (("Kruh  2,00", "Mleko  1,50", "DDV 9,5 %  0,29", "ZNESEK  3,50", "Kartica  3,50"), "3.50"),
        (("Borrmaskin  1 495:00", "Skruv  89:50", "ATT BETALA  1 584:50 SEK", "kl 16:31"), "1584.50"),
        (("Kaffe  42,00", "ALLT SAMAN  42,00"), "42.00"),
        (("Pie  $9.45", "TOTAL AUD  $129.41", "GST INCLUDED IN TOTAL  $11.76", "EFTPOS  $129.41"), "129.41"),
        (("Pane  3,00", "TOTALE  30,00", "di cui IVA nel totale  2,73"), "30.00"),
        (("Brot  3,00", "SUMME  30,00", "davon MwSt in der Summe enthalten  1,96"), "30.00"),
        (("Total  $27.54", "Tip  $5.00", "Amount Paid  $32.54", "VISA  $32.54"), "32.54"),
        (("Total  100.00", "VAT 19%  19.00", "Gross  119.00"), "119.00"),
        (("Total  11.69", "VAT  1.95", "Cash  20.00", "Change  8.31"), "11.69"),
        (("SUMME EUR  1.111,67", "Netto  934,18", "MwSt  177,49"), "1111.67"),
    ],
)
def test_a_total_is_found_by_its_sum_in_any_language_and_with_what_is_added_below(
    rows: tuple[str, ...], total: str
) -> None:
    receipt = parse_receipt(lines("Corner Shop", "2026-03-23", *rows))
    assert receipt.total == Decimal(total)
    assert receipt.sure


@pytest.mark.parametrize("row", ["(217) 555-0134", "455 Elm St, Springfield IL"])
def test_a_town_or_a_telephone_of_north_america_puts_the_month_first(row: str) -> None:
    assert parse_receipt(lines("Joe's Diner", row, "03/09/2026 8:41 PM", "Total  4.00")).day == date(2026, 3, 9)


@pytest.mark.parametrize("number", ["TVA FR12 345678901", "CIF B12345678", "P.IVA 01234567890", "ABN 51 824 753 556"])
def test_a_number_of_the_tax_office_is_no_name(number: str) -> None:
    assert parse_receipt(lines("Garage Lefèvre & Fils", number, "Total  4.00")).company == "Garage Lefèvre & Fils"
