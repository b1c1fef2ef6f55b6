"""Kinds of clauses, each with siblings of its own."""

import json

import pytest

from assistant.evaluation.understanding import Read
from assistant.understanding.model import ClauseReader
from assistant.understanding.types import FIELDS

ASKED = "Cancel order A1002 and refund €49.00?"
ASKED_ZH = "要取消订单A1002并退款吗？"
KINDS = {
    "request": ("", "request", ["cancel A1002", "please send me the invoice", "turn off the lamp", "帮我取消订单"]),
    "question": ("", "question", ["where is my parcel?", "how do I return this", "when does it close", "几点到"]),
    "about an action": (
        "",
        "question",
        ["did you cancel A1002?", "can I cancel it later?", "why did you cancel it"],
    ),
    "told": ("", "statement", ["my knee hurts", "the mug arrived broken", "my son has a fever", "我头疼"]),
    "yes": (ASKED, "yes", ["yes please", "go ahead", "ok do it", "sure"]),
    "no": (ASKED, "no", ["no", "absolutely not", "don't", "ok I think I'll keep it", "dont cancel it"]),
    "unsure": (ASKED, "hedge", ["hold on", "yes but not now", "I'm not sure", "let me think", "are you sure?"]),
    "yes in Chinese": (ASKED_ZH, "yes", ["可以", "对", "好的", "取消吧"]),
    "no in Chinese": (ASKED_ZH, "no", ["当然不", "不要", "别取消", "不用了"]),
    "unsure in Chinese": (ASKED_ZH, "hedge", ["我再想想", "等一下", "不确定"]),
    "correction": ("", "correction", ["I meant A1008", "not the left one, the right", "我说的是蓝色的"]),
    "social": ("", "social", ["hi there", "thanks a lot", "you're useless", "谢谢", "再见"]),
    "stop": ("", "stop", ["never mind", "stop", "let's drop it", "算了"]),
    "undo": ("", "undo", ["undo that", "put it back", "撤销"]),
    "repeat": ("", "repeat", ["what was the question again?", "say that again", "再说一遍"]),
    "human": ("", "human", ["get me a human", "let me talk to a real person", "转人工", "我要找真人"]),
    "help": ("", "help", ["help", "what can you do", "你能做什么"]),
}


@pytest.mark.parametrize(
    ("asked", "act", "text"),
    [(asked, act, text) for asked, act, texts in KINDS.values() for text in texts],
    ids=lambda value: str(value)[:24],
)
def test_act(read: Read, asked: str, act: str, text: str) -> None:
    (clause,) = read(text, asked, "").clauses
    assert clause.act == act


@pytest.mark.parametrize(
    "text",
    ["do not roll a die", "dont cancel my order", "please don't send it", "no rash", "my chest doesn't hurt", "别取消"],
)
def test_negated_clauses_are_negative_and_not_acted_upon(reader: ClauseReader, text: str) -> None:
    (clause,) = reader.read(text).clauses
    assert clause.polarity == "negative"
    assert not clause.acting


@pytest.mark.parametrize(
    "text",
    [
        "did you cancel A1002?",
        "what happens if I don't cancel A1002?",
        "can I cancel A1002 later?",
        "my friend wants to cancel his order",
        "I no longer want to cancel A1007",
        "cancel nothing",
        "I wont cancel it",
        "why did you cancel my order",
        "A1002取消了吗",
        "如果我取消会怎么样",
    ],
)
def test_a_topic_alone_is_not_a_request(reader: ClauseReader, text: str) -> None:
    assert not any(clause.acting for clause in reader.read(text).clauses)


@pytest.mark.parametrize("text", ["cancel A1002", "turn off the lamp", "please send me the invoice", "帮我取消A1002"])
def test_a_plain_request_is_acted_upon(read: Read, text: str) -> None:
    (clause,) = read(text, "", "").clauses
    assert clause.acting


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("where is A1001? Also cancel A1007.", ["where is A1001?", "Also cancel A1007."]),
        ("Cancel nothing. Where is my grinder?", ["Cancel nothing.", "Where is my grinder?"]),
        ("hello, I'd like to return a lamp", ["hello,", "I'd like to return a lamp"]),
        ("turn off the tv and set an alarm for seven", ["turn off the tv", "and set an alarm for seven"]),
        ("取消磨豆机，再帮我查一下水管", ["取消磨豆机，", "再帮我查一下水管"]),
        ("cancel both A1002 and A1007", ["cancel both A1002 and A1007"]),
        ("put the milk, the eggs and the flour on my list", ["put the milk, the eggs and the flour on my list"]),
        ("Ça ne marche pas. Où est mon colis ?", ["Ça ne marche pas.", "Où est mon colis ?"]),
    ],
)
def test_split(reader: ClauseReader, text: str, parts: list[str]) -> None:
    assert [clause.text for clause in reader.read(text).clauses] == parts


@pytest.mark.parametrize(
    ("text", "act", "polarity"),
    [
        ("Wo ist meine Bestellung?", "question", "positive"),
        ("où est ma commande", "question", "positive"),
        ("¿Dónde está mi pedido?", "question", "positive"),
        ("где мой заказ", "question", "positive"),
        ("storniere bitte die Bestellung", "request", "positive"),
        ("annulez ma commande", "request", "positive"),
        ("ich habe kein Fieber", "statement", "negative"),
        ("no tengo fiebre", "statement", "negative"),
        ("キャンセルしてください", "request", "positive"),
    ],
)
def test_other_languages_are_read_by_rules_and_never_sure(
    reader: ClauseReader, text: str, act: str, polarity: str
) -> None:
    (clause,) = reader.read(text).clauses
    assert (clause.act, clause.polarity) == (act, polarity)
    assert not clause.acting


@pytest.mark.parametrize("text", ["cancel A1002, A1007 and A1008", "refund B12", "track Y7 and O9"])
def test_letters_of_identifiers_do_not_make_a_turn_foreign(reader: ClauseReader, text: str) -> None:
    assert reader.read(text).language == "en"


def test_json_holds_every_field(reader: ClauseReader) -> None:
    said = json.loads(json.dumps(reader.read("hello, where is my order?").to_json()))
    assert said["language"] == "en"
    assert set(said["clauses"][0]) == {"text", "start", "end", "confidence", *FIELDS}
