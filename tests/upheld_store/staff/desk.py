"""Members of the staff, each behind a browser that used a second factor."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from importlib import import_module

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.test import Client

from upheld.db.purpose import purpose_for_test
from upheld_store.customers.models import Customer
from upheld_store.orders.models import Order, OrderContact
from upheld_store.staff.models import StaffMember

OWN = {"HTTP_SEC_FETCH_SITE": "same-origin"}
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
EMAIL, NAME = "ada.hidden@example.com", "Ada Hidden"


def account(*, second_factor: bool = True) -> Customer:
    """An account with a password, and with an authenticator app."""
    with purpose_for_test("manage_account"):
        customer = Customer.objects.make(NOW.date(), is_staff=True)
        customer.set_password("a long enough password")
        customer.save(update_fields=["password"])
        if second_factor:
            Authenticator.objects.create(
                user=customer, type=Authenticator.Type.TOTP, data={"secret": "none"}
            )
    return customer


def browser(customer: Customer, *, used_second_factor: bool = True, afresh: bool = False) -> Client:
    """A browser that this account is signed in with; `afresh` lets it do what asks once more."""
    client = Client(**OWN)
    engine = import_module(settings.SESSION_ENGINE)
    request = HttpRequest()
    request.session = engine.SessionStore()
    with purpose_for_test("keep_signed_in"):
        login(request, customer, backend=settings.AUTHENTICATION_BACKENDS[0])
        records = [{"method": "password", "at": time.time(), "reauthenticated": afresh}]
        if used_second_factor:
            used = {"method": "mfa", "at": time.time(), "type": "totp", "reauthenticated": afresh}
            records.append(used)
        request.session["account_authentication_methods"] = records
        request.session["account_authentication_methods_user"] = str(customer.pk)
        request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return client


def member(role: str, *, afresh: bool = False) -> tuple[StaffMember, Client]:
    """Someone in this role, and their browser."""
    customer = account()
    row = StaffMember.objects.create(customer=customer, role=role, since=NOW.date())
    return row, browser(customer, afresh=afresh)


def an_order(number: str = "ABCDE-FGHJK", state: str = "paid") -> Order:
    """An order whose buyer has a name that nobody should see by chance."""
    order = Order.objects.create(
        number=number,
        subject_id=uuid.uuid4(),
        cart_digest=uuid.uuid4().hex * 2,
        quote_digest="0" * 64,
        state=state,
        total_minor=1900,
        currency="USD",
        policy_version=1,
        placed_at=NOW - timedelta(days=1),
        paid_at=NOW,
    )
    with purpose_for_test("deliver_order"):
        OrderContact.objects.create(order=order, email=EMAIL, name=NAME)
    return order
