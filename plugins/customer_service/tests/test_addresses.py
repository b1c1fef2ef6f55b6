"""Addresses: whole as they are said, and mended part by part."""

from pathlib import Path

import pytest

from assistant import Exchange
from plugins.customer_service.addresses import keeps_old, mended, named_address
from plugins.customer_service.addressing import mends_address
from plugins.customer_service.tests.desk import Desk

BATH = "22 Elm Street, Bath BA1 2XY"
CHENGDU = "建设路12号502室，成都610000"
BEIJING = "北京市朝阳区望京街9号，邮编100102"
HANGZHOU = "解放路5号，杭州310009"


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("send A1002 to Rosenweg 8, 6020 Innsbruck instead please", "Rosenweg 8, 6020 Innsbruck"),
        ("ship A1007 to Keizersgracht 120, 1015 CX Amsterdam", "Keizersgracht 120, 1015 CX Amsterdam"),
        ("change the address of A1002 to 45 Mill Lane, Cambridge CB1 2AD", "45 Mill Lane, Cambridge CB1 2AD"),
        ("please have A1002 delivered to Lindenstrasse 7, 10969 Berlin", "Lindenstrasse 7, 10969 Berlin"),
        ("send the grinder to Torstrasse 5, 10119 Berlin", "Torstrasse 5, 10119 Berlin"),
        ("it should go to 7 Elm Street, Bath BA1 2XY please, thanks", "7 Elm Street, Bath BA1 2XY"),
        ("A1007的收货地址换成中山路88号，广州510030", "中山路88号，广州510030"),
        ("把A1002送到南京西路1266号号，上海200040", "南京西路1266号，上海200040"),
        ("A1002改送到建设路12号502室，成都610000", CHENGDU),
        ("改送上海市徐汇区漕溪路251弄5号楼302室 200235 谢谢", "上海市徐汇区漕溪路251弄5号楼302室 200235"),
        ("磨豆机寄到人民路3号，南京", "人民路3号，南京"),
        ("磨豆机寄到人民路3号，谢谢", "人民路3号"),
    ],
)
def test_an_address_keeps_its_town_and_postcode(said: str, address: str) -> None:
    assert named_address(said) == address


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (BATH, "sorry 24 not 22", "24 Elm Street, Bath BA1 2XY"),
        (BATH, "no, 7 Elm Street", "7 Elm Street, Bath BA1 2XY"),
        (BATH, "it's Elm Avenue, not Elm Street", "22 Elm Avenue, Bath BA1 2XY"),
        (BATH, "the town is Bristol, not Bath", "22 Elm Street, Bristol BA1 2XY"),
        (BATH, "the postcode is BA1 2XZ actually", "22 Elm Street, Bath BA1 2XZ"),
        (BATH, "not 22 but 122", "122 Elm Street, Bath BA1 2XY"),
        (CHENGDU, "502写错了 是520", "建设路12号520室，成都610000"),
        (CHENGDU, "门牌号是21号", "建设路21号502室，成都610000"),
        (BEIJING, "等一下，是19号", "北京市朝阳区望京街19号，邮编100102"),
        (BEIJING, "不对，建国路8号", "北京市朝阳区建国路8号，邮编100102"),
        (HANGZHOU, "邮编错了，是310019", "解放路5号，杭州310019"),
        (HANGZHOU, "邮编不对，应该是310019", "解放路5号，杭州310019"),
        (HANGZHOU, "都不对，应该是别的", ""),
        (HANGZHOU, "是苏州不是杭州", "解放路5号，苏州310009"),
        (HANGZHOU, "不是5号，是15号", "解放路15号，杭州310009"),
        (BATH, "I want chips", ""),
    ],
)
def test_what_is_not_corrected_stays(before: str, said: str, after: str) -> None:
    assert mended(before, said) == after


def test_a_correction_after_the_change_is_asked_about_again() -> None:
    done = Exchange("yes", "Done", "customer_service.change_address", "answer", {"order": "A1002", "address": BATH})
    assert mends_address("sorry 24 not 22", [done])
    assert not mends_address("thanks, where is A1001", [done])
    assert not mends_address("sorry 24 not 22", [Exchange("hi", "hello", "smalltalk.hello", "answer")])


@pytest.mark.parametrize(
    "answer", ["actually my old address was fine", "leave it with the one you already had", "还是原来的地址吧"]
)
def test_the_old_address_is_kept(answer: str, tmp_path: Path) -> None:
    assert keeps_old(answer)
    desk = Desk(tmp_path)
    said = desk.visit("change_address", "change the address of A1002 to 9 Orchard Close, Exeter EX2 5JD", answer)
    assert "Garden Lane" in said
    assert "Garden Lane" in desk.order("A1002").address


def test_an_address_is_changed_only_on_a_yes_to_the_mended_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    words = ("A1002改送到建设路12号502室，成都610000", "502写错了 是520")
    assert "520室，成都610000" in desk.visit("change_address", *words)
    assert "Garden Lane" in desk.order("A1002").address
    desk.visit("change_address", *words, "对，没错")
    assert desk.order("A1002").address == "建设路12号520室，成都610000"
