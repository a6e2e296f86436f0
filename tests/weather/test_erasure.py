"""B14 and G1 in small: people made of markers are erased, killed in the middle as well, and then
looked for in every byte."""

from __future__ import annotations

import base64
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.template import ROOT, run_python
from tests.weather.census import census, forms_of
from tests.weather.crash_points import facts_file, kill_at, points_of
from tests.weather.store import Store
from tests.weather.test_crash_points import sample

pytestmark = pytest.mark.sqlite_only


_LIST = """
import sys, django; django.setup()
from upheld.promises.erasure.tombstones import newest_list
sys.stdout.write(newest_list().decode())
"""
_APPLY = """
import sys, django; django.setup()
from datetime import UTC, datetime
from upheld.db import entry_point
from upheld.promises.erasure.tombstones import apply_list
with entry_point("command", "erase"):
    print(apply_list(sys.stdin.buffer.read(), datetime.now(UTC)))
"""


def planted(store: Store) -> str:
    """The marker of everyone who was brought in."""
    mark = f"zq{secrets.token_hex(8)}"
    ran = run_python(store.environ, "-m", "tests.weather.plant_people", mark)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return mark


def places(store: Store) -> list[Path]:
    return [store.folder / "home", store.folder / "keys"]


def keep_later(store: Store) -> None:
    """Once no worker can still be at a letter that a killed one had begun."""
    words = ["faketime", "-f", "+1h", sys.executable, "-m", "upheld_store.site", "keep"]
    ran = subprocess.run(
        words, env=store.environ, cwd=ROOT, capture_output=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.deep
def test_nobody_who_is_erased_is_found_in_any_byte(weather_store: Callable[..., Store]) -> None:
    store = weather_store()
    mark = planted(store)
    assert census(places(store), mark), "the control: before, the person is found"
    shutil.copytree(store.folder / "home", store.folder / "old_backup")
    for who in ("guest", "account"):
        ran = store.verb("erase", f"{mark}-{who}@example.com", "--now")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "stays: the gateway's reference" in ran.stdout
    assert census(places(store), mark) == []
    assert store.verb("export", f"{mark}-guest@example.com").returncode == 1, "nobody is there"
    listed = run_python(store.environ, "-c", _LIST).stdout
    for data, back in (("", True), (listed, False)):
        shutil.rmtree(store.folder / "home")
        shutil.copytree(store.folder / "old_backup", store.folder / "home")
        if data:
            ran = run_python(store.environ, "-c", _APPLY, stdin=data)
            assert (ran.returncode, ran.stdout.strip() != "0") == (0, True), ran.stderr
        assert bool(census(places(store), mark)) == back, "an old backup resurrects no one"
    assert store.gateway.mailbox is not None
    receipts = [m for m in store.gateway.mailbox.caught() if "erased" in m["subject"]]
    assert len(receipts) == 2, "each has its receipt"


@pytest.mark.deep
@pytest.mark.strace
@pytest.mark.faketime
@pytest.mark.parametrize("count", [4, pytest.param(40, marks=pytest.mark.deep)])
def test_killed_anywhere_it_is_finished_by_the_keeper(
    weather_store: Callable[..., Store], count: int
) -> None:
    store = weather_store()
    mark = planted(store)
    store.settle()
    facts = {"email": f"{mark}-account@example.com"}
    before = store.folder / "before"
    shutil.copytree(store.folder / "home", before)
    points = points_of(store, "erase", facts)
    assert len(points) >= 20, points
    left: dict[str, list[str]] = {}
    for point in sample(points, count):
        shutil.rmtree(store.folder / "home")
        shutil.copytree(before, store.folder / "home")
        kill_at(store, "erase", facts, point)
        again = run_python(
            store.environ, "-m", "tests.weather.flow", "erase", facts_file(store, facts)
        )
        gone = "Nothing is held" in again.stderr  # the killed run had come that far
        assert again.returncode == 0 or gone, again.stderr[-2000:]
        for _ in range(2):
            keep_later(store)
        left[str(point)] = census(places(store), f"{mark}-account")
    assert {point: hits for point, hits in left.items() if hits} == {}


def test_every_form_is_found(tmp_path: Path) -> None:
    marker = "zqAda-1/é@x"
    for form, held in forms_of(marker).items():
        (tmp_path / form.replace("/", "")).write_bytes(b"noise " + held + b" noise")
    for shift in range(3):
        text = base64.b64encode(b"?" * shift + marker.encode() + b"!!")
        (tmp_path / f"letter{shift}").write_bytes(text)
    found = {hit.split(":")[0] for hit in census([tmp_path], marker)}
    assert found == {file.name for file in tmp_path.iterdir()}
    assert census([tmp_path], "somebody else") == []
