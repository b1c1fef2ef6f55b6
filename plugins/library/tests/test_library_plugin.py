from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from assistant import LibraryAnswer
from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from assistant.types import Picture, Turn
from plugins.library.answering import matches_find
from plugins.library.summarising import matches_summarise

LEASE = LibraryAnswer("Notice is two months.", "/home/u/lease.pdf", "text", 0.9, "page 2")
MEMO = LibraryAnswer("The notice is on the door.", "/home/u/memo.wav", "audio", 0.7, "", 72.4)
PHOTO = LibraryAnswer("balloon, sky", "/home/u/a.jpg", "image", 0.6)


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


@pytest.mark.parametrize(
    "said",
    [
        "what does my contract say about notice?",
        "Please search my files for sourdough",
        "find the photo with the hot air balloons",
        "find the mail where Hannah asks for the tent",
        "which of my documents mentions the deposit?",
        "receipts over 100 ringgit",
        "show me the invoice from March 2026",
        "according to my lease, may I keep a cat?",
        "does the handbook mention a bus pass?",
        "look through our papers for the insurance number",
        "what is in report.pdf about margins",
        "在我的文件里找押金",
        "找一下有热气球的照片",
        "员工手册里有没有提到班车？",
        "2026年3月的发票",
    ],
)
def test_requests_for_ones_own_files_are_known(said: str) -> None:
    assert matches_find(said)


@pytest.mark.parametrize(
    "said",
    [
        "where is my order?",
        "cancel my order",
        "find the refund for my order",
        "what does the lecture say about gradient descent?",
        "search the course for entropy",
        "find my note about the plumber",
        "what does this photo show?",
        "look at this mole",
        "what does the return policy say about shoes?",
        "show me my shopping list",
        "set a timer for five minutes",
        "what's the capital of Peru?",
        "does my warranty cover the screen?",
        "帮我查一下订单",
        "这张照片里有什么",
        "add the report to my list",
        "take a picture",
        "send a letter to my landlord",
        "write a contract",
    ],
)
def test_what_is_for_others_is_left_to_them(said: str) -> None:
    assert not matches_find(said)
    assert not matches_summarise(said)


@pytest.mark.parametrize(
    "said",
    [
        "summarise contract.pdf",
        "Summarize this letter: Dear Sir, your account will be closed on Monday unless you write to us.",
        "can you sum up the tenancy agreement",
        "give me a short summary of the letter from the bank",
        "总结一下这封信：尊敬的客户，您的账户将于五月一日起收取每月四元九角的管理费。",
        "概括合同.pdf",
    ],
)
def test_requests_for_a_summary_are_known(said: str) -> None:
    assert matches_summarise(said)


def test_an_answer_is_quoted_with_its_file_and_page(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("what does my lease say about notice ?", services=FakeServices(library=[LEASE, MEMO]))
    assert "“Notice is two months.”\n— /home/u/lease.pdf, page 2" in reply.text
    assert "/home/u/memo.wav, 01:12" in reply.text
    assert reply.data["answers"][0]["place"] == "page 2"
    assert "lease" in reply.spoken
    assert "/home" not in reply.spoken


def test_nothing_found_and_no_library_are_told_apart(plugin: PluginUnderTest) -> None:
    nothing = plugin.ask("search my files for lasagne", services=FakeServices(library=[LEASE]))
    assert "find nothing about that in your 1 files" in nothing.text
    empty = plugin.ask("search my files for lasagne", services=FakeServices())
    assert "assistant library add" in empty.text


def test_what_is_only_near_is_named_and_not_told(plugin: PluginUnderTest) -> None:
    near = FakeServices(library=[replace(LEASE, relevance=0.2), replace(MEMO, relevance=0.05)])
    reply = plugin.ask("search my files for how notice is given", services=near)
    assert "surely answers that" in reply.text
    assert "lease.pdf, page 2" in reply.text
    assert LEASE.text not in reply.text
    assert "memo" not in reply.text
    assert "page 2" in reply.spoken
    asked = plugin.fall_back("how is notice given ?", services=near)
    assert asked is not None
    assert "surely answers that" in asked.text
    far = FakeServices(library=[replace(LEASE, relevance=0.15)])
    assert plugin.fall_back("how is notice given ?", services=far) is None


def test_what_was_not_read_is_told_with_the_answer(plugin: PluginUnderTest) -> None:
    unread = {"/home/u/lease.pdf": "not read: page 3 (a picture without words)", "/home/u/locked.pdf": "has a password"}
    there = FakeServices(library=[LEASE, MEMO], unread=unread)
    answer = plugin.ask("what does my lease say about notice ?", services=there).text
    assert "(Parts of this file that could not be read: page 3 (a picture without words).)" in answer
    assert "locked" not in answer
    nothing = plugin.ask("search my files for lasagne", services=there).text
    assert "2 files that could not be read completely: lease.pdf, locked.pdf." in nothing
    assert "could not be read: page 3" in plugin.ask("summarise lease.pdf", services=there).text
    whole = FakeServices(library=[LEASE, MEMO], unread={"/home/u/locked.pdf": "has a password"})
    assert "ot read" not in plugin.ask("what does my lease say about notice ?", services=whole).text


def test_a_question_of_no_intent_is_answered_only_where_the_files_hold_it(plugin: PluginUnderTest) -> None:
    there = FakeServices(library=[LEASE])
    known = plugin.fall_back("how long is notice ?", services=there)
    assert known is not None
    assert "two months" in known.text
    assert plugin.fall_back("who painted the fence ?", services=there) is None
    assert plugin.fall_back("notice", services=there) is None, "it asks nothing"
    assert plugin.fall_back("what is notice ?", services=FakeServices()) is None
    shown = Turn(text="what is notice ?", images=(Picture(Image.new("RGB", (4, 4), "red")),))
    assert plugin.fall_back(turn=shown, services=there) is None, "it is about the picture"


def test_a_picture_is_named(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("find the photo with the balloon, please", services=FakeServices(library=[PHOTO]))
    assert "/home/u/a.jpg (shows perhaps: balloon, sky)" in reply.text


LETTER = """Dear Mr Tamsin, thank you for your letter.
From 1 May 2026 your account costs 4.90 euros a month instead of 3.50.
We hope that you are well. Withdrawals at other banks cost 2.50 euros each. The weather has been fine here.
If you do not agree, you may close the account free of charge before 1 May.
Your adviser is Mrs Brandt. Kind regards."""


def test_a_pasted_text_is_summarised_word_for_word(plugin: PluginUnderTest) -> None:
    reply = plugin.ask(f"summarise this letter: {LETTER}", services=FakeServices())
    lines = [line.removeprefix("· ") for line in reply.text.splitlines() if line.startswith("· ")]
    assert 2 <= len(lines) <= 5
    assert all(line in " ".join(LETTER.split()) for line in lines)


def test_a_file_is_summarised_by_its_name(plugin: PluginUnderTest) -> None:
    files = [LibraryAnswer(line, "/home/u/bank letter.txt", "text", 0.9) for line in LETTER.splitlines()]
    reply = plugin.ask("summarise bank letter.txt", services=FakeServices(library=files))
    assert "the main sentences of bank letter.txt" in reply.text
    unknown = plugin.ask("summarise nowhere.pdf", services=FakeServices(library=files))
    assert "no file called nowhere.pdf" in unknown.text


def test_a_file_is_summarised_by_a_name_that_is_no_word_for_a_paper(plugin: PluginUnderTest) -> None:
    soup = "# Lentil soup\nFry the onions until golden. Add the lentils. Simmer for 25 minutes. Add lemon at the end."
    kept = FakeServices(library=[LibraryAnswer(soup, "/home/u/Grandma's lentil soup.md", "text", 0.9)])
    reply = plugin.fall_back("please summarise grandma's lentil soup", services=kept)
    assert reply is not None
    assert "lentil soup.md" in reply.text
    assert "25 minutes" in reply.text
    assert plugin.fall_back("summarise the water cycle", services=kept) is None


def test_two_hundred_pages_that_are_pasted_are_bounded(plugin: PluginUnderTest) -> None:
    text = " ".join(f"Page {number} says something of its own about matter {number % 97}." for number in range(8_000))
    reply = plugin.ask(f"summarise this text: {text}", services=FakeServices())
    assert len(reply.text) < 1_000
