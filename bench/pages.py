"""Public pages: from memory, rendered each time, and constant bytes of the same length."""

from __future__ import annotations

from statistics import median

from bench.figures import Report, at_least, plain
from bench.throwaway import Throwaway
from bench.wire import Line, requests_per_second

_ROUNDS, _SECONDS = 5, 0.5
_PAGES = {"product page": "/products/tidewatch/", "list page": "/products/"}
RENDERED, CONSTANT = "/bench-rendered", "/bench-constant/"


def measure(store: Throwaway, report: Report) -> None:
    """On one server with one worker, as `upheld serve` starts it."""
    with store.serving("-m", "bench.serve_pages", str(store.port)):
        for name, path in _PAGES.items():
            _one_page(store.origin, name, path, report)


def _one_page(origin: str, name: str, path: str, report: Report) -> None:
    line = Line(origin)
    size = len(line.ask("GET", path).body)
    line.close()
    doors = {"memory": path, "rendered": RENDERED + path, "constant": f"{CONSTANT}{size}"}
    rates: dict[str, list[float]] = {door: [] for door in doors}
    for _ in range(_ROUNDS):
        for door, address in doors.items():
            rates[door].append(requests_per_second(origin, address, _SECONDS))
    memory, rendered, constant = (median(rates[door]) for door in doors)
    report.add(plain(f"{name} from memory ({size:,} bytes)", memory, "/s"))
    report.add(plain(f"{name} rendered each time", rendered, "/s"))
    report.add(plain(f"{size:,} constant bytes on the same server", constant, "/s"))
    report.add(at_least(f"{name}: memory against rendered", memory / rendered, 10))
    report.add(at_least(f"{name}: memory against constant bytes", memory / constant, 0.4))
