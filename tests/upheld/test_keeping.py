"""What happens by itself: on time, once, whatever fails; and four hundred days of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext

from upheld import keeping, ledger
from upheld.db.purpose import entry_point, in_force, purpose_for_test
from upheld.jobs.models import Job
from upheld.keeping import Act
from upheld.ledger import LedgerEntry
from upheld.ledger.events import VaultDestroyed
from upheld.policy import Policy, current, install
from upheld.policy.errors import Expired
from upheld.policy.model import Periodic
from upheld.promises.retention import SealedRef, open_sealed, seal
from upheld.promises.retention.due_vaults import KeyStands, destroy_due_vaults
from upheld.vault import Clock
from upheld.vault.keys import KeyFolder
from upheld.vault.models import SealedValue, VaultDay

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OVER = datetime(2027, 1, 22, tzinfo=UTC)
DAYS = 400
CALLS: list[datetime] = []

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]


def called(now: datetime) -> int:
    """A periodic act of these tests."""
    CALLS.append(now)
    return len(CALLS)


def called_and_fails(now: datetime) -> None:
    """Another one."""
    CALLS.append(now)
    raise ConnectionRefusedError("to jane@example.com")


@pytest.fixture(autouse=True)
def _only_our_acts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No periodic act of the store or of the public pages, and a clock as at a start."""
    CALLS.clear()
    monkeypatch.setattr(keeping, "_clock", [])
    real = current()
    install_periodic(real)
    yield
    install(real)


def install_periodic(policy: Policy, *acts: Periodic) -> None:
    named = {act.name: act for act in acts}
    install(replace(policy, inventory=replace(policy.inventory, periodic=named)))


def sealed(now: datetime, row: str = "7") -> SealedRef:
    with purpose_for_test("take_payment"):
        return seal(
            {"payment.card_last4": "4242"}, table="payments", row=row, day=now.date(), now=now
        )


def readable(ref: SealedRef, now: datetime) -> bool:
    try:
        with purpose_for_test("take_payment"):
            return open_sealed(ref, now) == {"payment.card_last4": "4242"}
    except Expired:
        return False


def test_the_table_names_everything_and_each_can_be_called() -> None:
    acts = keeping.acts()
    assert [act.name for act in acts] == [
        "retention",
        "prune_connections",
        "verify_log",
        "prune_backups",
        "prune_jobs",
    ]
    assert keeping.keep(NOW) == {
        "vaults": 0,
        "retention": 1,
        "prune_connections": 1,
        "verify_log": 1,
        "prune_backups": 1,
        "prune_jobs": 1,
        "rows": 0,
    }


def test_inventories_add_to_the_table() -> None:
    install_periodic(current(), Periodic("called", f"{__name__}:called", 300))
    assert keeping.acts()[-1] == Act("called", 300, f"{__name__}:called")
    assert keeping.keep(NOW)["called"] == 1 and CALLS == [NOW]


@pytest.mark.parametrize(
    ("seconds", "key"),
    [
        (86400, "it:2026-11-23T00"),
        (3600, "it:2026-11-23T12"),
        (300, "it:2026-11-23T12:30"),
        (7, "it:2026-11-23T12:34:54"),
    ],
)
def test_a_period_has_a_key(seconds: int, key: str) -> None:
    assert Act("it", seconds, "m:f").period(NOW.replace(minute=34, second=56)) == key


def test_what_is_oftener_than_hourly_is_done_again_what_is_rarer_waits() -> None:
    policy = current()
    install_periodic(policy, Periodic("called", f"{__name__}:called", 300))
    keeping.keep(NOW)
    again = keeping.keep(NOW + timedelta(minutes=1))
    assert again["called"] == 1 and again["retention"] == 1 and "verify_log" not in again
    assert keeping.keep(NOW + timedelta(hours=12))["verify_log"] == 1


def test_a_process_that_slept_finds_one_period_and_not_all_it_missed() -> None:
    install_periodic(current(), Periodic("called", f"{__name__}:called", 300))
    stop, woke = threading.Event(), datetime.now(UTC)
    for now in [woke - timedelta(days=9)] * 3 + [woke] * 2:
        with entry_point("command", "keep"):
            keeping._keep_queue(now, stop)
    assert len(CALLS) == 2


def test_an_act_that_fails_is_in_sight_once_and_overtaken_by_its_next_period(
    caplog: pytest.LogCaptureFixture,
) -> None:
    install_periodic(current(), Periodic("fails", f"{__name__}:called_and_fails", 300))
    assert keeping.keep(NOW)["fails.ConnectionRefusedError"] == 1
    assert keeping.keep(NOW + timedelta(minutes=5))["fails.ConnectionRefusedError"] == 1
    assert Job.objects.get(done_at=None).error == "ConnectionRefusedError"
    assert "jane" not in caplog.text


def test_what_another_keeper_is_at_is_not_taken_from_under_it() -> None:
    install_periodic(current(), Periodic("called", f"{__name__}:called", 300))
    held = Job.objects.create(
        name="called",
        key="called:2026-11-23T11:55",
        run_at=NOW - timedelta(minutes=5),
        lease_until=NOW + timedelta(minutes=1),
        attempts=1,
    )
    keeping.keep(NOW)
    assert Job.objects.filter(pk=held.pk).exists() and CALLS == [NOW]


def test_before_the_first_answer_no_key_past_its_period_lives(own_keys: KeyFolder) -> None:
    ref = sealed(NOW)
    keeping.before_first_answer(OVER - timedelta(seconds=1))
    assert own_keys.days_on_disk() == [NOW.date()] and readable(ref, OVER - timedelta(seconds=1))
    keeping.before_first_answer(OVER)
    assert own_keys.days_on_disk() == []
    assert LedgerEntry.objects.filter(event="VaultDestroyed").count() == 1
    assert VaultDay.objects.get().destroyed_at == OVER and SealedValue.objects.exists()
    assert keeping.keep(OVER)["vaults"] == 0 and not SealedValue.objects.exists()


def test_a_start_does_not_grow_with_the_vaults() -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            keeping.before_first_answer(OVER - timedelta(seconds=1))
        return len(asked)

    sealed(NOW)
    keeping.before_first_answer(OVER - timedelta(seconds=1))  # notes the policy, once
    with_one = statements()
    for later in range(1, 60):
        sealed(NOW + timedelta(days=later), str(later))
    assert 0 < statements() <= with_one


def test_a_database_that_is_down_saves_no_key(
    own_keys: KeyFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sealed(NOW)

    def down() -> None:
        raise DatabaseError("could not connect: password is hunter2")

    monkeypatch.setattr("upheld.promises.retention.due_vaults.newest_time", down)
    keeping.before_first_answer(OVER)
    assert own_keys.days_on_disk() == [] and "hunter2" not in caplog.text


def test_a_key_that_cannot_be_removed_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(NOW)
    monkeypatch.setattr(KeyFolder, "destroy_day", lambda *_: False)
    with pytest.raises(KeyStands):
        keeping.before_first_answer(OVER)


def test_a_broken_log_is_said_by_its_act() -> None:
    keeping.keep(NOW)
    sealed(NOW)
    destroy_due_vaults(OVER, Clock(OVER, 0.0))
    assert keeping.verify_log(OVER) == 1
    LedgerEntry.objects.update(facts="{}")
    with pytest.raises(keeping.LedgerBroken):
        keeping.verify_log(OVER)
    assert keeping.keep(OVER)["verify_log.LedgerBroken"] == 1
    assert not ledger.verify().ok


@pytest.mark.parametrize(
    ("now", "seconds", "wait"),
    [
        (NOW, 60, 60),
        (OVER - timedelta(seconds=5), 60, 5),
        (OVER - timedelta(seconds=5), 2, 2),
        (OVER, 60, 60),
        (OVER - timedelta(microseconds=1), 60, 1e-6),
    ],
)
def test_no_wait_passes_midnight(now: datetime, seconds: float, wait: float) -> None:
    assert keeping.seconds_to_wait(now, seconds) == pytest.approx(wait)


@pytest.mark.django_db(transaction=True)
def test_the_loop_survives_what_fails_and_stops_when_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds: list[str | None] = []

    def vaults(now: datetime) -> int:
        rounds.append(in_force())
        if len(rounds) < 3:
            raise DatabaseError("with a value: jane@example.com")
        return 0

    install_periodic(current(), Periodic("called", f"{__name__}:called", 1))
    monkeypatch.setattr(keeping, "_keep_vaults", vaults)
    monkeypatch.setattr(keeping, "VAULTS_SECONDS", 0.02)
    monkeypatch.setattr(keeping, "QUEUE_SECONDS", 0.05)
    stop = threading.Event()
    loop = threading.Thread(target=keeping.keep_loop, args=(stop,))
    with caplog.at_level(logging.ERROR):
        loop.start()
        deadline = time.monotonic() + 20
        while (len(rounds) < 5 or len(CALLS) < 2) and time.monotonic() < deadline:
            time.sleep(0.02)
        stop.set()
        loop.join(timeout=20)
    assert not loop.is_alive() and len(rounds) >= 5 and len(CALLS) >= 2
    assert "DatabaseError" in caplog.text and "jane" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_several_keepers_do_each_period_once() -> None:
    install_periodic(current(), Periodic("called", f"{__name__}:called", 86400))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with entry_point("command", "keep"):
                keeping._keep_vaults(NOW)
                keeping._keep_queue(NOW, threading.Event())
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == [] and len(CALLS) == 1


def test_four_hundred_days_in_one_process(own_keys: KeyFolder) -> None:
    """Sealed each day at noon, kept each midnight: on its 59th day a value opens, on its 60th it
    is refused, and no more than sixty keys ever lie on the disk."""
    began = datetime(2026, 11, 23, tzinfo=UTC)
    clock = Clock(began, 0.0)
    refs: dict[date, SealedRef] = {}
    for number in range(DAYS):
        midnight = began + timedelta(days=number)
        clock.read(midnight, number * 86400.0)
        oldest = midnight.date() - timedelta(days=59)
        over = oldest - timedelta(days=1)
        if over in refs:
            assert readable(refs[over], midnight - timedelta(seconds=1))
            assert not readable(refs[over], midnight)  # refused before any keeper came by
        destroyed = destroy_due_vaults(midnight, clock)
        assert destroyed == ([over] if over in refs else [])
        noon = midnight + timedelta(hours=12)
        refs[noon.date()] = sealed(noon, str(number))
        if oldest in refs:
            assert readable(refs[oldest], noon)
        assert len(own_keys.days_on_disk()) == min(number + 1, 60)
    gone = LedgerEntry.objects.filter(event=VaultDestroyed.__name__).order_by("index")
    assert [entry.read_facts()["day"] for entry in gone] == [
        str(began.date() + timedelta(days=n)) for n in range(DAYS - 60)
    ]
    assert ledger.verify().ok and VaultDay.objects.exclude(destroyed_at=None).count() == DAYS - 60
