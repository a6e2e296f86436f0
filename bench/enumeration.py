"""Whether time tells who shops here: the same forms for known and unknown addresses, in turns."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from statistics import median

from bench.accounts import address
from bench.figures import Figure, Report, at_most
from bench.orders import Buyer, find_plan
from bench.throwaway import BenchFailed, Throwaway

# A known address is asked for twice by each form, which is less often than any limit allows.
_PAIRS, _KNOWN = 120, 60
_TOLD_MAX = 0.05
_GUESS = "a wrong password"
# A wrong password is answered 400, and nothing else of these forms is.
_REFUSALS = {403, 429}
Send = Callable[[Buyer, str], int]
FORMS: dict[str, Send] = {
    "find an order": lambda buyer, email: buyer.send("/orders/find/", email=email).status,
    "sign in": lambda buyer, email: (
        buyer.send("/account/login/", email=email, password=_GUESS).status
    ),
    "register": lambda buyer, email: (
        buyer.send("/account/register/", email=email, password=_GUESS).status
    ),
    "forgotten password": lambda buyer, email: (
        buyer.send("/account/password/reset/", email=email).status
    ),
}


def measure(store: Throwaway, report: Report) -> None:
    """Each form after sixty people have opened an account and half of them have bought."""
    ran = store.run("-m", "bench.accounts", str(_KNOWN))
    if ran.returncode:
        raise BenchFailed(ran.stderr)
    # Each request comes from a client of its own, as the proxy says, so no limit ends the run.
    store.environ["UPHELD_TRUSTED_PROXIES"] = "127.0.0.1"
    try:
        with store.store():
            plan = find_plan(store.origin)
            for number in range(_KNOWN // 2):
                Buyer(store.origin, store.gateway).buy(plan, address(number))
            for name, send in FORMS.items():
                _say(report, name, *_time(store, send))
    finally:
        del store.environ["UPHELD_TRUSTED_PROXIES"]


def _time(store: Throwaway, send: Send) -> tuple[list[float], list[float]]:
    """Seconds for known and for unknown addresses. Raises `BenchFailed` where a status tells."""
    asker, statuses = Buyer(store.origin, store.gateway), set()
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(_PAIRS):
        pair = (address(number % _KNOWN), f"stranger.{secrets.token_hex(4)}@example.com")
        for which in (0, 1) if number % 2 else (1, 0):
            asker.client = f"10.{number}.{which}.{secrets.randbelow(250)}"
            began = time.perf_counter()
            statuses.add(send(asker, pair[which]))
            times[which].append(time.perf_counter() - began)
    if len(statuses) != 1 or statuses & _REFUSALS:
        raise BenchFailed(f"the answers differ or are refusals: {sorted(statuses)}")
    return times


def _say(report: Report, name: str, known: list[float], unknown: list[float]) -> None:
    gap = abs(median(known) - median(unknown)) * 1000
    text = f"{name}: known and unknown, {len(known)} pairs, gap of medians"
    report.add(at_most(text, gap, 5, unit="ms"))
    told = area(known, unknown)
    met = abs(told - 0.5) <= _TOLD_MAX
    words = "  area under the curve (0.5 = cannot be told)"
    report.add(Figure(words, f"{told:.2f}", f"0.5 ± {_TOLD_MAX}", met, number=told))


def area(known: list[float], unknown: list[float]) -> float:
    """How often a known address took longer than an unknown one: 0.5 where time tells nothing."""
    wins = sum((a > b) + (a == b) / 2 for a in known for b in unknown)
    return wins / (len(known) * len(unknown))
