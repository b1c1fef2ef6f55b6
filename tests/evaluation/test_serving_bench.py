"""The measurement of the way over HTTP measures."""

import pytest

from assistant.settings import load_settings

pytest.importorskip("fastapi", reason="needs the extra [serve]")


@pytest.mark.bench
@pytest.mark.models
def test_the_way_over_http_costs_a_few_milliseconds() -> None:
    from assistant.evaluation.serving import bench_serving

    figures = bench_serving(load_settings(), turns=30, clients=4)
    assert figures.refused == 0
    assert figures.many_clients_p95_ms >= figures.many_clients_ms > 0
    assert figures.overhead_ms < max(20, figures.direct_ms)
