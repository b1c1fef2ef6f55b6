"""Tests language detection."""

from __future__ import annotations

import time

import pytest

from assistant.language import LANGUAGES, detect_language

SENTENCES = {
    "ar": ("أريد إرجاع هذا الهاتف", "أين طلبي؟"),
    "de": ("Wo ist meine Bestellung?", "Ich möchte das zurückgeben", "Mir tut der Kopf weh"),
    "en": (
        "I want to send this back",
        "where's my order A-1047",
        "explain photosynthesis",
        "Help!",
        "OK",
        "12 + 4 = ?",
        "",
    ),
    "es": ("¿Dónde está mi pedido?", "quiero devolver el teléfono", "me duele la cabeza"),
    "fr": ("Où est ma commande ?", "je voudrais rendre ce téléphone", "j'ai mal à la tête"),
    "it": ("Dove è il mio ordine?", "vorrei restituire questo telefono", "mi fa male la testa"),
    "ja": ("注文をキャンセルしたい", "頭が痛いです", "画面が割れました"),
    "ko": ("주문을 취소하고 싶어요", "머리가 아파요"),
    "nl": ("Waar is mijn bestelling?", "ik wil dit graag terugsturen"),
    "pl": ("Gdzie jest moje zamówienie?", "chcę zwrócić telefon", "boli mnie głowa"),
    "pt": ("Onde está o meu pedido?", "quero devolver este telefone", "estou com dor de cabeça"),
    "ru": ("Где мой заказ?", "у меня болит голова"),
    "th": ("ผมต้องการคืนสินค้า",),
    "tr": ("Siparişim nerede?", "bu telefonu iade etmek istiyorum", "başım ağrıyor"),
    "zh": ("我想退货，屏幕碎了", "我的订单在哪里？", "頭很痛", "iPhone 屏幕坏了"),
}


@pytest.mark.parametrize(
    ("language", "sentence"), [(code, line) for code, lines in SENTENCES.items() for line in lines]
)
def test_sentence_is_told_by_its_script_and_words(language: str, sentence: str) -> None:
    assert detect_language(sentence) == language


def test_every_language_has_sentences() -> None:
    assert set(SENTENCES) == set(LANGUAGES)


def test_english_with_a_foreign_word_stays_english() -> None:
    assert detect_language("what does 退货 mean on this label, please?") == "en"
    assert detect_language("translate bonjour for me") == "en"


def test_silent_text_takes_the_default() -> None:
    assert detect_language("1047", default="zh") == "zh"


def test_a_megabyte_takes_no_longer_than_a_page() -> None:
    def seconds(times: int) -> float:
        spent = []
        for _ in range(3):
            began = time.process_time()
            assert detect_language("bitte zurück \0 \ud800" * times) == "de"
            spent.append(time.process_time() - began)
        return min(spent)

    assert seconds(100_000) < 10 * seconds(1_000) + 0.1
