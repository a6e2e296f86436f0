"""Whether time tells who shops here: the same form for known and unknown addresses, in turns."""

from __future__ import annotations

import secrets
import time
from statistics import median

from bench.figures import Report, at_most, plain
from bench.orders import Buyer, find_plan
from bench.throwaway import Throwaway

_PAIRS, _KNOWN = 300, 30


def measure(store: Throwaway, report: Report) -> None:
    """`/orders/find/` after thirty people have bought."""
    with store.store():
        plan = find_plan(store.origin)
        known = [f"known{number}.{secrets.token_hex(4)}@example.com" for number in range(_KNOWN)]
        for email in known:
            Buyer(store.origin, store.gateway).buy(plan, email)
        asker = Buyer(store.origin, store.gateway)
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(_PAIRS):
            pair = (known[number % _KNOWN], f"stranger.{secrets.token_hex(4)}@example.com")
            for which in (0, 1) if number % 2 else (1, 0):
                began = time.perf_counter()
                asker.send("/orders/find/", email=pair[which])
                times[which].append(time.perf_counter() - began)
    gap = abs(median(times[0]) - median(times[1])) * 1000
    report.add(at_most(f"known and unknown address, {_PAIRS} pairs: median gap", gap, 5, unit="ms"))
    report.add(plain("  area under the curve (0.5 = cannot be told)", area(*times), ""))


def area(known: list[float], unknown: list[float]) -> float:
    """How often a known address took longer than an unknown one: 0.5 where time tells nothing."""
    wins = sum((a > b) + (a == b) / 2 for a in known for b in unknown)
    return wins / (len(known) * len(unknown))
