"""This customer is under age: everything goes at once, and a receipt says so (P33)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests.upheld_store.account import Visitor
from tests.upheld_store.staff.desk import EMAIL, an_order, member
from upheld.db.purpose import purpose_for_test
from upheld.promises.erasure.models import Erasure
from upheld_store.customers.models import Customer
from upheld_store.orders.models import Order, OrderContact

pytestmark = pytest.mark.django_db


def pressed(client: Any, path: str) -> Any:
    """The button, and the step after it."""
    first = client.post(path)
    assert first.status_code == 200 and b"cannot be taken back" in first.content
    assert not Erasure.objects.exists()
    return client.post(path, {"sure": "on"})


def test_a_guest() -> None:
    order = an_order()
    _, client = member("privacy_officer")
    answer = pressed(client, f"/staff/orders/{order}/under-age/")
    assert answer.status_code == 303
    erasure = Erasure.objects.get()
    assert erasure.due_at <= timezone.now()
    assert EMAIL.encode() not in client.get(answer["Location"]).content


def test_an_account_with_its_orders() -> None:
    child = Visitor()
    child.register(EMAIL)
    order, customer = an_order(), Customer.objects.get()
    Order.objects.filter(pk=order.pk).update(customer=customer)
    _, client = member("owner")
    answer = pressed(client, f"/staff/orders/{order}/under-age/")
    assert answer.status_code == 303
    subjects = set(Erasure.objects.get().subjects.values_list("subject_id", flat=True))
    assert {customer.subject_id, order.subject_id} <= subjects


def test_whoever_works_here_is_refused_in_words() -> None:
    staff, client = member("owner")
    answer = pressed(client, f"/staff/customers/{staff.customer_id}/under-age/")
    assert answer.status_code == 400 and b"works here" in answer.content
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("role", ["sales", "support"])
def test_other_roles_may_not(role: str) -> None:
    order = an_order()
    _, client = member(role)
    answer = client.post(f"/staff/orders/{order}/under-age/", {"sure": "on"})
    assert answer.status_code == 403 and not Erasure.objects.exists()
    with purpose_for_test("deliver_order"):
        assert OrderContact.objects.exists()
