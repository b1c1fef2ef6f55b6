from pathlib import Path

import pytest

from assistant import Sentences

FILE = """
[fragments]
WHO = '''my (?P<who>@KIN@)'''
KIN = '''(?:sister|brother)'''

[asked]
rules = [
    ['home', '''where does @WHO@ live|where is @WHO@'''],
    ['any', '''(?P<rest>where .+)'''],
]
"""


@pytest.fixture
def sentences(tmp_path: Path) -> Sentences:
    (tmp_path / "said.toml").write_text(FILE, "utf-8")
    return Sentences(tmp_path / "said.toml")


def test_rules_are_tried_in_order_and_a_group_may_stand_in_several_branches(sentences: Sentences) -> None:
    assert list(sentences.fitting("asked", "Where is my Brother")) == [
        ("home", {"who": "Brother"}),
        ("any", {"rest": "Where is my Brother"}),
    ]
    assert next(sentences.fitting("asked", "where does my sister live")) == ("home", {"who": "sister"})
    assert list(sentences.fitting("asked", "and where")) == []


@pytest.mark.parametrize(
    ("said", "bare"),
    [
        ("Could you please read it?", "read it"),
        ("请帮我念一下购物清单吧。", "念一下购物清单"),
        ("read  it,\nthanks", "read it"),
    ],
)
def test_courtesies_are_no_part_of_a_sentence(said: str, bare: str) -> None:
    assert Sentences.without_courtesies(said) == bare


def test_a_file_is_read_when_it_is_needed(tmp_path: Path) -> None:
    missing = Sentences(tmp_path / "none.toml")
    with pytest.raises(FileNotFoundError):
        next(missing.fitting("asked", "x"))
