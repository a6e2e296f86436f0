"""Act: a customer turned out to be under the minimum age. All that is theirs goes at once."""

from __future__ import annotations

from datetime import datetime

from upheld.db import for_purpose
from upheld.promises.access.people import Person, person_of_account
from upheld.promises.erasure import request_erasure
from upheld.promises.erasure.models import Erasure
from upheld_store.customers.models import Customer
from upheld_store.orders.models import Order


@for_purpose("answer_request")
def forget_customer(customer: Customer, now: datetime) -> Erasure:
    """The account and all that belongs to it, without a window to take it back: the keeper does
    it with its next round, and the receipt is mailed. Raises `ErasureRefused` for staff."""
    return request_erasure(person_of_account(customer.subject_id), now, at_once=True)


@for_purpose("answer_request")
def forget_buyer(order: Order, now: datetime) -> Erasure:
    """The same for whoever bought without an account; with one, the whole account."""
    if order.customer is not None:
        return forget_customer(order.customer, now)
    return request_erasure(Person(frozenset({order.subject_id})), now, at_once=True)
