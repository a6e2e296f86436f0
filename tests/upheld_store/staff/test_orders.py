"""Staff see orders by number; a buyer's contact is shown once it is recorded who asked, and why."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.upheld_store.staff.desk import EMAIL, NAME, an_order, member
from upheld.db.purpose import purpose_for_test
from upheld.ledger.models import LedgerEntry
from upheld.promises.purpose import record_reveal as act
from upheld.promises.purpose.models import Reveal

pytestmark = pytest.mark.django_db

HIDDEN = (EMAIL.encode(), NAME.encode(), b"Hidden", b"ada.")


def test_lists_and_the_order_show_no_name() -> None:
    order = an_order()
    _, client = member("support")
    for path in ("/staff/", "/staff/orders/", "/staff/orders/?q=abcde", f"/staff/orders/{order}/"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert not [word for word in HIDDEN if word in page.content], path
    assert order.number.encode() in client.get("/staff/orders/?q=abcd").content
    assert order.number.encode() not in client.get("/staff/orders/?q=zzz").content


def test_the_contact_is_shown_after_it_was_recorded() -> None:
    order = an_order()
    staff, client = member("support")
    page = client.post(
        f"/staff/orders/{order}/reveal/", {"cause": "delivery", "reason": " cannot open the file "}
    )
    assert page.status_code == 200 and EMAIL.encode() in page.content
    assert page["Cache-Control"] == "no-store"
    with purpose_for_test("oversee"):
        row = Reveal.objects.get()
        assert (row.staff_number, row.role, row.subject_id) == (
            staff.pk, "support", order.subject_id
        )  # fmt: skip
        assert (row.about_row, row.reason) == (str(order.pk), "cannot open the file")
        assert (row.fields, row.purpose) == ("order.email order.name", "support")
    entry = LedgerEntry.objects.order_by("-pk")[0]
    assert entry.event == "DataRevealed" and EMAIL not in entry.facts
    again = client.get(f"/staff/orders/{order}/")
    assert EMAIL.encode() not in again.content and b"Shown before" in again.content


def test_what_cannot_be_recorded_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    order = an_order()
    _, client = member("support")

    def fails(*args: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(act, "append", fails)
    client.raise_request_exception = False
    page = client.post(f"/staff/orders/{order}/reveal/", {"cause": "asked", "reason": "a ticket"})
    assert page.status_code >= 500 and EMAIL.encode() not in page.content
    with purpose_for_test("oversee"):
        assert not Reveal.objects.exists()


def test_nothing_is_shown_without_a_reason() -> None:
    order = an_order()
    _, client = member("owner")
    for said in ({"cause": "asked", "reason": "  "}, {"reason": "a ticket"}, {"cause": "x"}):
        page = client.post(f"/staff/orders/{order}/reveal/", said)
        assert page.status_code == 400 and EMAIL.encode() not in page.content
    assert client.get(f"/staff/orders/{order}/reveal/").status_code in (403, 405)


def test_the_privacy_officer_reads_who_looked_and_why() -> None:
    order = an_order()
    _, support = member("support")
    support.post(
        f"/staff/orders/{order}/reveal/", {"cause": "asked", "reason": "a ticket about the file"}
    )
    _, officer = member("privacy_officer")
    page = officer.get("/staff/reveals/")
    assert b"a ticket about the file" in page.content and EMAIL.encode() not in page.content
    assert support.get("/staff/reveals/").status_code == 403


def test_the_number_of_statements_does_not_grow_with_the_list() -> None:
    _, client = member("owner")
    counts = []
    for round_ in range(2):
        for n in range(8):
            an_order(f"R{round_}N{n}-AAAAA")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/staff/orders/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
