"""A look at someone's data is on record before it happens, and told in the policy's own words."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld.ledger.models import LedgerEntry
from upheld.policy import current
from upheld.policy.errors import UndeclaredPurpose
from upheld.promises.purpose.looks import looks_at
from upheld.promises.purpose.models import Cause, Reveal
from upheld.promises.purpose.record_reveal import Looked, Viewer, Why, record_reveals

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ADA, EVE = uuid.uuid4(), uuid.uuid4()


def record(subject: uuid.UUID, *fields: str, purpose: str = "support") -> None:
    look = Looked(subject, "store_orders_order", "1", fields)
    why = Why(Cause.DELIVERY, " the file does not open ")
    with entry_point("route", "staff:reveal"):
        record_reveals([look], Viewer(3, "support"), why, NOW, shown_for=purpose)


def test_the_person_reads_role_fields_purpose_and_cause() -> None:
    record(EVE, "order.email")
    record(ADA, "order.email", "order.name")
    [look] = looks_at([ADA], current())
    assert (look.at, look.role) == (NOW, "support")
    assert look.what == [current().fields[name].words for name in ("order.email", "order.name")]
    assert look.purpose == current().purposes["support"].words
    assert "did not arrive" in look.cause


def test_what_the_policy_no_longer_names_is_told_by_its_name() -> None:
    record(ADA, "order.fax", purpose="be_curious")
    [look] = looks_at([ADA], current())
    assert (look.what, look.purpose) == (["order.fax"], "be_curious")


def test_the_words_of_staff_need_the_purpose_that_watches_over_them() -> None:
    record(ADA, "order.email")
    [row] = Reveal.objects.of_subjects([ADA])
    with pytest.raises(UndeclaredPurpose):
        row.reason  # noqa: B018  # reads the deferred column


def test_the_ledger_has_the_fact_and_no_subject() -> None:
    record(ADA, "order.email", "order.name")
    entry = LedgerEntry.objects.order_by("-pk")[0]
    assert entry.event == "DataRevealed" and str(ADA) not in entry.facts
    with purpose_for_test("oversee"):
        assert Reveal.objects.get().reason == "the file does not open"


def test_a_route_that_may_not_keep_the_record_shows_nothing() -> None:
    look = Looked(ADA, "store_orders_order", "1", ("order.email",))
    with entry_point("route", "catalog:home"), pytest.raises(UndeclaredPurpose):
        record_reveals([look], Viewer(3, "x"), Why(Cause.ASKED, "x"), NOW, shown_for="support")
