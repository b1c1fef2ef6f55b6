"""A health check sees a model that hangs, and is patient with one that is busy."""

import asyncio
import threading

import pytest

from assistant.bus import Bus
from assistant.cluster.serving import HealthCheck
from assistant.encoders.models import Models
from assistant.encoders.runner import ModelRunner
from assistant.encoders.worker import InferenceWorker
from assistant.errors import ModelUnavailable
from assistant.fusion.projection import SharedSpace
from tests.server.conftest import AudioFrontEnd, Words


class Stuck(Words):
    """An encoder that answers when it may."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.read: list[str] = []

    def encode(self, inputs):  # type: ignore[no-untyped-def]
        self.may.wait(5)
        self.read += inputs
        return super().encode(inputs)


def runner_of(encoder: Words) -> ModelRunner:
    models = Models([encoder], AudioFrontEnd(), None, SharedSpace)  # type: ignore[arg-type]
    return ModelRunner(models, InferenceWorker(), Bus(), deadline=5)


def test_every_look_makes_a_model_read_something_new() -> None:
    encoder = Stuck()
    encoder.may.set()

    async def run() -> None:
        pulse = HealthCheck(runner_of(encoder), wait=1, patience=0)
        await pulse.check()
        await pulse.check()

    asyncio.run(run())
    assert len(set(encoder.read)) == 2


def test_a_busy_model_is_well_and_a_hung_one_is_not() -> None:
    encoder, now = Stuck(), [0.0]

    async def run() -> None:
        pulse = HealthCheck(runner_of(encoder), wait=0.05, patience=60, clock=lambda: now[0])
        now[0] = 59
        await pulse.check()
        now[0] = 61
        with pytest.raises(RuntimeError, match="have not answered for 61 s"):
            await pulse.check()
        encoder.may.set()
        await asyncio.sleep(0.1)
        await pulse.check()

    asyncio.run(run())


def test_a_model_that_cannot_be_had_is_not_well() -> None:
    class Broken(Words):
        def encode(self, inputs):  # type: ignore[no-untyped-def]
            raise ModelUnavailable("gone")

    with pytest.raises(ModelUnavailable):
        asyncio.run(HealthCheck(runner_of(Broken()), 1, 1).check())
