"""Each proof is green on a sound store and red on one whose guard is gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.upheld.promises.retention.conftest import NOW, Place
from upheld.db.purpose import entry_point, purpose_for_test
from upheld.ledger import LedgerEntry
from upheld.policy import current
from upheld.promises.proof import Proof
from upheld.promises.retention import prove_rows as rows_module
from upheld.promises.retention import seal
from upheld.promises.retention.due_rows import remove_due
from upheld.promises.retention.due_vaults import destroy_due_vaults
from upheld.promises.retention.models import Hold
from upheld.promises.retention.prove import prove
from upheld.vault import Clock, sealing
from upheld.vault.keys import KeyFolder
from upheld.vault.models import SealedValue, VaultDay

YEARS = timedelta(days=1095)
OVER = datetime(2027, 1, 22, tzinfo=UTC)  # NOW's day + 60

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]


@pytest.fixture(autouse=True)
def _as_the_prover() -> Iterator[None]:
    with entry_point("command", "prove"):
        yield


def proof(promise: str, now: datetime) -> Proof:
    return {found.promise_id: found for found in prove(current(), now)}[promise]


def sealed(now: datetime = NOW) -> None:
    with purpose_for_test("take_payment"):
        seal({"payment.card_last4": "4242"}, table="payments", row="7", day=now.date(), now=now)


def test_a_sound_store(place: Place, own_keys: KeyFolder) -> None:
    place(NOW - timedelta(days=219))
    sealed()
    vaults, rows = proof("P20", NOW), proof("P05", NOW)
    assert (vaults.state, vaults.kind, vaults.population) == ("kept", "tested", 1 + 1 + 2)
    assert (rows.state, rows.kind, rows.population) == ("kept", "counted", 2)
    assert "20% of its period" in rows.figure and len(vaults.figure) <= 300


def test_an_empty_store_proves_by_what_it_plants() -> None:
    assert proof("P20", NOW).state == "kept" and proof("P05", NOW).population == 1


def test_a_proof_leaves_nothing_behind(own_keys: KeyFolder) -> None:
    prove(current(), NOW)
    assert not SealedValue.objects.exists() and not VaultDay.objects.exists()
    assert not Hold.objects.exists() and not LedgerEntry.objects.exists()
    assert own_keys.days_on_disk() == [NOW.date()]  # today's own key, which any seal makes


def test_backups_are_tried_even_where_there_are_none() -> None:
    found = proof("P43", NOW)
    assert (found.state, found.kind, found.population) == ("kept", "tested", 1)


def test_red_when_age_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "is_over", lambda *_: False)
    found = proof("P20", NOW)
    assert found.state == "broken" and "day - 60" in found.figure


def test_red_when_the_last_day_does_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "is_over", lambda *_: True)
    monkeypatch.setattr(sealing, "refuse_by_age", lambda *_: None)
    monkeypatch.setattr(sealing, "decrypt", lambda *_: "other")
    assert proof("P20", NOW).state == "broken"


def test_red_when_an_old_value_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Age is asked of the scratch value but forgotten for what is old: tried one by one."""
    sealed()
    real = sealing.is_over
    monkeypatch.setattr(sealing, "is_over", lambda day, now: day != NOW.date() and real(day, now))
    found = proof("P20", OVER)
    assert found.state == "broken" and str(NOW.date()) in found.figure


def test_late_then_broken_when_a_key_stands() -> None:
    sealed()
    assert proof("P20", OVER - timedelta(seconds=1)).state == "kept"
    late = proof("P20", OVER)
    assert late.state == "late" and str(NOW.date()) in late.figure
    assert proof("P20", OVER + timedelta(hours=24)).state == "late"
    assert proof("P20", OVER + timedelta(hours=24, seconds=1)).state == "broken"


def test_broken_at_once_when_a_keeper_says_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: destroying records the day and leaves the key."""
    sealed()
    monkeypatch.setattr(
        "upheld.promises.retention.due_vaults.destroy_due_keys", lambda now: [NOW.date()]
    )
    destroy_due_vaults(OVER, Clock(OVER, 0.0))
    assert proof("P20", OVER).state == "broken"


def test_kept_again_once_it_is_destroyed() -> None:
    sealed()
    destroy_due_vaults(OVER + timedelta(hours=9), Clock(OVER + timedelta(hours=9), 0.0))
    assert proof("P20", OVER + timedelta(hours=9)).state == "kept"


def test_late_for_a_day_when_a_key_came_back(own_keys: KeyFolder) -> None:
    sealed()
    copy = (own_keys.days / f"{NOW.date()}.key").read_bytes()
    destroy_due_vaults(OVER, Clock(OVER, 0.0))
    (own_keys.days / f"{NOW.date()}.key").write_bytes(copy)
    later = OVER + timedelta(hours=2)
    destroy_due_vaults(later, Clock(later, 0.0))
    assert proof("P20", later).state == "late"
    assert proof("P20", later + timedelta(hours=25)).state == "kept"


def test_a_halted_destruction_is_said(own_keys: KeyFolder) -> None:
    sealed()
    clock = Clock(NOW, 0.0)
    clock.read(OVER, 60.0)
    destroy_due_vaults(OVER, clock)
    found = proof("P20", OVER)
    assert found.state == "late" and "halted" in found.figure


def test_a_stranger_among_the_keys_is_broken(own_keys: KeyFolder) -> None:
    (own_keys.days / "copies.tar").write_bytes(b"")
    assert proof("P20", NOW).state == "broken"


def test_a_copied_key_is_broken(own_keys: KeyFolder) -> None:
    sealed()
    (own_keys.path / "days.old").mkdir()
    shutil.copy(own_keys.days / f"{NOW.date()}.key", own_keys.path / "days.old")
    assert proof("P20", NOW).state == "broken"


def test_a_lost_key_is_not_proven(own_keys: KeyFolder) -> None:
    sealed(NOW - timedelta(days=1))
    own_keys.destroy_day(NOW.date() - timedelta(days=1))
    found = proof("P20", NOW)
    assert found.state == "unproven" and "lost" in found.figure


def test_without_a_purpose_it_is_not_proven() -> None:
    with entry_point("command", "seed"):
        found = proof_vaults_only()
    assert (found.state, found.population) == ("unproven", None)


def proof_vaults_only() -> Proof:
    from upheld.promises.retention.prove_vaults import prove_vaults

    return prove_vaults(current(), NOW)


def test_red_when_nothing_is_removed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "remove_from", lambda *_: 0)
    assert proof("P05", NOW).state == "broken"


def test_late_then_broken_when_a_row_outlives_its_period(place: Place) -> None:
    place(NOW - YEARS)
    states = [proof("P05", NOW + timedelta(hours=h)).state for h in (0, 2, 3, 24, 25, 9000)]
    assert states == ["kept", "kept", "late", "late", "broken", "broken"]
    with entry_point("command", "keep"):
        remove_due(NOW)
    assert proof("P05", NOW + timedelta(hours=25)).state == "kept"


def test_a_held_row_breaks_nothing(place: Place) -> None:
    order = place(NOW - 2 * YEARS)
    assert proof("P05", NOW).state == "broken"
    with purpose_for_test("oversee"):
        Hold.objects.create(
            subject_id=order.subject_id,
            reason="a claim",
            until=NOW.date() + timedelta(days=9),
            made_at=NOW,
        )
    assert proof("P05", NOW).state == "kept"


def test_the_number_is_the_policys(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed()
    policy = current()
    shorter = replace(policy, retention=replace(policy.retention, private_financial_days=30))
    monkeypatch.setattr("upheld.vault.age.current", lambda: shorter)
    found = {p.promise_id: p for p in prove(shorter, NOW + timedelta(days=30))}["P20"]
    assert found.state == "late"
