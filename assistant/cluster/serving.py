"""The same application as replicas on a Ray cluster (Ray Serve). Ray balances, restarts and scales; nothing of that is
ours.

Replicas share nothing but the database: a session begun at one goes on at any other, and is one replica's at a time
(`assistant.storage.SessionLocks`). The data folder (pictures, recordings) must lie where every replica finds it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from assistant.app import App
from assistant.cluster import join_cluster
from assistant.encoders.runner import ModelRunner
from assistant.errors import DeadlineExceeded, QueueFull, SettingsError
from assistant.server.api import create_api
from assistant.server.app_state import AppState
from assistant.server.server import Address, check_database, listen_at
from assistant.server.tls import tls_files
from assistant.server.tokens import Clients
from assistant.settings import Settings

__all__ = ["HealthCheck", "Replica", "Scale", "serve_on_cluster"]


class HealthCheck:
    """Checks, `wait` seconds each, whether the models answer; for `patience` seconds they may be too busy to."""

    def __init__(
        self, runner: ModelRunner, wait: float, patience: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._runner = runner
        self._wait = wait
        self._patience = patience
        self._clock = clock
        self._numbers = itertools.count()
        self._well = clock()

    async def check(self) -> None:
        """Lets a text encoder read a sentence that no cache knows, on the worker that all models run on.

        RuntimeError when they have not answered for longer than the patience lasts; ModelUnavailable when they cannot.
        """
        encoder = self._runner.of("text")[0].name
        try:
            async with asyncio.timeout(self._wait):
                await self._runner.vectors([f"Are you well, number {next(self._numbers)}?"], encoder)
            self._well = self._clock()
        except (TimeoutError, DeadlineExceeded, QueueFull) as error:
            if (silent := self._clock() - self._well) > self._patience:
                raise RuntimeError(f"the models have not answered for {silent:.0f} s") from error


NAME = "assistant"
"""of the application on the cluster"""
MEMORY = 1_500_000_000
"""bytes a replica is given room for; it takes about 1.3 GB with all models loaded"""
HANDED_ON = ("ASSISTANT_HOME", "ASSISTANT_OFFLINE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
"""environment that replicas get from the process that starts them"""
CHECK = 10.0
"""seconds that a health check waits for the models"""
BESIDES = 64
"""requests that a replica takes besides turns and microphones: health, sessions, event streams of open pages"""


@dataclass(frozen=True)
class Scale:
    """Number of replicas."""

    least: int = 1
    most: int = 1
    """above `least`, Ray adds and removes replicas by load"""
    cpus: float = 1.0
    """processors reserved for each; whole ones are also the threads its models use"""


class Replica:
    """One assistant in a process of Ray's. Ready when typed turns are answered without waiting."""

    async def __init__(  # type: ignore[misc]  # Ray awaits it
        self, settings: Settings, tokens: dict[str, str], origins: Sequence[str]
    ) -> None:
        from ray import serve

        name = serve.get_replica_context().replica_id.unique_id
        self._app = await App.open(settings)
        self._app_state = AppState(self._app, {"replica": name})
        self._api = create_api(self._app_state, Clients(tokens), origins, self._close)
        await self._app.wait_ready()
        self._health = HealthCheck(self._app.runner, CHECK, settings.turns.encode_deadline + CHECK)

    def __serve_build_asgi_app__(self) -> ASGIApp:
        return self._api

    async def check_health(self) -> None:
        """Raise when the models have not answered for longer than any turn may take; Ray then replaces the replica."""
        await self._health.check()

    async def _close(self) -> None:
        await self._app_state.turn_service.limiter.drain(self._app.settings.serve.drain)
        await self._app.close()


def serve_on_cluster(
    cluster: str,
    settings: Settings,
    tokens: dict[str, str],
    address: Address,
    scale: Scale,
    origins: Sequence[str] = (),
    say: Callable[[str], None] = lambda text: None,
) -> None:
    """Serve on a cluster until a signal (SIGINT, SIGTERM) ends it; replicas answer what they have begun first.

    The cluster is as in `join_cluster`; each machine's proxy listens at the address, whose port cannot be 0.

    Raises:
        SettingsError: Ray is not installed, no cluster answers, the replicas cannot be started, or there are to be
            several while sessions are in SQLite.
    """
    if scale.most > 1 and settings.storage_url.startswith("sqlite"):
        raise SettingsError(
            "Several replicas need their sessions in PostgreSQL, which all of them reach: set url in [storage] to "
            "postgresql+psycopg://USER@HOST/NAME, or use --replicas 1."
        )
    if not address.port:
        raise SettingsError("With --ray every machine's proxy listens at the same port: name it with --port.")
    tls = tls_files(settings.serve)
    listen_at(address)[0].close()
    check_database(settings)
    ray = join_cluster(cluster, "serve", "cluster,serve")
    from ray import serve

    try:
        options = {"host": address.host, "port": address.port, "request_timeout_s": settings.serve.timeout + 10, **tls}
        serve.start(http_options=options, logging_config={"log_level": "WARNING", "enable_access_log": False})
        say(f"Starting {scale.least} {'replicas' if scale.least > 1 else 'replica'}; each loads its models.")
        began = time.monotonic()
        _run(serve, settings, tokens, origins, scale)
        say(f"Listening at {address.url} (reference: {address.url}/docs) after {time.monotonic() - began:.0f} s.")
        _wait_for_signal()
        say("Stopping; what has been begun has its answer first.")
        serve.delete(NAME)
    finally:
        if cluster == "local":
            serve.shutdown()
            ray.shutdown()


def _wait_for_signal() -> None:
    ended = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):  # only now: Ray sets its own when it starts
        signal.signal(each, lambda number, frame: ended.set())
    while not ended.wait(0.2):
        pass


def _run(serve: Any, settings: Settings, tokens: dict[str, str], origins: Sequence[str], scale: Scale) -> None:
    limits = settings.serve
    admitted = limits.turns + limits.waiting
    threads = settings.inference.model_copy(update={"threads": max(1, int(scale.cpus))})
    environment = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    options: dict[str, Any] = {"num_replicas": scale.least}
    if scale.most > scale.least:
        scaling = {"min_replicas": scale.least, "max_replicas": scale.most, "target_ongoing_requests": limits.turns}
        options = {"autoscaling_config": scaling}
    deployment = serve.deployment(
        serve.ingress()(Replica),
        name="Replica",
        ray_actor_options={"num_cpus": scale.cpus, "memory": MEMORY, "runtime_env": {"env_vars": environment}},
        # Each replica's own limiter answers 429; Ray's queue is only a second limit.
        max_ongoing_requests=admitted + limits.listeners + BESIDES,
        max_queued_requests=admitted,
        backpressure_config={"status_code": 429, "retry_after_s": 1},
        health_check_period_s=CHECK,
        health_check_timeout_s=3 * CHECK,
        graceful_shutdown_wait_loop_s=1.0,
        graceful_shutdown_timeout_s=limits.drain + 5,
        max_constructor_retry_count=3,
        **options,
    )
    try:
        serve.run(deployment.bind(settings.model_copy(update={"inference": threads}), tokens, list(origins)), name=NAME)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[-300:]
        raise SettingsError(
            f"The replicas could not be started: {reason}. `serve status` and Ray's logs say more."
        ) from error
