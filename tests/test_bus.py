import asyncio
import threading

import pytest

from assistant.bus import Bus
from assistant.events import Event, ItemsDropped, ModelLoading, Notice


def test_listener_hears_only_its_kinds() -> None:
    bus, heard = Bus(), list[Event]()
    bus.listen(heard.append, [Notice])
    bus.publish(ModelLoading(model="words"))
    bus.publish(Notice(text="told"))
    assert [type(event) for event in heard] == [Notice]


def test_stopped_listener_hears_nothing_more() -> None:
    bus, heard = Bus(), list[Event]()
    stop = bus.listen(heard.append)
    stop()
    stop()
    bus.publish(Notice(text="late"))
    assert heard == []


def test_raising_listener_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    bus, heard = Bus(), list[Event]()

    def broken(event: Event) -> None:
        raise RuntimeError("listener bug")

    bus.listen(broken)
    bus.listen(heard.append)
    bus.publish(Notice(text="x"))
    assert len(heard) == 1
    assert "listener bug" in caplog.text


def test_slow_subscriber_loses_the_oldest_and_is_told() -> None:
    async def scenario() -> None:
        bus, dropped = Bus(), list[Event]()
        bus.listen(dropped.append, [ItemsDropped])
        with bus.subscribe(Notice, size=2) as subscription:
            for number in range(5):
                bus.publish(Notice(text=str(number)))
            assert [(await subscription.get()).to_json()["text"] for _ in range(2)] == ["3", "4"]
            assert subscription.dropped == 3
        assert dropped

    asyncio.run(scenario())


def test_event_of_another_thread_arrives_on_the_loop() -> None:
    async def scenario() -> list[str]:
        bus, threads = Bus(), list[str]()
        bus.bind(asyncio.get_running_loop())
        bus.listen(lambda event: threads.append(threading.current_thread().name))
        await asyncio.to_thread(bus.publish, Notice(text="from afar"))
        await asyncio.sleep(0)
        return threads

    assert asyncio.run(scenario()) == ["MainThread"]
