"""Questions to the library, the fields they may ask for, and the sentences that answer them."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from assistant.retrieval.items import Hit, Item
from assistant.retrieval.library.fields import AMOUNTS, DATES, read_wanted, with_fields
from assistant.retrieval.library.questions import holds_expected, read_question, telling
from assistant.retrieval.library.sentences import split_sentences, stands_alone


def fields_of(text: str) -> dict[str, str]:
    item = with_fields(Item("a.txt", 0, "text", text, np.zeros(384, np.float32)))
    return {key: str(value) for key, value in item.metadata.items()}


@pytest.mark.parametrize(
    ("text", "dates", "amounts"),
    [
        ("Date: 18 March 2026\nTotal: 176.00 EUR", "2026-03-18", "EUR:176.00"),
        ("TOTAL RM 177.40", "", "MYR:177.40"),
        ("2026年3月20日 | 钢琴课 | 2400元", "2026-03-20", "CNY:2400"),
        ("we meet on 3 July", "", ""),
        ("nothing of the kind", "", ""),
    ],
)
def test_dates_and_amounts_are_kept_as_fields(text: str, dates: str, amounts: str) -> None:
    assert fields_of(text) == {key: value for key, value in ((DATES, dates), (AMOUNTS, amounts)) if value}


@pytest.mark.parametrize(
    ("asked", "text", "held"),
    [
        ("invoice from March 2026", "Date: 18 March 2026", True),
        ("invoice from March 2026", "Date: 18 April 2026", False),
        ("receipts over 100 ringgit", "TOTAL RM 177.40", True),
        ("receipts over 100 ringgit", "TOTAL RM 16.50", False),
        ("receipts over 100 ringgit", "TOTAL EUR 177.40", False),
        ("bills between 100 and 200 euros", "Total: 176.00 EUR", True),
        ("2026年3月的发票", "日期：2026年3月20日", True),
        ("超过500元的收据", "合计 2400元", True),
    ],
)
def test_a_question_may_ask_for_them(asked: str, text: str, held: bool) -> None:
    question = read_question(asked)
    assert question.suits(Hit("a.txt", "text", text, "", 0.0, metadata=fields_of(text))) is held


@pytest.mark.parametrize("asked", ["when is the audit in September 2026?", "what does my lease say about notice?"])
def test_what_the_answer_says_is_no_field_of_the_file(asked: str) -> None:
    assert not read_question(asked).wanted


def test_a_month_without_a_year_has_been() -> None:
    days = read_wanted("find the invoice from December").days
    assert days is not None
    assert days.start is not None
    assert days.start <= date.today()


def test_the_condition_names_months_and_amounts() -> None:
    wanted = read_wanted("invoices over 100 euros from February 2026")
    assert "2026-02-" in wanted.where
    assert wanted.amounts is not None
    assert wanted.amounts.low == Decimal(100)


def test_kind_topic_and_subject_are_read() -> None:
    photo = read_question("find the photo with the hot air balloons")
    assert (photo.kind, photo.topic) == ("image", "the hot air balloons")
    mail = read_question("find the mail where Hannah asks for the tent", lambda: (".eml", ".txt"))
    assert mail.endings == {".eml"}
    assert not read_question("find the mail where Hannah asks", lambda: (".txt",)).endings
    assert read_question("what does my lease say about notice?").focus == "notice"
    assert read_question("合同里有没有提到车位？").focus == "车位"
    assert telling("what does the landlord's letter say?") == telling("landlord letter")
    assert [read_question(q).expects for q in ("when is it?", "how much was it?", "how many?", "who?", "why?")] == [
        *("time", "money", "number", "person", ""),
    ]
    assert holds_expected("time", "on 3 May") > 0 > holds_expected("time", "in the cellar")


def test_sentences_stand_below_their_headings() -> None:
    text = "# Bread\n\n## Baking\nBake it at 250 degrees. Let it cool.\n\nCall Dr. Sato.\n1. Mix the dough."
    sentences = split_sentences(text)
    assert [each.text for each in sentences] == [
        *("Bake it at 250 degrees.", "Let it cool.", "Call Dr. Sato.", "1. Mix the dough."),
    ]
    assert sentences[0].heading == "Bread: Baking"
    assert split_sentences("Month | Rent\nMay | 900") == [("May | 900", "Month | Rent")]
    assert split_sentences("Month: May | Rent: 900\nMonth: June | Rent: 950")[1] == ("Month: June | Rent: 950", "")
    wrapped = (
        "Either party may end this agreement after the fixed term by giving two months'\nwritten notice. Then it ends."
    )
    assert split_sentences(wrapped)[0].text.endswith("two months' written notice.")
    assert [each.text for each in split_sentences("先焯水。再炖一个半小时！")] == ["先焯水。", "再炖一个半小时！"]
    assert split_sentences(" \n ") == []


def test_rows_and_fields_are_sentences_of_their_own_and_no_headings() -> None:
    table = (
        "# Washer\n\n| code | what to do |\n|---|---|\n| E15 | close the tap, tilt the machine, call the service |\n"
    )
    rows = split_sentences(f"{table}| e24 | clean the filter |\n\nSalt: when the light is red.")
    assert [each.text for each in rows] == [
        "E15 | close the tap, tilt the machine, call the service",
        "e24 | clean the filter",
        "Salt: when the light is red.",
    ]
    assert rows[1].heading == "Washer: code | what to do"
    assert rows[2].heading == "Washer"
    fields = split_sentences("Door: 4471#\nBike lock: 0936\nThe key is with Mr Ito.")
    assert [each.text for each in fields] == ["Door: 4471#", "Bike lock: 0936", "The key is with Mr Ito."]
    assert [stands_alone(each.text) for each in fields] == [True, True, False]


def test_numbered_headings_replace_one_another() -> None:
    clauses = split_sentences(
        "Agreement\nBetween A and B.\n1. Fee\nIt is 92 euros.\n2. Notice\nFourteen days. By letter."
    )
    assert [each.heading for each in clauses] == [
        *("Agreement", "Agreement: 1. Fee", "Agreement: 2. Notice", "Agreement: 2. Notice"),
    ]
    flowing = split_sentences("5. Notice. It takes three months. 6. Subletting needs consent.")
    assert [each.heading for each in flowing] == ["", "5. Notice.", ""]
    assert split_sentences("一、内容\n翻译手册。\n二、交稿\n十天内交稿。")[1].heading == "二、交稿"


def test_a_mail_is_read_below_its_sender_and_subject() -> None:
    headers = "From: Fatima Rezai <f@example.org>\nTo: jo@example.org\nSubject: Re: summer party"
    mail = f"{headers}\n\nWe start at four.\n> Jo wrote:\n> When?"
    sender, body = split_sentences(mail)
    assert sender.text == mail.splitlines()[0]
    assert body == ("We start at four.", "Fatima Rezai: summer party")
    assert split_sentences("The box is **very heavy**.")[0].text == "The box is very heavy."


def test_an_identifier_that_is_named_must_be_there() -> None:
    asked = read_question("what does E24 mean, and the code 5 on the 2nd page?")
    assert asked.codes == {"e24"}
    there, other = (Hit("a.md", "text", text, "", 1.0) for text in ("E-24: hose kinked", "E04: arm blocked"))
    assert asked.fielded(there, "washer") == 0.0
    assert asked.fielded(other, "washer") < -2


@pytest.mark.parametrize(
    ("asked", "text", "lacks"),
    [
        ("how old is the boiler?", "The boiler is next to the oven.", True),
        ("how old is the boiler?", "The boiler was put in eleven years ago.", False),
        ("奶奶今年几岁了", "奶奶喜欢红烧肉。", True),
        ("奶奶今年几岁了", "奶奶八十二岁。", False),
        ("what is the plumber's phone number", "The plumber comes on 4 May 2026.", True),
        ("what is the plumber's phone number", "Plumber: 030 555 0199", False),
        ("what time does the bus leave", "The bus leaves on 26 March from Ely.", True),
        ("what time does the bus leave", "The bus leaves from Ely at 7.45.", False),
        ("what time does the bus leave", "Be there by six.", False),
        ("when does the bus leave", "The bus leaves on 26 March.", False),
        ("火车几点开", "火车票一百二十元。", True),
        ("how much is the phone tariff", "The tariff is 12 euros.", False),
    ],
)
def test_a_passage_without_the_value_that_is_asked_for_answers_nothing(asked: str, text: str, lacks: bool) -> None:
    hit = Hit("/notes.txt", "text", text, "", 1.0)
    question = read_question(asked)
    assert question.lacks_value(hit) is lacks
    assert (question.fielded(hit, "notes") < 0) is lacks
