"""B15 with real processes: each starts at the very second, on machines in Chicago and on Kiritimati
too, on days on which clocks change, and at the end of a leap February."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.template import ROOT
from tests.weather.store import Store
from tests.weather.test_time import EDGES, ZONES

pytestmark = [pytest.mark.deep, pytest.mark.faketime, pytest.mark.sqlite_only]

UNTIL_THE_SECOND_BEFORE = [True, False, False]
EXPECTED = {
    "key": UNTIL_THE_SECOND_BEFORE,
    "sealed": UNTIL_THE_SECOND_BEFORE,
    "contact": UNTIL_THE_SECOND_BEFORE,
    "young": UNTIL_THE_SECOND_BEFORE,
    "signature": [True, True, False],
}


def begun_on(store: Store, sold: datetime, zone: str, edge: datetime) -> Store:
    """The store came into being on that day: a book that holds a later one would show a clock
    that was turned back, and nothing would be destroyed by it."""
    for file in (store.folder / "home").glob("store.sqlite3*"):
        file.unlink()
    process(store, sold, zone, "upheld_store.site", "upgrade")
    made = at(store, sold, zone, "prepare", edge)
    assert made["day"] == str(edge.date() - timedelta(days=60))
    return store


def at(store: Store, when: datetime, zone: str, what: str, edge: datetime) -> dict[str, Any]:
    """What a process at that second says."""
    said = process(store, when, zone, "tests.weather.at_this_hour", what, edge.isoformat())
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def process(store: Store, when: datetime, zone: str, module: str, *words: str) -> str:
    """One process whose clock stands still at `when`; what it printed."""
    environ = store.environ | {
        "TZ": zone, "FAKETIME_FMT": "%s", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    ran = subprocess.run(
        ["faketime", "-f", str(int(when.timestamp())), sys.executable, "-m", module, *words],
        env=environ, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{edge:%Y-%m-%d}")
@pytest.mark.parametrize("zone", ZONES)
def test_to_the_second(weather_store: Callable[..., Store], zone: str, edge: datetime) -> None:
    sold = edge - timedelta(days=59, seconds=1)  # the last second of a day over at the edge
    store = begun_on(weather_store(), sold, zone, edge)
    found = [at(store, edge + timedelta(seconds=n), zone, "look", edge) for n in (-1, 0, 1)]
    assert {name: [each[name] for each in found] for name in EXPECTED} == EXPECTED


def test_the_clock_is_the_machines(weather_store: Callable[..., Store]) -> None:
    """The control: another second, and another answer."""
    edge = EDGES[0]
    store = begun_on(weather_store(), edge - timedelta(days=59, seconds=1), "UTC", edge)
    late = at(store, edge + timedelta(days=1), "UTC", "look", edge)
    assert {name: late[name] for name in EXPECTED} == dict.fromkeys(EXPECTED, False)
