"""P38: a looser policy does not reach what was collected before it. The shortest period in force
at any time since collection applies, and nobody new receives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.upheld.promises.retention.conftest import NOW, Place, place
from upheld.db.purpose import entry_point, purpose_for_test
from upheld.policy import Policy, current, install
from upheld.policy.errors import UndeclaredDisclosure
from upheld.policy.model import PastVersion
from upheld.promises.disclosure import disclose
from upheld.promises.notice.taking_up import held_to_moments
from upheld.promises.retention.due_rows import preview, remove_due
from upheld.vault import age
from upheld_store.orders.models import Order, OrderContact

__all__ = ["place"]
TABLE = "store_orders_ordercontact"
LOOSENED = NOW - timedelta(days=200)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]


@pytest.fixture
def real() -> Iterator[Policy]:
    policy = current()
    with entry_point("command", "keep"):
        yield policy
    install(policy)


def loosened(policy: Policy, until: datetime = LOOSENED, **kept: int) -> Policy:
    """The policy as a later version, after one that kept these fields for so many days."""
    past = PastVersion(
        1,
        until,
        kept.pop("vault", policy.retention.private_financial_days),
        {name.replace("__", "."): days for name, days in kept.items()},
        {name: field.recipients for name, field in policy.fields.items()},
    )
    return replace(policy, version=2, history=(*policy.history, past))


def contacts() -> set[object]:
    return set(OrderContact.objects.values_list("pk", flat=True))


def test_what_was_collected_before_keeps_its_shorter_period(real: Policy, place: Place) -> None:
    before = place(LOOSENED - timedelta(seconds=1))
    after = place(LOOSENED)
    install(loosened(real, order__email=100, order__name=100))
    assert preview(NOW) == {TABLE: 1}
    assert remove_due(NOW) == {TABLE: 1}
    with purpose_for_test("deliver_order"):
        assert contacts() == {after.pk}
    assert before.pk != after.pk


def test_without_a_history_it_would_stay(real: Policy, place: Place) -> None:
    place(LOOSENED - timedelta(seconds=1))
    assert preview(NOW) == {}


def test_one_of_its_fields_alone(real: Policy, place: Place) -> None:
    order = place(LOOSENED - timedelta(days=1))
    install(loosened(real, order__name=100))
    remove_due(NOW)
    with purpose_for_test("deliver_order"):
        assert contacts() == set() or OrderContact.objects.get(pk=order.pk).name == ""


def test_the_shortest_of_all_since_applies(real: Policy, place: Place) -> None:
    place(NOW - timedelta(days=150))
    middle = loosened(real, NOW - timedelta(days=100), order__email=140, order__name=140)
    install(loosened(middle, NOW - timedelta(days=50), order__email=400, order__name=400))
    assert preview(NOW) == {TABLE: 1}


def test_a_tightened_policy_reaches_everything(real: Policy, place: Place) -> None:
    place(NOW - timedelta(days=1100))
    install(loosened(real, order__email=4000, order__name=4000))
    assert preview(NOW) == {TABLE: 1}


@pytest.mark.parametrize("day", [date(2026, 9, 1), date(2026, 11, 1), date(2026, 11, 2)])
def test_a_vault_keeps_the_days_of_its_time(real: Policy, day: date) -> None:
    end = datetime(2026, 11, 2, tzinfo=UTC)
    longer = replace(real, retention=replace(real.retention, private_financial_days=90))
    install(loosened(longer, end, vault=60))
    days = 60 if day < end.date() else 90
    assert age.kept_days(day) == days
    over = age.destroyed_from(day, days)
    for now, gone in ((over - timedelta(seconds=1), False), (over, True)):
        assert age.is_over(day, now) is gone
        assert (age.newest_day_over(now) >= day) is gone


def send(order: Order, real: Policy) -> None:
    purpose = "deliver_order"
    with purpose_for_test(purpose):
        fields = ["order.email"]
        disclose("mail_relay", subject=order.subject_id, fields=fields, purpose=purpose, now=NOW)


def newer_recipient(real: Policy) -> Policy:
    policy = loosened(real)
    (past,) = policy.history
    nobody = {**past.recipients, "order.email": frozenset[str]()}
    return replace(policy, history=(replace(past, recipients=nobody),))


def test_nobody_new_receives_what_was_given_before(real: Policy, place: Place) -> None:
    before, after = place(LOOSENED - timedelta(hours=1)), place(LOOSENED + timedelta(hours=1))
    send(before, real)
    install(newer_recipient(real))
    send(after, real)
    with pytest.raises(UndeclaredDisclosure, match="was collected before mail_relay"):
        send(before, real)


def test_a_boundary_is_when_a_process_first_ran_by_the_successor(real: Policy) -> None:
    assert held_to_moments(real) == real
    policy = loosened(real)
    assert held_to_moments(policy).history[0].until == LOOSENED
