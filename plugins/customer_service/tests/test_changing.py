"""Changing orders, warranty, complaints, and handing over to a person."""

import time
from datetime import date
from pathlib import Path

import pytest

from assistant import Exchange, PluginError, Reply, Turn
from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from plugins.customer_service.handover import angry
from plugins.customer_service.people import summary_of
from plugins.customer_service.store import Store
from plugins.customer_service.warranty import months_after

TODAY = date(2026, 3, 10)
NOON = time.mktime((2026, 3, 10, 12, 0, 0, 0, 0, -1))


class Desk:
    """The plugin with a shop that is kept between visits."""

    def __init__(self, plugin: PluginUnderTest, folder: Path) -> None:
        self.plugin = plugin
        self.services = FakeServices(data_dir=folder)
        self.store = Store(f"sqlite:///{folder}/store.sqlite3", TODAY)

    def visit(self, intent: str, text: str, *answers: str, tone: dict[str, float] | None = None) -> Reply:
        turn = Turn(session="test", text=text, at=NOON, tone=tone or {})
        return self.plugin.ask(turn=turn, intent=intent, answers=answers, services=self.services)


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


@pytest.fixture
def desk(plugin: PluginUnderTest, tmp_path: Path) -> Desk:
    return Desk(plugin, tmp_path)


def test_quantity_changes_after_a_yes_and_the_price_with_it(desk: Desk) -> None:
    assert "stays as it is" in desk.visit("change_order", "make it 3 coffee mugs in A1007", "no").text
    reply = desk.visit("change_order", "make it 3 coffee mugs in A1007", "yes")
    assert "€96.00" in reply.text
    assert reply.data.items() >= {"order": "A1007", "quantity": 3, "cents": 9600}.items()
    assert "3 × coffee mugs" in desk.visit("track_order", "where is A1007").text


def test_an_item_is_taken_out_but_not_the_last(desk: Desk) -> None:
    assert "€28.00" in desk.visit("change_order", "remove the tea towels from A1007", "yes").text
    assert "say “cancel A1007”" in desk.visit("change_order", "remove the mugs from A1007").text


def test_more_than_there_are_is_refused(desk: Desk) -> None:
    text = desk.visit("change_order", "change the coffee mugs in A1007", "500", "500").text
    assert "stays as it is" in text


def test_a_day_that_is_over_is_asked_for_again(desk: Desk) -> None:
    reply = desk.visit("change_order", "deliver A1002 on another day", "2026-03-01", "2026-03-20", "yes")
    assert reply.data.items() >= {"order": "A1002", "day": "2026-03-20"}.items()
    assert "Friday, 20 March" in desk.visit("track_order", "where is A1002").text
    assert "stays" in desk.visit("change_order", "deliver A1002 on another day", "2026-03-01", "2031-01-01").text


def test_an_address_must_be_whole_and_is_read_back(desk: Desk) -> None:
    reply = desk.visit("change_address", "change the address of A1002", "my mother", "5 Mill Road, 1030 Vienna", "yes")
    assert reply.data["address"] == "5 Mill Road, 1030 Vienna"
    assert next(o for o in desk.store.orders("") if o.number == "A1002").address == "5 Mill Road, 1030 Vienna"
    named = desk.visit("change_address", "please send A1002 to 7 Oak Street, 1040 Vienna", "yes")
    assert "7 Oak Street" in named.text
    assert "with the carrier" in desk.visit("change_address", "change the address of A1001").text


def test_what_has_left_is_not_changed(desk: Desk) -> None:
    assert "can't be changed any more" in desk.visit("change_order", "change A1001").text


@pytest.mark.parametrize(("text", "covered"), [("warranty on the laptop A1009", True), ("保修 A1003", True)])
def test_warranty_runs_from_the_delivery(desk: Desk, text: str, covered: bool) -> None:
    assert desk.visit("check_warranty", text).data["covered"] is covered


def test_months_end_where_the_month_does() -> None:
    assert months_after(date(2024, 2, 29), 24) == date(2026, 2, 28)
    assert months_after(date(2025, 12, 31), 2) == date(2026, 2, 28)


def test_a_complaint_is_noted_before_the_contact_is_asked(desk: Desk) -> None:
    reply = desk.visit("complaint", "I want to complain", "the driver was rude", "hm", "me@example.org")
    assert reply.data["contact"] == "me@example.org"
    kinds = [(t["kind"], t["words"]) for t in desk.store.tickets()]
    assert ("complaint", "I want to complain – the driver was rude") in kinds


@pytest.mark.parametrize(
    "words",
    [
        "THIS IS SO BAD where is A1008",
        "I am fed up, where is A1008",
        "你们这垃圾服务，A1008到底在哪里",
        "A1008??? now!!!",
    ],
)
def test_anger_brings_a_person_with_the_story(desk: Desk, words: str) -> None:
    desk.services.said = [Exchange("where is my hose", "It is late.")]
    reply = desk.visit("track_order", words, "0123 456 789")
    assert reply.data["handed_over"] == "anger"
    assert reply.data["summary"].splitlines() == [
        "Customer: where is my hose",
        "Desk: It is late.",
        f"Customer: {words}",
    ]
    assert desk.store.tickets()[-1]["order_number"] == "A1008"


def test_an_angry_voice_does_so_too_and_a_calm_one_does_not(desk: Desk) -> None:
    assert "handed_over" in desk.visit("track_order", "where is A1008", "a@b.org", tone={"anger": 0.8}).data
    assert "handed_over" not in desk.visit("track_order", "where is A1008", tone={"anger": 0.3}).data
    assert not angry(Turn(text="I ordered an Angry Birds mug, where is it"))


def test_the_third_attempt_that_fails_brings_a_person_and_success_starts_over(desk: Desk) -> None:
    def fail(*more: str) -> Reply:
        return desk.visit("track_order", "track A9999", "none", *more)

    assert "handed_over" not in fail().data
    assert "handed_over" not in fail().data
    desk.visit("track_order", "where is A1001")
    assert "handed_over" not in fail().data
    assert "handed_over" not in fail().data
    assert fail("0123 456 789").data["handed_over"] == "attempts"


def test_a_monologue_is_served_and_its_summary_stays_short(desk: Desk) -> None:
    story = "well you see my sister came over and we talked about the weather and the dog " * 120
    assert "A1008" in desk.visit("track_order", f"{story} and where is my garden hose {story}").text
    summary = summary_of(f"It began on Monday. {story} So call me.", [])
    assert len(summary) < 700
    assert "It began on Monday." in summary
    assert summary.endswith("So call me.")


class Kiosk(Store):
    """Somebody's own shop."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(url.replace("FOLDER", str(folder)), TODAY)


def test_a_shop_of_ones_own_takes_the_place(plugin: PluginUnderTest, tmp_path: Path) -> None:
    options = {"adapter": f"{__name__}:Kiosk", "url": "sqlite:///FOLDER/kiosk.sqlite3"}
    services = FakeServices(data_dir=tmp_path, options=options)
    turn = Turn(text="where is A1001", at=NOON)
    assert "PX40210077" in plugin.ask(turn=turn, intent="track_order", services=services).text
    assert (tmp_path / "kiosk.sqlite3").exists()
    assert not (tmp_path / "store.sqlite3").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"adapter": "no_such_shop:Shop"}, "no_such_shop:Shop cannot be opened"),
        ({"url": "postgresql+nothing://x/y"}, "cannot be opened"),
        ({"url": "sqlite:////no/such/folder/x.sqlite3"}, "unable to open"),
    ],
)
def test_a_shop_that_cannot_be_opened_is_one_line(tmp_path: Path, options: dict[str, str], said: str) -> None:
    services = FakeServices(data_dir=tmp_path, options=options)
    fresh = load_plugin(Path(__file__).parent.parent)  # its failures must not make the others' plugin rest
    with pytest.raises(PluginError, match=said) as caught:
        fresh.ask("where is A1001", intent="track_order", services=services)
    assert "\n" not in str(caught.value)


def test_policy_pages_of_ones_own_are_answered_from(plugin: PluginUnderTest, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    page = tmp_path / "pages" / "pets.md"
    page.write_text("# Pets\n\n## Dogs in the shop\nDogs are welcome on a lead.\n", "utf-8")
    services = FakeServices(data_dir=tmp_path, options={"policies": str(tmp_path / "pages")})
    reply = plugin.ask("are dogs in the shop allowed", intent="policy_question", services=services)
    assert "on a lead" in reply.text
    assert reply.data["source"] == "pets.md"
    page.write_text("# Pets\n\n## Dogs in the shop\nDogs must wait outside, by the door.\n", "utf-8")
    assert "outside" in plugin.ask("are dogs in the shop allowed", intent="policy_question", services=services).text


@pytest.mark.parametrize(
    ("intent", "text", "answers", "after"),
    [
        ("change_order", "make it 3 coffee mugs in A1007", ("no, four", "yes"), "€124.00"),
        (
            "change_order",
            "bring A1007 on Friday instead of next week",
            ("2026-03-13", "actually Monday", "2026-03-16", "yes"),
            "16 March",
        ),
        (
            "change_address",
            "send A1002 to 10 Hill Road, 8010 Graz",
            ("no, 12 Hill Road, 8010 Graz", "yes"),
            "to 12 Hill Road, 8010 Graz",
        ),
        (
            "change_address",
            "send A1002 to 10 Hill Road, 8010 Graz",
            ("no, number 12", "yes"),
            "to 12 Hill Road",
        ),
        ("change_address", "send A1002 to 10 Hill Road, 8010 Graz", ("no",), "12 Garden Lane, 1010 Vienna as before"),
    ],
)
def test_a_change_is_corrected_before_it_is_made(
    desk: Desk, intent: str, text: str, answers: tuple[str, ...], after: str
) -> None:
    assert after in desk.visit(intent, text, *answers).text
