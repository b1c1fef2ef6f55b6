"""What the server counts, in the text that Prometheus reads (exposition format 0.0.4)."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable

__all__ = ["Metrics"]

BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""seconds"""

HELP = {
    "assistant_requests_total": "HTTP requests by route and status.",
    "assistant_turns_total": "Turns by what became of them: answered, replayed, cancelled, failed, refused.",
    "assistant_turn_seconds": "Seconds from the request to the answer of a turn.",
    "assistant_turns_in_progress": "Turns being answered now.",
    "assistant_turns_waiting": "Turns waiting to be answered.",
    "assistant_model_jobs_waiting": "Jobs waiting for the models.",
    "assistant_model_jobs_dropped_total": "Jobs refused because too many waited for the models.",
    "assistant_ready": "1 when typed turns are answered without waiting.",
}


class Metrics:
    """Counters, one histogram, and gauges that are read when asked for.

    Args:
        labels: put on every sample, such as the replica's name.
    """

    def __init__(self, labels: dict[str, str] | None = None) -> None:
        self._labels = labels or {}
        self._counts: dict[tuple[str, tuple[tuple[str, str], ...]], float] = defaultdict(float)
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0
        self._gauges: dict[str, Callable[[], float]] = {}
        self._lock = threading.Lock()

    def count(self, name: str, **labels: str) -> None:
        """Add one to a counter."""
        with self._lock:
            self._counts[name, tuple(sorted(labels.items()))] += 1

    def observe(self, seconds: float) -> None:
        """Add how long a turn took."""
        with self._lock:
            self._buckets[sum(seconds > bound for bound in BUCKETS)] += 1
            self._seconds += seconds

    def gauge(self, name: str, read: Callable[[], float]) -> None:
        """Show what `read` returns; a name ending in "_total" is shown as a counter."""
        self._gauges[name] = read

    def text(self) -> str:
        """All of it."""
        with self._lock:
            samples = [(name, dict(labels), value) for (name, labels), value in sorted(self._counts.items())]
            total, rows = 0, []
            for bound, number in zip([*map(str, BUCKETS), "+Inf"], self._buckets, strict=True):
                total += number
                rows.append(("assistant_turn_seconds_bucket", {"le": bound}, float(total)))
            rows += [("assistant_turn_seconds_sum", {}, self._seconds), ("assistant_turn_seconds_count", {}, total)]
        samples += [(name, {}, read()) for name, read in self._gauges.items()]
        lines: list[str] = []
        for name in dict.fromkeys(name for name, _, _ in samples):
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} {kind}"]
            lines += [self._line(*sample) for sample in samples if sample[0] == name]
        lines += [f"# HELP assistant_turn_seconds {HELP['assistant_turn_seconds']}"]
        lines += ["# TYPE assistant_turn_seconds histogram", *(self._line(*row) for row in rows)]
        return "\n".join(lines) + "\n"

    def _line(self, name: str, labels: dict[str, str], value: float) -> str:
        shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in {**self._labels, **labels}.items())
        return f"{name}{{{shown}}} {value:.10g}" if shown else f"{name} {value:.10g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
