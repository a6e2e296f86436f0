"""`disclose()`: who may get what, for what, on which day. Each refusal, and that it writes
nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from tests.upheld.promises.disclosure.conftest import Bend
from upheld.db.purpose import no_purpose
from upheld.policy import current, install
from upheld.policy.errors import NoProofOfConsent, UndeclaredDisclosure
from upheld.policy.model import Agreement
from upheld.promises import consent
from upheld.promises.disclosure import Disclosure, disclose

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
ANNA = UUID(int=1)

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("deliver_order")]


def to_relay(
    recipient: str = "mail_relay",
    fields: Collection[str] = ("order.email",),
    purpose: str = "deliver_order",
    now: datetime = NOW,
) -> Disclosure:
    return disclose(recipient, subject=ANNA, fields=fields, purpose=purpose, now=now)


def agreement(signed: date, expires: date) -> Agreement:
    return Agreement(signed=signed, expires=expires, attested=signed)


def test_what_is_declared_is_recorded() -> None:
    row = to_relay(fields=("order.name", "order.email"))
    stored = Disclosure.objects.get(pk=row.pk)
    assert stored.fields == ["order.email", "order.name"]
    assert (stored.recipient, stored.purpose, stored.subject_id) == (
        "mail_relay",
        "deliver_order",
        ANNA,
    )
    assert (stored.policy_version, stored.at) == (current().version, NOW)


@pytest.mark.parametrize(
    ("recipient", "fields", "purpose", "says"),
    [
        ("ad_network", ("order.email",), "deliver_order", "ad_network .P24. is no declared"),
        ("mail_relay", ("payment.reference",), "deliver_order", "may not go to mail_relay"),
        ("mail_relay", ("order.shoe_size",), "deliver_order", "no declared field"),
        ("mail_relay", ("license.key",), "deliver_order", "license.key .P14. may not go"),
        ("gateway", ("payment.reference",), "deliver_order", "may get nothing for deliver_order"),
        ("gateway", ("payment.reference",), "take_payment", "while deliver_order is in force"),
        ("mail_relay", ("order.email",), "support", "may get nothing for support"),
        ("mail_relay", (), "deliver_order", "named once"),
        ("mail_relay", ("order.email", "order.email"), "deliver_order", "named once"),
    ],
)
def test_what_is_not_declared_is_refused(
    recipient: str, fields: tuple[str, ...], purpose: str, says: str
) -> None:
    with pytest.raises(UndeclaredDisclosure, match=says) as refusal:
        to_relay(recipient, fields, purpose)
    assert refusal.value.clause.startswith("P") and refusal.value.remedy
    assert not Disclosure.objects.exists()


def test_a_field_must_list_the_purpose_too(bend: Bend) -> None:
    bend("fields", "order.email", purposes=frozenset({"support"}))
    with pytest.raises(UndeclaredDisclosure, match="may not leave for deliver_order"):
        to_relay()


def test_nothing_is_disclosed_without_a_purpose_in_force() -> None:
    with no_purpose(), pytest.raises(UndeclaredDisclosure, match="while no purpose is in force"):
        to_relay()


def test_no_agreement_no_data(bend: Bend) -> None:
    bend("recipients", "mail_relay", agreement=None)
    with pytest.raises(UndeclaredDisclosure, match="signed no confidentiality agreement"):
        to_relay()


@pytest.mark.parametrize(
    ("now", "passes"),
    [
        (datetime(2026, 12, 23, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 12, 24, 0, 0, tzinfo=UTC), True),
        (datetime(2026, 12, 25, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 12, 26, 0, 0, tzinfo=UTC), False),
        # still the 25th where the clock hangs, but the 26th in UTC
        (datetime.fromisoformat("2026-12-25T20:00:00-06:00"), False),
    ],
)
def test_an_agreement_holds_on_its_utc_days(bend: Bend, now: datetime, passes: bool) -> None:
    bend("recipients", "mail_relay", agreement=agreement(date(2026, 12, 24), date(2026, 12, 25)))
    if passes:
        to_relay(now=now)
        return
    with pytest.raises(UndeclaredDisclosure, match="agreement") as refusal:
        to_relay(now=now)
    assert "[disclosure.mail_relay]" in refusal.value.remedy


def test_a_purpose_by_consent_needs_a_live_one(bend: Bend) -> None:
    bend("purposes", "deliver_order", basis="consent")
    with pytest.raises(NoProofOfConsent, match="consent"):
        to_relay()
    consent.give(ANNA, purpose="deliver_order", text="Yes.", method="form", now=NOW)
    assert to_relay().pk
    consent.withdraw(ANNA, purpose="deliver_order", text="No.", method="form", now=NOW)
    with pytest.raises(NoProofOfConsent):
        to_relay()


def test_a_record_is_neither_made_nor_changed_nor_removed_by_hand() -> None:
    row = to_relay()
    rows = Disclosure.objects.all()
    for attempt in (
        row.save,
        row.delete,
        rows.delete,
        lambda: rows.update(recipient="gateway"),
        lambda: rows.bulk_update([row], ["recipient"]),
        lambda: rows.bulk_create([row]),
        lambda: Disclosure.objects.create(recipient="mail_relay"),
    ):
        with pytest.raises(TypeError):
            attempt()
    assert Disclosure.objects.count() == 1


def test_the_gate_reads_the_policy_and_not_a_list_of_its_own() -> None:
    """Negative control: what the policy adds passes, so the refusals above come from it."""
    policy = current()
    shop = dataclasses.replace(policy.recipients["mail_relay"], name="printer")
    field = policy.fields["order.email"]
    install(
        dataclasses.replace(
            policy,
            recipients={**policy.recipients, "printer": shop},
            fields={
                **policy.fields,
                "order.email": dataclasses.replace(
                    field, recipients=field.recipients | {"printer"}
                ),
            },
        )
    )
    try:
        assert to_relay("printer").recipient == "printer"
    finally:
        install(policy)
