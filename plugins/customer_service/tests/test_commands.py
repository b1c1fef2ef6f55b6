"""``assistant shop``, as it is typed."""

from collections.abc import Callable

import pytest
from click.testing import Result

Assistant = Callable[..., Result]


@pytest.mark.slow
def test_the_demo_is_filled_after_a_yes_and_listed(assistant: Assistant) -> None:
    refused = assistant("shop", "demo", stdin="n\n")
    assert refused.exit_code == 1
    assert "9 demo orders" not in refused.stdout
    assert "9 demo orders" in assistant("shop", "demo", "--yes").stdout
    assert "A1002 – coffee grinder (being packed)" in assistant("shop", "orders").stdout
    assert assistant("shop", "tickets").stdout == "No tickets.\n"


def test_an_adapter_is_not_filled(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PLUGINS__OPTIONS__CUSTOMER_SERVICE__ADAPTER", "my_shop:Shop")
    done = assistant("shop", "demo", "--yes")
    assert done.exit_code == 1
    assert "with its own tools" in done.stderr
    assert "Traceback" not in done.stderr
