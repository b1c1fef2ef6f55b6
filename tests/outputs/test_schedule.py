import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assistant.errors import UserError
from assistant.outputs.schedule import LEASE, Schedule, audience, next_occurrence
from assistant.storage import Database
from assistant.types import Reply
from assistant.understanding.entities import Recurrence

MONDAY = datetime(2026, 3, 23, 9, 0)


class Clock:
    """A clock that is set by hand."""

    def __init__(self, at: datetime) -> None:
        self.now = at.timestamp()

    def __call__(self) -> float:
        return self.now

    def set(self, at: datetime) -> None:
        self.now = at.timestamp()


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def clock(berlin: None) -> Clock:
    return Clock(MONDAY)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    postgres = request.param == "postgresql"
    return str(request.getfixturevalue("postgres")) if postgres else f"sqlite:///{tmp_path / 'a.sqlite3'}"


@pytest.fixture
def schedule(url: str, clock: Clock) -> Iterator[Schedule]:
    database = Database(url)
    with database.begin() as connection:
        connection.execute(database.table("scheduled").delete())
    yield Schedule(database, clock)
    database.close()


def ring(schedule: Schedule) -> list[str]:
    entries = schedule.claim()
    schedule.strike_out(entries)
    return [entry.reply.text for entry in entries]


def test_what_is_due_rings_once(schedule: Schedule, clock: Clock) -> None:
    schedule.put("clock", "a", "default", Reply("tea"), MONDAY + timedelta(minutes=5))
    assert ring(schedule) == []
    clock.set(MONDAY + timedelta(minutes=5))
    assert ring(schedule) == ["tea"]
    assert ring(schedule) == []
    assert schedule.next_due() is None
    kept = schedule.find("clock", "default")
    assert kept[0].due is None
    assert kept[0].rung is not None


def test_many_claimers_ring_it_once(url: str, schedule: Schedule, clock: Clock) -> None:
    for number in range(20):
        schedule.put("clock", str(number), "default", Reply(str(number)), MONDAY)
    databases = [Database(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        rung = [text for texts in pool.map(lambda each: ring(Schedule(each, clock)), databases) for text in texts]
    for database in databases:
        database.close()
    assert sorted(rung, key=int) == [str(number) for number in range(20)]


@pytest.mark.faults
def test_what_a_killed_program_claimed_is_rung_by_another(schedule: Schedule, clock: Clock) -> None:
    schedule.put("clock", "a", "default", Reply("tea"), MONDAY)
    assert schedule.claim()  # and is killed
    assert schedule.claim() == []
    clock.now += LEASE + 0.1
    entries = schedule.claim()
    assert [round(entry.late) for entry in entries] == [5]
    schedule.strike_out(entries)
    assert ring(schedule) == []


def test_a_claim_that_was_taken_over_is_not_struck_out(schedule: Schedule, clock: Clock) -> None:
    schedule.put("clock", "a", "default", Reply("tea"), MONDAY, Recurrence("day"))
    slow = schedule.claim()
    clock.now += LEASE + 0.1
    quick = schedule.claim()
    schedule.strike_out(slow)
    assert schedule.find("clock", "default")[0].rung is None
    schedule.strike_out(quick)
    assert schedule.find("clock", "default")[0].due == (MONDAY + timedelta(days=1)).astimezone()


def test_what_was_missed_comes_again_once(schedule: Schedule, clock: Clock) -> None:
    schedule.put("clock", "a", "default", Reply("water"), MONDAY, Recurrence("day"))
    clock.set(MONDAY + timedelta(days=10, hours=1))
    assert ring(schedule) == ["water"]
    assert ring(schedule) == []
    assert schedule.find("clock", "default")[0].due == (MONDAY + timedelta(days=11)).astimezone()


@pytest.mark.faults
def test_daylight_saving_keeps_the_time_on_the_wall(schedule: Schedule, clock: Clock) -> None:
    saturday = datetime(2026, 3, 28, 7, 0)
    schedule.put("clock", "a", "default", Reply("up"), saturday, Recurrence("day"))
    clock.set(saturday)
    ring(schedule)
    due = schedule.find("clock", "default")[0].due
    assert due is not None
    assert (due.hour, due.utcoffset()) == (7, timedelta(hours=2))
    assert due.timestamp() - saturday.timestamp() == 23 * 3600


def test_the_skipped_hour_is_an_hour_later(schedule: Schedule) -> None:
    kept = schedule.put("clock", "a", "default", Reply("up"), datetime(2026, 3, 29, 2, 30))
    assert kept.due is not None
    assert f"{kept.due:%H:%M}" == "03:30"


def test_every_hour_goes_by_elapsed_time(schedule: Schedule, clock: Clock) -> None:
    night = datetime(2026, 3, 29, 0, 30)
    schedule.put("clock", "a", "default", Reply("hour"), night, Recurrence("hour"))
    clock.set(night)
    ring(schedule)
    clock.now += 3600
    assert ring(schedule) == ["hour"]
    due = schedule.find("clock", "default")[0].due
    assert due is not None
    assert f"{due:%H:%M}" == "03:30"


@pytest.mark.faults
def test_the_clock_that_is_set_back_rings_nothing_twice(schedule: Schedule, clock: Clock) -> None:
    schedule.put("clock", "a", "default", Reply("tea"), MONDAY, Recurrence("day"))
    assert ring(schedule) == ["tea"]
    clock.set(MONDAY - timedelta(hours=1))
    assert ring(schedule) == []
    clock.set(MONDAY)
    assert ring(schedule) == []


@pytest.mark.faults
def test_the_wall_clock_goes_with_the_user(schedule: Schedule, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule.put("clock", "wall", "default", Reply("up"), MONDAY + timedelta(hours=1))
    schedule.put("clock", "daily", "default", Reply("pill"), MONDAY + timedelta(hours=2), Recurrence("day"))
    schedule.put("clock", "timer", "default", Reply("tea"), (MONDAY + timedelta(hours=1)).astimezone())
    before = clock.now
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    schedule.move_to_zone()
    due = {each.key: each.due for each in schedule.find("clock", "default")}
    assert due["wall"] == datetime(2026, 3, 23, 10, 0).astimezone()
    assert due["daily"] == datetime(2026, 3, 23, 11, 0).astimezone()
    assert due["timer"] is not None
    assert due["timer"].timestamp() == before + 3600


def test_clients_of_the_server_do_not_hear_each_other(schedule: Schedule, clock: Clock) -> None:
    for session in ("default", "http/ann/kitchen", "http/Ann/x", "http/bob/y"):
        schedule.put("clock", session, session, Reply(session), MONDAY)
    assert [each.key for each in schedule.find("clock", "http/ann/other")] == ["http/ann/kitchen"]
    assert [each.key for each in schedule.find("clock", "voice")] == ["default"]
    assert [each.key for each in schedule.claim([audience("http/ann/z")])] == ["http/ann/kitchen"]
    assert schedule.next_due(["http/none/"]) is None


def test_bounds_are_told(schedule: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.outputs.schedule.MOST", 2)
    schedule.put("clock", "a", "s", Reply("tea"), MONDAY)
    schedule.put("clock", "b", "s", Reply("tea"), MONDAY)
    with pytest.raises(UserError, match="cancel some"):
        schedule.put("clock", "c", "s", Reply("tea"), MONDAY)
    with pytest.raises(UserError, match="too long"):
        schedule.put("clock", "d", "s", Reply("x" * 5000), MONDAY)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # its plan is SQLite's
def test_the_next_of_many_entries_is_found_by_an_index(schedule: Schedule, clock: Clock) -> None:
    schedule.put("clock", "a", "default", Reply("tea"), MONDAY + timedelta(minutes=1))
    table = schedule._database.table("scheduled")
    with schedule._database.begin() as connection:
        row = dict(connection.execute(table.select()).mappings().one())
        many = [{**row, "key": f"k{n}", "due": row["due"] + n + 1} for n in range(1_000)]
        connection.execute(table.insert(), many)
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT due FROM scheduled WHERE due IS NOT NULL ORDER BY due LIMIT 1"
        ).all()
    assert any("scheduled_by_due" in str(line) for line in plan)
    assert schedule.next_due() == row["due"]


@pytest.mark.parametrize(
    ("repeat", "start", "after", "then"),
    [
        (Recurrence("day", 3), "2026-01-01 08:00", "2026-01-05 00:00", "2026-01-07 08:00"),
        (Recurrence("week", 1, (0, 4)), "2026-03-24 08:00", "2026-03-24 09:00", "2026-03-27 08:00"),
        (Recurrence("week", 2, (0,)), "2026-03-23 08:00", "2026-03-23 08:00", "2026-04-06 08:00"),
        (Recurrence("week"), "2026-03-25 08:00", "2026-03-25 08:00", "2026-04-01 08:00"),
        (Recurrence("month"), "2026-01-31 08:00", "2026-02-01 00:00", "2026-02-28 08:00"),
        (Recurrence("month"), "2026-01-31 08:00", "2026-02-28 08:00", "2026-03-31 08:00"),
        (Recurrence("year"), "2024-02-29 08:00", "2026-01-01 00:00", "2026-02-28 08:00"),
        (Recurrence("year"), "2024-02-29 08:00", "2027-12-01 00:00", "2028-02-29 08:00"),
        (Recurrence("minute", 10), "2026-01-01 00:00", "2036-01-01 00:05", "2036-01-01 00:10"),
    ],
)
def test_next_occurrence(repeat: Recurrence, start: str, after: str, then: str) -> None:
    found = next_occurrence(repeat, datetime.fromisoformat(start), datetime.fromisoformat(after))
    assert found == datetime.fromisoformat(then)
