"""Each proof of the gate, and how it turns red."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings

from tests.upheld.promises.disclosure.conftest import Bend
from upheld.db.purpose import purpose_for_test
from upheld.policy import current
from upheld.policy.model import Agreement
from upheld.promises import consent
from upheld.promises.disclosure import Disclosure, closed, connections, disclose, gate, listing
from upheld.promises.disclosure import prove as module
from upheld.promises.disclosure.agreements import standings
from upheld.promises.proof import Proof

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
ANNA = UUID(int=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_notes(tmp_path: Path, settings: Settings) -> Iterator[None]:
    settings.UPHELD_HOME = tmp_path
    before = closed._folder[0]
    closed.close(connections.folder())
    with purpose_for_test("take_payment"):
        yield
    closed.close(before)


def proof(promise: str) -> Proof:
    return {each.promise_id: each for each in module.prove(current(), NOW)}[promise]


def paid() -> Disclosure:
    return disclose(
        "gateway", subject=ANNA, fields=["payment.reference"], purpose="take_payment", now=NOW
    )


def note(host: str, disclosure_id: int | None) -> None:
    connections.folder().mkdir(exist_ok=True)
    with (connections.folder() / "2026-12-24.txt").open("a") as file:
        words = {"at": "", "host": host, "port": 1, "disclosure": disclosure_id}
        file.write(json.dumps(words) + "\n")


def unguarded(**values: Any) -> None:
    """A row past the gate, as only SQL by hand makes one."""
    facts = {"subject_id": ANNA, "recipient": "gateway", "fields": ["payment.reference"],
             "purpose": "take_payment", "policy_version": current().version, "at": NOW}  # fmt: skip
    Disclosure(**(facts | values)).save_base(force_insert=True)


def test_with_what_is_declared_all_stand() -> None:
    note("127.0.0.1", paid().pk)
    note("127.0.0.1", paid().pk)
    found = {each.promise_id: each for each in module.prove(current(), NOW)}
    assert set(found) == {"P15", "P19", "P23", "P24", "P30", "P45"}
    assert {name: each.state for name, each in found.items()} == dict.fromkeys(found, "kept")
    assert all(each.population and len(each.figure) <= 300 for each in found.values()), found
    assert found["P19"].kind == "sworn" and "2026-06-30" in found["P19"].figure
    assert "2 connections" in found["P15"].figure and "gateway under 10" in found["P23"].figure
    assert Disclosure.objects.count() == 2  # the trials were taken back


def test_a_connection_that_nobody_recorded_is_red() -> None:
    note("127.0.0.1", 999)
    assert proof("P15").state == "broken"


def test_a_connection_to_another_than_the_recipient_is_red() -> None:
    note("elsewhere.example.com", paid().pk)
    assert proof("P15").state == "broken" and "elsewhere" in proof("P15").figure


def test_what_was_refused_is_told_and_is_no_breach() -> None:
    note("elsewhere.example.com", None)
    assert proof("P15").state == "kept" and "refused 1 times" in proof("P15").figure


def test_an_open_door_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closed, "_refuse", lambda host: None)
    assert proof("P15").state == "broken" and "socket.connect" in proof("P15").figure


@pytest.mark.parametrize(
    "values",
    [{"recipient": "ad_network"}, {"fields": ["order.email"]}, {"purpose": "support"}],
)
def test_a_row_that_the_policy_does_not_know_is_red(values: dict[str, Any]) -> None:
    unguarded(**values)
    assert proof("P23").state == "broken"


def test_a_row_of_an_earlier_version_is_judged_by_no_later_one() -> None:
    unguarded(recipient="old_relay", policy_version=current().version - 1)
    assert proof("P23").state == "kept" and "old_relay under 10" in proof("P23").figure


def test_a_row_outside_the_agreement_is_red() -> None:
    unguarded(at=datetime(2025, 12, 1, tzinfo=UTC))
    assert proof("P24").state == "broken" and "2025-12-01" in proof("P24").figure


def test_a_gate_that_does_not_look_at_agreements_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_refuse_agreement", lambda *_: None)
    assert proof("P24").state == "broken"


def test_an_agreement_that_ran_out_is_refused_and_told(bend: Bend) -> None:
    bend("recipients", "mail_relay", agreement=agreement(NOW.date() - timedelta(days=1)))
    assert proof("P24").state == "kept" and "2 of 3 " in proof("P24").figure
    assert "mail_relay: ran out" in proof("P24").figure


def test_without_the_gateways_agreement_its_promise_is_red(bend: Bend) -> None:
    bend("recipients", "gateway", agreement=agreement(NOW.date() - timedelta(days=1)))
    assert proof("P19").state == "broken"


def test_an_attestation_of_long_ago_is_late(bend: Bend) -> None:
    old = Agreement(date(2024, 1, 1), date(2028, 1, 1), date(2025, 6, 1))
    bend("recipients", "gateway", agreement=old)
    assert proof("P19").state == "late"


def test_a_form_that_takes_a_card_number_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    probe = module.probe_forms(current())
    probe.let_through.append("checkout.name")
    monkeypatch.setattr(module, "probe_forms", lambda policy: probe)
    assert proof("P19").state == "broken"


def agreement(last: date) -> Agreement:
    return Agreement(date(2026, 1, 15), last, date(2026, 6, 30))


@pytest.fixture
def by_consent(bend: Bend) -> None:
    """The mail relay gets the address by consent alone."""
    bend("purposes", "deliver_order", basis="consent")


@pytest.mark.usefixtures("by_consent")
def test_something_without_a_live_consent_is_red() -> None:
    assert proof("P30").state == "kept" and "refused 2 of 2" in proof("P30").figure
    words = {"purpose": "deliver_order", "text": "I agree.", "method": "a_test"}
    consent.give(ANNA, now=NOW - timedelta(days=2), **words)
    row = {"recipient": "mail_relay", "fields": ["order.email"], "purpose": "deliver_order"}
    unguarded(**row)
    assert proof("P30").state == "kept" and proof("P30").population == 3
    consent.withdraw(ANNA, now=NOW - timedelta(days=1), **words)
    assert proof("P30").state == "broken"


@pytest.mark.usefixtures("by_consent")
def test_a_gate_that_asks_for_no_consent_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_refuse_without_consent", lambda *_: None)
    assert proof("P30").state == "broken" and "before a consent" in proof("P30").figure


@pytest.mark.usefixtures("by_consent")
def test_a_withdrawal_that_does_not_bind_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "withdraw", lambda *_, **__: None)
    assert "after a consent" in proof("P30").figure


def test_a_list_that_leaves_one_out_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "disclosures_of", lambda subjects: [])
    assert proof("P45").state == "broken"


def test_each_person_is_shown_their_own_the_newest_first() -> None:
    paid()
    unguarded(at=NOW + timedelta(hours=1), recipient="gone", fields=["gone.field"], purpose="gone")
    unguarded(subject_id=UUID(int=2))
    newest, oldest = listing.disclosures_of([ANNA])
    assert (newest.recipient, newest.fields, newest.purpose) == ("gone", ("gone.field",), "gone")
    assert oldest.recipient == "the payment gateway, on whose own page you pay"
    assert oldest.fields == ("the gateway's reference of your payment",)
    assert (oldest.purpose, oldest.country, oldest.at) == ("to take your payment", "US", NOW)


@pytest.mark.parametrize(
    ("last", "says", "left"),
    [(-1, "ran out", 0), (0, "runs out soon", 1), (29, "runs out soon", 30), (30, "in force", 31)],
)
def test_staff_are_warned_thirty_days_ahead(last: int, says: str, left: int, bend: Bend) -> None:
    day = NOW.date()
    bend("recipients", "mail_relay", agreement=agreement(day + timedelta(days=last)))
    first = {each.recipient.name: each for each in standings(current(), day)}["mail_relay"]
    assert (first.standing, first.days_left) == (says, left)
    assert first.warns == (says != "in force") and first.is_usable == (last >= 0)
    assert (standings(current(), day)[0].warns) == (last < 30)
