"""B17: backups while people buy. Each, restored elsewhere, is a whole store that has everything
acknowledged before it began, and what is over by then opens for nobody."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.weather.store import Store, run_python, run_upheld
from tests.weather.test_kills import Crowd

pytestmark = [pytest.mark.sqlite_only]  # the weather's store; PostgreSQL's copy is test_backup.py's

# Read in the restored store: which orders there are, and which of them are halves.
LOOK = """
import json, django
django.setup()
from upheld import ledger
from upheld_store.orders.models import Order, OrderLine
from upheld_store.payments.models import Payment
orders = dict(Order.objects.values_list("number", "state"))
lines = set(OrderLine.objects.values_list("order__number", flat=True))
paid = set(Payment.objects.filter(state="paid").values_list("order__number", flat=True))
print(json.dumps({
    "orders": orders,
    "halves": sorted(n for n in orders if n not in lines)
        + sorted(n for n, s in orders.items() if s == "paid" and n not in paid),
    "log": ledger.verify().ok,
}))
"""


def back_up_under_load(store: Store, rounds: int) -> list[tuple[Path, list[str], list[str]]]:
    """The archives, each with what buyers had been told before it was begun."""
    crowd, made = Crowd(store), []
    try:
        for number in range(rounds):
            before = len(crowd.seen.placed)
            deadline = time.monotonic() + 60
            while len(crowd.seen.placed) == before and time.monotonic() < deadline:
                crowd.closing.wait(0.05)
            told = list(crowd.seen.placed), list(crowd.seen.paid)
            folder = store.folder / f"bk{number}"
            ran = store.verb("backup", str(folder))
            assert ran.returncode == 0, ran.stdout + ran.stderr
            made.append((folder, *told))
    finally:
        crowd.go_home()
    assert crowd.failures == []
    return made


def restored(store: Store, folder: Path) -> dict:
    """What a store holds that was put back from these archives, on a machine of its own."""
    place = store.folder / "elsewhere"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(store.folder / "keys" / "lasting", place / "keys" / "lasting")
    environ = store.environ | {
        "UPHELD_HOME": str(place / "home"),
        "UPHELD_KEYS": str(place / "keys"),
    }
    ran = run_upheld(environ, "restore", str(folder))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    looked = run_python(environ, "-c", LOOK)
    assert looked.returncode == 0, looked.stderr
    found: dict = json.loads(looked.stdout)
    return found


def judge(store: Store, made: list[tuple[Path, list[str], list[str]]]) -> int:
    """Raises on any breach. Returns how many orders all backups held."""
    held = 0
    for folder, placed, paid in made:
        found = restored(store, folder)
        assert found["halves"] == [] and found["log"]
        assert [n for n in placed if n not in found["orders"]] == [], "lost though acknowledged"
        assert [n for n in paid if found["orders"].get(n) != "paid"] == []
        held += len(found["orders"])
    return held


def test_one_backup_while_people_buy(weather_store: Callable[..., Store]) -> None:
    """The first of a hundred; that a lost order turns this red is shown below."""
    store = weather_store(workers=1).start()
    made = back_up_under_load(store, 1)
    placed = made[0][1]
    assert placed and judge(store, made) >= len(placed)


@pytest.mark.deep
def test_a_hundred_backups_while_people_buy(weather_store: Callable[..., Store]) -> None:
    store = weather_store().start()
    assert judge(store, back_up_under_load(store, 100)) > 100


@pytest.mark.deep
def test_a_backup_that_is_older_than_it_says_is_found(weather_store: Callable[..., Store]) -> None:
    """The negative control: the archive of before, passed off as the one of now."""
    store = weather_store().start()
    early, late = back_up_under_load(store, 2)
    with pytest.raises(AssertionError, match="lost though acknowledged"):
        judge(store, [(early[0], late[1], late[2])])
