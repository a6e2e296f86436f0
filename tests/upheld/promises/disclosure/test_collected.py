"""A recipient that joined the policy later gets nothing of what was collected before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.upheld.promises.disclosure.conftest import Bend
from tests.upheld.promises.retention.conftest import place  # noqa: F401 - a fixture
from upheld.db.purpose import purpose_for_test
from upheld.policy import current
from upheld.policy.errors import UndeclaredDisclosure
from upheld.promises import consent
from upheld.promises.disclosure import Disclosure, disclose
from upheld_store.orders.models import Order

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
SINCE = date(2026, 12, 1)
MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def send(order: Order) -> Disclosure:
    with purpose_for_test("deliver_order"):
        return disclose(
            "mail_relay", subject=order.subject_id, fields=["order.email"],
            purpose="deliver_order", now=NOW,
        )  # fmt: skip


def test_only_what_was_collected_since(place: Callable[..., Order], bend: Bend) -> None:  # noqa: F811
    before, after = place(MIDNIGHT - timedelta(seconds=1)), place(MIDNIGHT)
    assert send(before) and send(after)  # the control: it stood in the policy all along
    bend("recipients", "mail_relay", since=SINCE)
    assert send(after)
    with pytest.raises(UndeclaredDisclosure, match=r"order.email .P24. was collected before 2026"):
        send(before)


def test_whoever_consents_reads_of_the_recipient(
    place: Callable[..., Order],  # noqa: F811
    bend: Bend,
) -> None:
    order = place(MIDNIGHT - timedelta(days=9))
    bend("recipients", "mail_relay", since=SINCE)
    bend("purposes", "deliver_order", basis="consent")
    consent.give(
        order.subject_id, purpose="deliver_order", text="I agree.", method="a_test", now=NOW
    )
    assert send(order) and current().recipients["mail_relay"].since == SINCE


def test_another_persons_old_data_hold_up_nobody(
    place: Callable[..., Order],  # noqa: F811
    bend: Bend,
) -> None:
    place(MIDNIGHT - timedelta(days=9))
    bend("recipients", "mail_relay", since=SINCE)
    assert send(place(MIDNIGHT + timedelta(days=1)))
