import pytest

from assistant.language import voice_language
from assistant.speech.speakable import sentences, speakable


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It is late. Go home! Why? Because…", ["It is late.", "Go home!", "Why?", "Because…"]),
        ("Dr. Smith saw J. Doe at 3.5 km. Then he left.", ["Dr. Smith saw J. Doe at 3.5 km.", "Then he left."]),
        ("今天天气很好。我们去公园吧！好吗？", ["今天天气很好。", "我们去公园吧！", "好吗？"]),
        ("One line\nanother line", ["One line", "another line"]),
        ("   \n ", []),
    ],
)
def test_sentences_end_where_people_pause(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**Done.** See [the page](https://example.com/a).", "Done. See the page."),
        ("Read https://www.example.com/a/b?c=1 first", "Read example.com first"),
        ("# Title\n- one\n- two", "Title\none\ntwo"),
        ("Before ```python\nprint(1)\n``` after", "Before after"),
        ("You & me → home ✅", "You and me to home"),
        ("3 * 4 = 12 and snake_case", "3 * 4 = 12 and snake_case"),
    ],
)
def test_what_nobody_says_is_left_out(text: str, said: str) -> None:
    assert speakable(text) == said


def test_chinese_units_become_words() -> None:
    assert speakable("湿度 45%，重 3kg，20°C", "zh") == "湿度 百分之45，重 3公斤，20摄氏度"


def test_the_language_is_seen_in_the_letters() -> None:
    assert voice_language("我想退货 iPhone") == "zh"
    assert voice_language("The word 茶 means tea in many languages") == "en"
    assert voice_language("12345") == "en"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("49,00 € erstatten? Oder 1.234,50 €?", "49 Euro erstatten? Oder 1.234 Euro 50?"),
        ("von 9:00 bis 18:00 Uhr, morgen um 07:05 Uhr", "von 9 Uhr bis 18 Uhr, morgen um 7 Uhr 5"),
        ("2 × Kaffeebecher", "2 mal Kaffeebecher"),
        ("Stand 10:20:30", "Stand 10:20:30"),
    ],
)
def test_german_times_and_amounts_are_said_as_people_say_them(written: str, spoken: str) -> None:
    assert speakable(written, "de") == spoken


def test_the_day_of_a_german_date_ends_no_sentence() -> None:
    said = "Sie kommt am Freitag, 27. November an. Es kostet 5. Danke."
    assert sentences(said) == ["Sie kommt am Freitag, 27. November an.", "Es kostet 5.", "Danke."]
