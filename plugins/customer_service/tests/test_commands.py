"""``assistant shop``, as it is typed."""

import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments], capture_output=True, text=True, timeout=120, input=stdin
    )


def test_the_demo_is_filled_after_a_yes_and_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    refused = run("shop", "demo", stdin="n\n")
    assert refused.returncode == 1
    assert "9 demo orders" not in refused.stdout
    assert "9 demo orders" in run("shop", "demo", "--yes").stdout
    assert "A1002 – coffee grinder (being packed)" in run("shop", "orders").stdout
    assert run("shop", "tickets").stdout == "No tickets.\n"


def test_an_adapter_is_not_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_PLUGINS__OPTIONS__CUSTOMER_SERVICE__ADAPTER", "my_shop:Shop")
    done = run("shop", "demo", "--yes")
    assert done.returncode == 1
    assert "use its own tools" in done.stderr
    assert "Traceback" not in done.stderr
