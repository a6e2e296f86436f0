"""B15: every limit to the second, where the machine's own clock hangs in Chicago or on Kiritimati,
on the days on which clocks change, and at the end of a leap February."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from unittest.mock import patch

import pytest
from django.core import signing
from django.db import transaction
from django.http import Http404

from upheld.db.purpose import purpose_for_test
from upheld.jobs import enqueue
from upheld.jobs.models import Job
from upheld.jobs.running import LEASE
from upheld.policy import current
from upheld.policy.errors import Expired, UndeclaredDisclosure
from upheld.promises.age.birth import OLD_ENOUGH, settle
from upheld.promises.disclosure import disclose
from upheld.promises.mail.models import OutboxMail, OutboxState
from upheld.promises.mail.sending import SENDING_SECONDS_MAX
from upheld.promises.retention import due_rows
from upheld.promises.retention.due_vaults import destroy_due_keys
from upheld.vault import Clock, open_sealed, seal
from upheld.vault.keys import KeyFolder, key_folder
from upheld_store.delivery.links import LINK_SECONDS_MAX, open_link
from upheld_store.orders.models import Order, OrderContact
from upheld_store.payments.gateway import BadEvent
from upheld_store.payments.webhook_signature import AGE_SECONDS_MAX, check_signature

pytestmark = pytest.mark.django_db

ZONES = ("UTC", "America/Chicago", "Pacific/Kiritimati")
# Clocks go back, the day after, clocks go forward, 29 February, 1 March.
EDGES = tuple(
    datetime.fromisoformat(f"{day}T00:00:00+00:00")
    for day in ("2026-11-01", "2026-11-02", "2027-03-14", "2028-02-29", "2028-03-01")
)
SECOND = timedelta(seconds=1)
Allowed = Callable[[datetime], bool]


@pytest.fixture(params=ZONES)
def machine_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The zone of the machine, as the C library and so Python see it."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.fixture
def own_keys(tmp_path: object, settings: object) -> KeyFolder:
    settings.UPHELD_KEYS = tmp_path  # type: ignore[attr-defined]
    folder = KeyFolder(tmp_path)  # type: ignore[arg-type]
    for name in ("secret", "log", "order_links", "license_keys", "practice_gateway"):
        folder.make_lasting_key(name)
    return folder


def sealed_until(edge: datetime) -> Allowed:
    """Sixty days before `edge` something was sealed; may it still be read?"""
    day = edge.date() - timedelta(days=60)
    sold = datetime.combine(day, time_of_day(23, 59, 59), UTC)
    with purpose_for_test("take_payment"):
        ref = seal({"payment.card_last4": "4242"}, table="t", row="1", day=day, now=sold)

    def readable(now: datetime) -> bool:
        with purpose_for_test("take_payment"):
            try:
                return open_sealed(ref, now) == {"payment.card_last4": "4242"}
            except Expired:
                return False

    return readable


def key_until(edge: datetime) -> Allowed:
    """And does the key still stand after the keeper has been?"""
    day = edge.date() - timedelta(days=60)

    def stands(now: datetime) -> bool:
        key_folder().make_day_key(day)
        destroy_due_keys(now)
        return day in key_folder().days_on_disk()

    return stands


def contact_until(edge: datetime) -> Allowed:
    """A contact whose period ends at `edge`; is it left alone?"""
    days = current().fields["order.email"].kept_days
    assert days is not None
    seed = uuid.uuid4().hex
    order = Order.objects.create(
        number=seed[:16], subject_id=uuid.uuid4(), cart_digest=seed * 2, total_minor=100,
        currency="USD", policy_version=1, placed_at=edge - timedelta(days=days),
    )  # fmt: skip
    with purpose_for_test("deliver_order"):
        OrderContact.objects.create(order=order, email="jane@example.com")

    def kept(now: datetime) -> bool:
        with purpose_for_test("forget"):
            return "store_orders_ordercontact" not in due_rows.preview(now)

    return kept


def lease_until(edge: datetime) -> Allowed:
    """A job leased five minutes before `edge`; is it out of others' reach?"""
    enqueue("mail_links", now=edge - LEASE)
    Job.objects.update(lease_until=edge)
    return lambda now: not Job.objects.due(now).exists()


def letter_until(edge: datetime) -> Allowed:
    """A letter marked as being sent; does it still count as such?"""
    tried = edge - timedelta(seconds=SENDING_SECONDS_MAX)
    row = OutboxMail(kind="receipt", state=OutboxState.SENDING, tried_at=tried)
    return lambda now: row.is_being_sent(now, SENDING_SECONDS_MAX)


def too_young_until(edge: datetime) -> Allowed:
    """Someone whose thirteenth birthday is the UTC day that begins at `edge`."""
    born = (edge.year - 13, edge.month, edge.day)

    def refused(now: datetime) -> bool:
        today = now.astimezone(UTC).date()
        return settle(*born, minimum_years=13, today=today) != OLD_ENOUGH

    return refused


def agreement_until(edge: datetime) -> Allowed:
    """A recipient's agreement ends with the day before `edge`; may it still receive?"""
    policy = current()
    gateway = policy.recipients["gateway"]
    assert gateway.agreement is not None
    agreement = replace(
        gateway.agreement, signed=date(2020, 1, 1), expires=edge.date() - timedelta(days=1)
    )
    recipients = dict(policy.recipients) | {"gateway": replace(gateway, agreement=agreement)}
    changed = replace(policy, recipients=recipients)

    def receives(now: datetime) -> bool:
        where = "upheld.promises.disclosure.gate.current"
        with patch(where, lambda: changed), purpose_for_test("take_payment"), transaction.atomic():
            try:
                disclose(
                    "gateway", subject=uuid.uuid4(), fields=("payment.reference",),
                    purpose="take_payment", now=now,
                )  # fmt: skip
            except UndeclaredDisclosure:
                return False
        return True

    return receives


# Limits whose last moment lies just before the edge ...
ENDS_BEFORE = (
    sealed_until, key_until, contact_until, lease_until, letter_until, too_young_until,
    agreement_until,
)  # fmt: skip


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{edge:%Y-%m-%d}")
@pytest.mark.parametrize("limit", ENDS_BEFORE, ids=lambda limit: limit.__name__)
def test_until_the_second_before(
    own_keys: KeyFolder, machine_zone: str, limit: Callable[[datetime], Allowed], edge: datetime
) -> None:
    allowed = limit(edge)
    local = edge.astimezone()  # as that machine would say it
    found = [allowed(local + step * SECOND) for step in (-1, 0, 1)]
    assert found == [True, False, False]


def signature_until(edge: datetime) -> Allowed:
    """A webhook signed five minutes before."""
    at = int(edge.timestamp()) - AGE_SECONDS_MAX
    mac = hmac.new(b"key", f"{at}.body".encode(), hashlib.sha256).hexdigest()

    def taken(now: datetime) -> bool:
        try:
            check_signature(f"t={at},v1={mac}", b"body", "key", now)
        except BadEvent:
            return False
        return True

    return taken


def link_until(edge: datetime) -> Allowed:
    """A download's link made a day before: is it refused for its age, or for what it opens?"""
    with patch("django.core.signing.time.time", lambda: edge.timestamp() - LINK_SECONDS_MAX):
        token = signing.dumps([0, 0], salt="upheld_store.delivery")

    def opens(now: datetime) -> bool:
        seen: list[int] = []
        with (
            patch("django.core.signing.time.time", now.timestamp),
            patch.object(Order, "objects"),
            patch(
                "upheld_store.delivery.links.OrderLine.objects.select_related",
                lambda *names: seen.append(1) or Order.objects,
            ),
            suppress(Http404),
        ):
            open_link(token)
        return bool(seen)

    return opens


def clock_until(edge: datetime) -> Allowed:
    """A clock that was moved forty-eight hours under a running process is still believed."""
    clock = Clock(edge - timedelta(hours=48), 0.0)
    return lambda now: clock.why_implausible(now, None) is None


# ... and those in which the edge itself is still good.
ENDS_WITH = (signature_until, link_until, clock_until)


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{edge:%Y-%m-%d}")
@pytest.mark.parametrize("limit", ENDS_WITH, ids=lambda limit: limit.__name__)
def test_until_the_second_itself(
    machine_zone: str, limit: Callable[[datetime], Allowed], edge: datetime
) -> None:
    allowed = limit(edge)
    local = edge.astimezone()
    assert [allowed(local + step * SECOND) for step in (-1, 0, 1)] == [True, True, False]


def test_born_on_a_leap_day() -> None:
    """Thirteen on 1 March, where there is no 29 February."""
    days = (date(2029, 2, 28), date(2029, 3, 1))
    found = [settle(2016, 2, 29, minimum_years=13, today=day) == OLD_ENOUGH for day in days]
    assert found == [False, True]


def test_the_machines_day_would_show(own_keys: KeyFolder) -> None:
    """What the battery would see of code that counts in local days."""
    os.environ["TZ"] = "Pacific/Kiritimati"
    time.tzset()
    try:
        edge = EDGES[0]
        wrong = [(edge + step * SECOND).astimezone().date() >= edge.date() for step in (-1, 0, 1)]
    finally:
        del os.environ["TZ"]
        time.tzset()
    assert wrong != [False, True, True]
