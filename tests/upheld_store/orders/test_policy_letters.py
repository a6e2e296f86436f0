"""P38: a material change is mailed, once an address, on the ground of an order or an account."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld.promises.mail import OutboxMail
from upheld.promises.notice.models import PolicyLetter, PolicyVersion
from upheld_store.customers.models import Customer
from upheld_store.orders import policy_letters
from upheld_store.orders.models import Order, OrderContact
from upheld_store.orders.policy_letters import mail_policy_changes, render_policy_change

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LOOSER = {"words": "Your e-mail address: kept 6 years", "clause": "P05", "looser": True}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_the_job() -> Iterator[None]:
    with entry_point("job", "policy_letters"):
        yield


def version(number: int = 2, **parts: object) -> PolicyVersion:
    material = parts.pop("material", True)
    changes = [{**LOOSER, "looser": bool(material), "material": False}]
    values: dict[str, object] = {
        "version": number,
        "digest": "a" * 64,
        "facts": "{}",
        "files": "{}",
        "changes": json.dumps(changes),
        "effective": date(2026, 12, 2),
        "published_at": NOW,
        "step": "cooling_off",
        "in_force_from": date(2026, 12, 2),
        **parts,
    }
    return PolicyVersion.objects.create(**values)


def order(email: str, at: datetime = NOW - timedelta(days=3)) -> Order:
    seed = uuid.uuid4().hex
    row = Order.objects.create(
        number=seed[:16],
        subject_id=uuid.uuid4(),
        cart_digest=seed * 2,
        total_minor=100,
        currency="USD",
        policy_version=1,
        placed_at=at,
    )
    with purpose_for_test("deliver_order"):
        OrderContact.objects.create(order=row, email=email, name="Jane")
    return row


def account(email: str) -> Customer:
    customer = Customer.objects.make(NOW.date())
    with purpose_for_test("manage_account"):
        EmailAddress.objects.create(user=customer, email=email, verified=True, primary=True)
    return customer


def test_each_address_is_told_once() -> None:
    version()
    old = order("jane@example.com")
    new = order("Jane@Example.com", NOW - timedelta(days=1))
    order("ada@example.com")
    ada = account("ada@example.com")
    assert mail_policy_changes(NOW) == 2
    told = set(OutboxMail.objects.values_list("subject_id", flat=True))
    assert told == {new.subject_id, ada.subject_id} and old.subject_id not in told
    assert mail_policy_changes(NOW) == 0
    assert PolicyLetter.objects.count() == 2


def test_a_killed_run_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_letters, "_BATCH", 1)
    row = version()
    for number in range(3):
        order(f"jane{number}@example.com")
    mail_policy_changes(NOW)
    PolicyVersion.objects.filter(pk=row.pk).update(told_at=None)
    PolicyLetter.objects.filter(pk=PolicyLetter.objects.order_by("-pk")[0].pk).delete()
    order("jane0@example.com", NOW + timedelta(hours=1))
    assert mail_policy_changes(NOW + timedelta(hours=2)) == 1


@pytest.mark.parametrize(
    "parts",
    [
        {"material": False},
        {"in_force_from": None, "step": "second_person"},
        {"revoked_at": NOW},
        {"told_at": NOW},
    ],
)
def test_what_is_not_to_be_told_is_not(parts: dict[str, object]) -> None:
    version(**parts)
    order("jane@example.com")
    assert mail_policy_changes(NOW) == 0
    assert not OutboxMail.objects.exists()


def test_the_letter() -> None:
    version()
    bought, ada = order("jane@example.com"), account("ada@example.com")
    with entry_point("job", "send_mail"):
        letter = render_policy_change(str(bought.pk), NOW)
        assert letter.to == "jane@example.com"
        assert "2 December 2026" in letter.subject
        for words in ("Loosened: Your e-mail address: kept 6 years", "/privacy/changes/"):
            assert words in letter.text
        assert "kept 6 years" in letter.html
        assert render_policy_change(str(ada.pk), NOW).to == "ada@example.com"


def test_what_was_taken_back_meanwhile_is_not_told() -> None:
    row, bought = version(), order("jane@example.com")
    PolicyVersion.objects.filter(pk=row.pk).update(revoked_at=NOW)
    with entry_point("job", "send_mail"), pytest.raises(PolicyVersion.DoesNotExist):
        render_policy_change(str(bought.pk), NOW)
