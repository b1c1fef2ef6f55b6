import asyncio
import threading

import pytest

from assistant.encoders.worker import InferenceWorker
from assistant.errors import DeadlineExceeded, QueueFull


def test_calls_run_in_order_off_the_event_loop() -> None:
    async def scenario() -> list[str]:
        worker = InferenceWorker()
        names = await asyncio.gather(*(worker.run(lambda: threading.current_thread().name) for _ in range(3)))
        worker.close()
        return names

    assert set(asyncio.run(scenario())) == {"inference"}


def test_error_reaches_the_caller_and_the_worker_lives_on() -> None:
    async def scenario() -> int:
        worker = InferenceWorker()
        with pytest.raises(ZeroDivisionError):
            await worker.run(lambda: 1 // 0)
        return await worker.run(lambda: 42)

    assert asyncio.run(scenario()) == 42


def test_full_queue_refuses_and_counts() -> None:
    async def scenario() -> int:
        worker, gate = InferenceWorker(size=1), threading.Event()
        busy = asyncio.create_task(worker.run(gate.wait))
        await asyncio.sleep(0.05)  # the worker has taken the first job
        waiting = asyncio.create_task(worker.run(lambda: None))
        await asyncio.sleep(0)
        with pytest.raises(QueueFull, match="1 jobs wait"):
            await worker.run(lambda: None)
        gate.set()
        await asyncio.gather(busy, waiting)
        return worker.dropped

    assert asyncio.run(scenario()) == 1


def test_deadline_passes_and_the_waiting_job_is_skipped() -> None:
    async def scenario() -> tuple[list[str], int]:
        worker, gate, ran = InferenceWorker(), threading.Event(), list[str]()
        busy = asyncio.create_task(worker.run(gate.wait))
        await asyncio.sleep(0.02)
        with pytest.raises(DeadlineExceeded):
            await worker.run(lambda: ran.append("stale"), timeout=0.02)
        gate.set()
        await busy
        await worker.run(lambda: None)
        return ran, worker.skipped

    assert asyncio.run(scenario()) == ([], 1)


def test_cancelled_caller_frees_its_place() -> None:
    async def scenario() -> list[str]:
        worker, gate, ran = InferenceWorker(), threading.Event(), list[str]()
        busy = asyncio.create_task(worker.run(gate.wait))
        await asyncio.sleep(0.02)
        unwanted = asyncio.create_task(worker.run(lambda: ran.append("unwanted")))
        await asyncio.sleep(0)
        unwanted.cancel()
        gate.set()
        await busy
        await worker.run(lambda: ran.append("wanted"))
        return ran

    assert asyncio.run(scenario()) == ["wanted"]
