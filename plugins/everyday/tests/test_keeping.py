"""Lists and notes: what is read from sentences, what is kept, and what asks first."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant import Exchange, PluginError, Transcript, Turn
from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from plugins.everyday.items import split_items
from plugins.everyday.keeping import MOST_ITEMS, Keeper
from plugins.everyday.list_reading import read_wish
from plugins.everyday.note_reading import read_note_wish


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


@pytest.mark.parametrize(
    ("said", "do", "name", "items"),
    [
        ("add milk to the shopping list", "add", "shopping", ["milk"]),
        ("can you put milk, eggs and two loaves of bread on my shopping list please", "add", "shopping",
         ["milk", "eggs", "two loaves of bread"]),
        ("add call mum and dad to my to-do list", "add", "to-do", ["call mum and dad"]),
        ("make a list for the party with cups, plates and napkins", "make", "the party", ["cups", "plates", "napkins"]),
        ("what's on the grocery list?", "read", "shopping", []),
        ("I've got the bread, take it off", "tick", "", ["bread"]),
        ("remove milk from the list", "remove", "", ["milk"]),
        ("clear my shopping list", "clear", "shopping", []),
        ("购物清单上加鸡蛋、面包和两盒酸奶", "add", "shopping", ["鸡蛋", "面包", "两盒酸奶"]),
        ("把防晒霜和牙刷加进行李清单", "add", "packing", ["防晒霜", "牙刷"]),
        ("待办事项里加一条：给妈妈打电话", "add", "to-do", ["给妈妈打电话"]),
        ("鸡蛋买好了，划掉", "tick", "", ["鸡蛋"]),
        ("清空购物清单", "clear", "shopping", []),
    ],
)  # fmt: skip
def test_a_wish_about_a_list_is_read_whole(said: str, do: str, name: str, items: Sequence[str]) -> None:
    wish = read_wish(said)
    assert wish is not None
    assert (wish.do, wish.name, list(wish.items)) == (do, name, list(items))


@pytest.mark.parametrize(
    "said",
    [
        "don't add milk to the shopping list",
        "what happens if I add milk to the list",
        "my friend wants to add milk to the list",
        "put it on the list",
        "add milk to the shopping list and eggs to the packing list",
        "list my orders",
        "make a list of facts about green book",
        "I have 1 other US card. Can you take that?",
        "add eggs",
        "x" * 600 + " list",
    ],
)
def test_a_refusal_a_question_or_more_than_one_wish_is_none(said: str) -> None:
    assert read_wish(said) is None


def test_enumerations_are_split_where_they_join_things() -> None:
    assert split_items("salt and pepper", "shopping") == ("salt", "pepper")
    assert split_items("wash and fold the laundry", "to-do") == ("wash and fold the laundry",)
    assert split_items("call Bob, pay rent and water plants", "to-do") == ("call Bob", "pay rent", "water plants")


def test_items_are_kept_once_ticked_and_read_back(plugin: PluginUnderTest) -> None:
    services = FakeServices()
    plugin.ask("add milk and a dozen eggs to the shopping list", intent="add_to_list", services=services)
    again = plugin.ask("add Milk to the list", intent="add_to_list", services=services)
    assert "already: milk" in again.text
    ticked = plugin.ask("tick off the eggs and the jam", intent="tick_off", services=services)
    assert ticked.data["tick"] == ["a dozen eggs"]
    assert "Not on your shopping list: jam" in ticked.text
    read = plugin.ask("what's on the shopping list", intent="read_list", services=services)
    assert read.data["items"] == ["milk"]
    assert read.data["done"] == ["a dozen eggs"]


def test_an_item_that_two_could_be_is_asked_for(plugin: PluginUnderTest) -> None:
    services = FakeServices()
    plugin.ask("add oat milk and cow milk to the shopping list", intent="add_to_list", services=services)
    ticked = plugin.ask("tick off the milk", intent="tick_off", answers=["oat milk"], services=services)
    assert ticked.data["tick"] == ["oat milk"]


def test_clearing_and_deleting_ask_first(plugin: PluginUnderTest) -> None:
    services = FakeServices()
    keeper = Keeper(services.data_dir)
    plugin.ask("add milk to the shopping list", intent="add_to_list", services=services)
    plugin.ask("clear the shopping list", intent="clear_list", answers=["no"], services=services)
    assert [item.text for item in keeper.items("shopping")] == ["milk"]
    plugin.ask("clear the shopping list", intent="clear_list", answers=["yes"], services=services)
    assert keeper.items("shopping") == []
    assert keeper.lists() == ["shopping"]
    plugin.ask("delete the shopping list", intent="clear_list", answers=["yes"], services=services)
    assert keeper.lists() == []


def test_a_list_is_full_before_anything_is_dropped(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    keeper.add("x", [str(number) for number in range(MOST_ITEMS)])
    with pytest.raises(PluginError, match="nothing was added"):
        keeper.add("x", ["one more"])
    assert len(keeper.items("x")) == MOST_ITEMS


def test_several_programs_add_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    def add(number: int) -> None:
        Keeper(tmp_path).add("shopping", [f"thing {number}"])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    assert len(Keeper(tmp_path).items("shopping")) == 40


def test_a_damaged_file_is_told_in_one_line(plugin: PluginUnderTest) -> None:
    services = FakeServices()
    (services.data_dir / "everyday.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(PluginError, match="cannot be used"):
        plugin.ask("add milk to the shopping list", intent="add_to_list", services=services)


@pytest.mark.parametrize(
    ("said", "do", "text"),
    [
        ("note: the plumber comes on Tuesday.", "take", "the plumber comes on Tuesday."),
        ("take a note that the garage code is on the fridge", "take", "the garage code is on the fridge"),
        ("write that down please", "take_last", ""),
        ("find my note about the plumber", "read", "the plumber"),
        ("记个笔记，车库密码贴在冰箱上", "take", "车库密码贴在冰箱上"),
        ("把刚才那句话记下来", "take_last", ""),
        ("删掉关于车库的笔记", "delete", "车库"),
    ],
)
def test_a_wish_about_a_note_is_read(said: str, do: str, text: str) -> None:
    wish = read_note_wish(said)
    assert wish is not None
    assert (wish.do, wish.text) == (do, text)


@pytest.mark.parametrize("said", ["please note that my parcel never came", "give me a note for my doctor"])
def test_a_turn_of_phrase_is_no_note(said: str) -> None:
    assert read_note_wish(said) is None


def test_write_that_down_takes_the_recording_beside_it(plugin: PluginUnderTest) -> None:
    services = FakeServices()
    turn = Turn(text="write that down", transcript=Transcript("The meter reads 4411.", "en"))
    assert "4411" in plugin.ask(intent="take_note", turn=turn, services=services).text
    assert [note.text for note in Keeper(services.data_dir).notes()] == ["The meter reads 4411."]


def test_write_that_down_takes_what_was_said_last(plugin: PluginUnderTest) -> None:
    services = FakeServices(said=[Exchange("The meter reads 4411.", "I don't know.", outcome="out_of_scope")])
    plugin.ask("write that down", intent="take_note", services=services)
    assert [note.text for note in Keeper(services.data_dir).notes()] == ["The meter reads 4411."]


def test_notes_are_found_and_deleted_after_a_yes(plugin: PluginUnderTest) -> None:
    services = FakeServices()
    for text in ("note: the plumber comes on Tuesday", "note: the meter reads 4411"):
        plugin.ask(text, intent="take_note", services=services)
    found = plugin.ask("find my note about the plumber", intent="read_notes", services=services)
    assert found.data["notes"] == ["the plumber comes on Tuesday"]
    plugin.ask("delete my note about the plumber", intent="delete_note", answers=["no"], services=services)
    assert len(Keeper(services.data_dir).notes()) == 2
    plugin.ask("delete my note about the plumber", intent="delete_note", answers=["yes"], services=services)
    assert [note.text for note in Keeper(services.data_dir).notes()] == ["the meter reads 4411"]


@pytest.mark.parametrize(
    "said",
    [
        "metti latte e pane sulla lista della spesa",
        "setze Milch und Brot auf die Einkaufsliste",
        "ajoute du lait et du pain à la liste de courses",
        "añade leche y pan a la lista de la compra",
        "schreib Eier und Butter auf meine Einkaufsliste",
    ],
)
def test_lists_are_kept_in_other_languages_too(plugin: PluginUnderTest, said: str) -> None:
    added = plugin.ask(said, intent="add_to_list", services=FakeServices())
    assert len(added.data["added"]) == 2
    assert added.data["list"] == "shopping"


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("add flour to my shopping list but not sugar", ["flour"]),
        ("put eggs and milk on the shopping list, but no butter", ["eggs", "milk"]),
        ("购物清单加面粉，不要糖", ["面粉"]),
        ("add tea and bread to my shopping list, leave out the jam", ["tea", "bread"]),
    ],
)
def test_what_is_not_to_go_on_a_list_stays_off(plugin: PluginUnderTest, said: str, items: list[str]) -> None:
    assert plugin.ask(said, intent="add_to_list", services=FakeServices()).data["added"] == items
