"""The threads of a plugin's plain functions: used again, and left behind where they hang."""

from __future__ import annotations

import asyncio
import threading

import pytest

from assistant.plugins.executor import Executor


def _name() -> tuple[str, int]:
    return threading.current_thread().name, threading.get_ident()


def test_one_thread_runs_one_function_after_another() -> None:
    async def scene() -> None:
        executor = Executor("dice")
        first, second = await executor.call(_name, {}), await executor.call(_name, {})
        assert first == second
        assert first[0] == "plugin-dice"
        executor.close()

    asyncio.run(scene())


def test_functions_that_run_at_the_same_time_have_threads_of_their_own() -> None:
    async def scene() -> None:
        executor, both = Executor("dice"), threading.Barrier(2, timeout=10)
        await asyncio.gather(*(executor.call(both.wait, {}) for _ in range(2)))
        executor.close()

    asyncio.run(scene())


def test_a_function_that_raises_leaves_its_thread_for_the_next() -> None:
    async def scene() -> None:
        def fail() -> None:
            raise SystemExit("no")

        executor = Executor("dice")
        first = await executor.call(_name, {})
        with pytest.raises(RuntimeError, match="no"):
            await executor.call(fail, {})
        assert await executor.call(_name, {}) == first
        executor.close()

    asyncio.run(scene())


def test_a_thread_that_hangs_is_left_behind_and_ends_when_it_comes_back() -> None:
    async def scene() -> None:
        executor, let_go = Executor("dice"), threading.Event()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await executor.call(let_go.wait, {"timeout": 10})
        assert executor.stuck == 1
        assert (await executor.call(_name, {}))[0] == "plugin-dice"  # another thread
        let_go.set()
        for _ in range(200):
            if not executor.stuck:
                break
            await asyncio.sleep(0.01)
        assert executor.stuck == 0
        executor.close()

    asyncio.run(scene())
