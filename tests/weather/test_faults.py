"""B16: full disks, failing disks, locks, no file handles left, a sick gateway, a dead mail server.
Whatever happens is a plain 503 that says when to come again; nothing acknowledged is lost; a key
that is due dies all the same; and once the fault is over the store sells within half a minute."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from practice_gateway.mailbox import Mailbox
from tests.upheld_store.at_once import at_once
from tests.weather.buyer import Buyer, Gone, Seen
from tests.weather.crash_points import fail_at, points_of
from tests.weather.old_vault import plant
from tests.weather.store import Store
from tests.weather.test_crash_points import Scene
from upheld.db.sqlite.driver import Database

pytestmark = pytest.mark.sqlite_only  # disks, files and locks of SQLite

RECOVERY_SECONDS_MAX = 30.0


def sells_again(store: Store, seen: Seen) -> None:
    """A whole purchase, soon."""
    began = time.monotonic()
    Buyer(store, seen).buy("again@example.com")
    assert time.monotonic() - began < RECOVERY_SECONDS_MAX


def verdict(store: Store, seen: Seen, **more: object) -> list[str]:
    store.kill()
    store.settle()
    return store.violations(seen.evidence(**more))


def refused_plainly(seen: Seen) -> bool:
    """At least once, and always with a sentence and a time."""
    return bool(seen.answers) and all(
        status in {503, 507} and retry and sentence for status, retry, sentence, _ in seen.answers
    )


@pytest.mark.parametrize(
    "fault",
    [
        "drop",
        pytest.param("500", marks=pytest.mark.deep),
        pytest.param("hang", marks=pytest.mark.deep),
    ],
)
def test_a_sick_gateway(weather_store: Callable[..., Store], fault: str) -> None:
    store, seen = weather_store().start(), Seen()
    buyer = Buyer(store, seen, timeout=30)
    buyer.fill_cart()
    form = buyer.form("sick@example.com")
    store.trouble(api=fault)
    assert buyer.once("POST", "/checkout/", form).status == 503
    assert refused_plainly(seen)
    store.trouble(reset=True)
    url = buyer.until((303,), "POST", "/checkout/", **form).location
    buyer.note_placed(url)
    # Where the answer was lost after the work was done, the work is not done again.
    assert len(store.gateway.book.sessions()) == 1
    store.trouble(api=fault, lose=True)
    back = buyer.pay(url)
    assert buyer.until((303,), "GET", back).status == 303
    store.trouble(reset=True)
    buyer.look(back)
    assert verdict(store, seen, carts=1) == []


def test_a_dead_mail_server(weather_store: Callable[..., Store]) -> None:
    store, seen = weather_store(), Seen()
    mailbox = store.gateway.mailbox
    assert mailbox is not None
    mailbox.stop()
    store.start()
    Buyer(store, seen).buy("nomail@example.com")
    wait_for_a_try(store)
    store.kill()
    again = Mailbox(mailbox.port)
    again.start()
    try:
        store.gateway.mailbox = again
        make_jobs_due(store)
        assert verdict(store, seen, mailed=True, carts=1) == []
        assert len(again.caught()) == 1
    finally:
        again.stop()
        store.gateway.mailbox = None


def wait_for_a_try(store: Store) -> None:
    """Until the keeper has tried to send, and failed."""
    file = Database.connect(f"{store.environ['UPHELD_HOME']}/store.sqlite3", timeout=20)
    tried = "SELECT count(*) FROM upheld_job WHERE done_at IS NULL AND error <> ''"
    deadline = time.monotonic() + RECOVERY_SECONDS_MAX
    while not file.execute(tried).fetchone()[0]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    file.close()


def make_jobs_due(store: Store) -> None:
    """Instead of waiting for their next try."""
    store.execute("UPDATE upheld_job SET run_at = '2020-01-01 00:00:00' WHERE done_at IS NULL")
    store.execute("UPDATE upheld_outbox_mail SET state = 'queued'")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of this size; without the right to mount one the test is skipped loudly."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(words, check=False).returncode:
        if os.environ.get("CI"):
            pytest.fail("No file system can be mounted here, so a full disk was not tried.")
        pytest.skip("no file system can be mounted here: a full disk was not tried")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    """To the last byte."""
    with (disk / "filler").open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def on_disk(store: Store, disk: Path) -> None:
    """Move HOME and keys there."""
    for name, variable in (("home", "UPHELD_HOME"), ("keys", "UPHELD_KEYS")):
        shutil.copytree(store.folder / name, disk / name)
        store.environ[variable] = str(disk / name)


@pytest.mark.deep
def test_a_full_disk(weather_store: Callable[..., Store], tmp_path: Path) -> None:
    store, seen = weather_store(), Seen()
    with small_disk(tmp_path / "disk", 24) as disk:
        on_disk(store, disk)
        try:
            store.start()
            buyer = Buyer(store, seen)
            buyer.fill_cart()
            form = buyer.form("full@example.com")
            day = plant(store, 60, keys=disk / "keys")
            fill(disk)
            # The log in front of the database may have room for an order or two.
            for _ in range(40):
                if buyer.once("POST", "/checkout/", form).status == 503:
                    break
                buyer.fill_cart()
                form = buyer.form("full@example.com")
            assert refused_plainly(seen)
            assert buyer.once("GET", "/products/").status == 200
            store.verb("keep")
            assert not list((disk / "keys" / "days").glob(f"*{day}*"))
            (disk / "filler").unlink()
            sells_again(store, seen)
            assert verdict(store, seen, planted_days=[day.isoformat()]) == []
        finally:
            store.kill()


@pytest.mark.deep
def test_a_disk_that_takes_no_writes(weather_store: Callable[..., Store], tmp_path: Path) -> None:
    """The start says so in a sentence, and a key on another disk dies all the same."""
    store = weather_store()
    with small_disk(tmp_path / "disk", 24) as disk:
        shutil.copytree(store.folder / "home", disk / "home")
        store.environ["UPHELD_HOME"] = str(disk / "home")
        day = plant(store, 60)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        ran = store.verb("serve", "--port", str(store.port))
        assert ran.returncode == 1
        assert "Traceback" not in ran.stdout + ran.stderr, ran.stderr[-3000:]
        ran = store.verb("keep")
        assert ran.returncode == 1
        assert not list((store.folder / "keys" / "days").glob(f"*{day}*"))
        assert "Traceback" not in ran.stdout + ran.stderr, ran.stderr[-3000:]


@pytest.mark.strace
@pytest.mark.parametrize(
    ("call", "error"),
    [
        pytest.param("pwrite64", "ENOSPC", marks=pytest.mark.deep),
        pytest.param("fsync", "EIO", marks=pytest.mark.deep),
        pytest.param("pwrite64", "EIO", marks=pytest.mark.deep),
        pytest.param("pwrite64", "EROFS", marks=pytest.mark.deep),
    ],
)
def test_a_failing_disk(weather_store: Callable[..., Store], call: str, error: str) -> None:
    """From a write in the middle of placing an order on, all fail."""
    scene = Scene(weather_store(), "place")
    points = [p for p in points_of(scene.store, "place", scene.facts) if p.call == call]
    scene.restore()
    said = fail_at(scene.store, "place", scene.facts, points[0], error)
    assert "answered 503, Retry-After" in said and "Retry-After None" not in said, said[-1500:]
    assert scene.after() == []


@pytest.mark.deep
def test_a_locked_database(weather_store: Callable[..., Store]) -> None:
    """For longer than anyone waits: pages are still served, and what cannot be written says so."""
    store, seen = weather_store().start(), Seen()
    buyer = Buyer(store, seen, timeout=60)
    buyer.fill_cart()
    form = buyer.form("locked@example.com")
    file = Database.connect(f"{store.environ['UPHELD_HOME']}/store.sqlite3", isolation_level=None)
    file.execute("BEGIN IMMEDIATE")
    assert buyer.once("GET", "/products/").status == 200
    assert buyer.once("POST", "/checkout/", form).status == 503
    assert refused_plainly(seen)
    file.execute("ROLLBACK")
    file.close()
    sells_again(store, seen)
    assert verdict(store, seen) == []


@pytest.mark.deep
def test_no_file_handles_left(weather_store: Callable[..., Store]) -> None:
    store, seen = weather_store().start(), Seen()
    Buyer(store, seen).buy("before@example.com")
    pids = group_of(store)
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in pids}
    for pid in pids:
        highest = max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 2, limits[pid][1]))

    def try_once(number: int) -> None:
        buyer = Buyer(store, seen, timeout=3)
        try:
            buyer.once("GET", "/cart/")
            buyer.once("POST", "/cart/items/", {"plan": "1", "quantity": "1"})
            buyer.once("POST", "/checkout/", buyer.form(f"fd{number}@example.com"))
        except (OSError, Gone, AssertionError):
            pass  # nobody answered: nothing was acknowledged

    at_once(20, try_once)
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits[pid])
    sells_again(store, seen)
    assert verdict(store, seen) == []


@pytest.mark.deep
def test_lost_day_keys(weather_store: Callable[..., Store]) -> None:
    """Case 37: the store still sells, no key is made anew under an old name, and P20 says it."""
    store, seen = weather_store().start(), Seen()
    order = Buyer(store, seen).buy("before@example.com")
    assert "ending in 4242" in Buyer(store, seen).once("GET", order).text
    days = store.folder / "keys" / "days"
    for key in days.iterdir():
        key.unlink()
    page = Buyer(store, seen).once("GET", order)
    assert page.status == 200 and "4242" not in page.text
    sells_again(store, seen)
    assert "4242" not in Buyer(store, seen).once("GET", order).text
    store.kill()
    ran = store.verb("prove", "--json")
    p20 = next(row for row in json.loads(ran.stdout) if row["id"] == "P20")
    assert "lost" in p20["figure"], p20
    broken = store.violations(seen.evidence())
    assert broken and all("does not open: VaultKeyLost" in text for text in broken)


def group_of(store: Store) -> list[int]:
    """The server and its workers."""
    assert store.process is not None
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(entry.name)) == store.process.pid:
                found.append(int(entry.name))
        except ProcessLookupError:
            continue
    return found
