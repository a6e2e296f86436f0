"""Holds in the staff pages: seen with their reason, placed and lifted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.upheld_store.staff.desk import EMAIL, an_order, member
from upheld.db.purpose import purpose_for_test
from upheld.promises.retention.models import Hold

pytestmark = pytest.mark.django_db


def test_a_hold_is_placed_and_lifted() -> None:
    order = an_order()
    _, officer = member("privacy_officer")
    until = (timezone.now() + timedelta(days=30)).date().isoformat()
    form = {"order": order.number.lower(), "reason": "a claim", "until": until}
    assert officer.post("/staff/holds/", form).status_code == 303
    page = officer.get("/staff/holds/")
    assert order.number.encode() in page.content and b"a claim" in page.content
    assert EMAIL.encode() not in page.content
    with purpose_for_test("oversee"):
        hold = Hold.objects.get()
    assert officer.post(f"/staff/holds/{hold.pk}/lift/").status_code == 303
    assert officer.post(f"/staff/holds/{hold.pk}/lift/").status_code == 303
    with purpose_for_test("oversee"):
        assert not Hold.objects.exists()


def test_what_makes_no_hold_comes_back_filled() -> None:
    _, officer = member("privacy_officer")
    form = {"order": "NONE", "reason": "a claim", "until": "2999-01-01"}
    page = officer.post("/staff/holds/", form)
    assert page.status_code == 400 and b"There is no order NONE" in page.content
    assert b"2999-01-01" in page.content


def test_the_other_pages_open() -> None:
    _, owner = member("owner")
    for path in ("/staff/promises/", "/staff/review/", "/staff/reveals/"):
        assert owner.get(path).status_code == 200
